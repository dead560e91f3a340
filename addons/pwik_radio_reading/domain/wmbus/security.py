"""Encryption of EN 13757-7: AES-128 in the ways that meters use it, and the key derivation of OMS (volume 2, 9.5)."""

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.cmac import CMAC

from ..errors import BadKeyError

KEY_SIZE = 16
ENCRYPTION, AUTHENTICATION = 0x00, 0x01  # derivation constants, OMS volume 2, table 44


def check_key(key: bytes | None) -> bytes | None:
    """The key itself when it has 16 bytes, or None. Raises BadKeyError."""
    if key is not None and len(key) != KEY_SIZE:
        raise BadKeyError(f"{len(key)} bytes, not {KEY_SIZE}")
    return key


# What chains the blocks is done here: for the few blocks of a telegram the library needs twice as long to prepare a mode that
# chains as for the bare cipher.
_BARE = modes.ECB()
_COUNTERS = 1 << 128


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(len(one), "big")


def cbc_decrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """AES-128-CBC without padding; ``data`` in whole blocks."""
    opened = Cipher(AES128(key), _BARE).decryptor().update(data)
    return _xor(opened, (iv + data)[: len(data)])


def ctr_decrypt(key: bytes, counter: bytes, data: bytes) -> bytes:
    """AES-128-CTR; ``counter``: the first counter block."""
    first = int.from_bytes(counter, "big")
    blocks = range(first, first - (-len(data) // KEY_SIZE))
    counters = b"".join((block % _COUNTERS).to_bytes(KEY_SIZE, "big") for block in blocks)
    stream = Cipher(AES128(key), _BARE).encryptor().update(counters)
    return _xor(data, stream[: len(data)])


def cmac(key: bytes, data: bytes) -> bytes:
    """AES-128-CMAC, 16 bytes."""
    mac = CMAC(AES128(key))
    mac.update(data)
    return mac.finalize()


def derive(key: bytes, use: int, counter: int, meter: bytes) -> bytes:
    """Ephemeral key of one message: ``use`` | message counter | meter id (as sent) | 07 × 7 (OMS volume 2, 9.5.4)."""
    return cmac(key, bytes([use]) + counter.to_bytes(4, "little") + meter + b"\x07" * 7)


def header_iv(address: bytes, access: int) -> bytes:
    """Initial vector of mode 5: M, A and eight times the access number (EN 13757-7, 7.6.4)."""
    return address + bytes([access]) * 8
