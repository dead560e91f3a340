"""Encryption of EN 13757-7: AES-128 in the ways that meters use it, and the key derivation of OMS (volume 2, 9.5)."""

from typing import Any

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


class Key(bytes):
    """A key for several telegrams: what the library prepares for it, which costs most, is kept with it and goes with it.

    Else as its 16 bytes, of which no text shows any.
    """

    opener: Any = None  # deciphers
    closer: Any = None  # enciphers

    def __repr__(self) -> str:
        return "<key>"

    __str__ = __repr__


# What chains the blocks is done here: for the few blocks of a telegram the library needs twice as long to prepare a mode that
# chains as for the bare cipher, which moreover knows nothing of the blocks before, so that it serves telegram after telegram.
_BARE = modes.ECB()
_COUNTERS = 1 << 128


def _cipher(key: bytes) -> Cipher:
    # its own copy: the library keeps what it is given where no garbage collector looks, and a Key that it kept would keep it
    return Cipher(AES128(bytes(key)), _BARE)


def _opener(key: bytes) -> Any:
    if type(key) is not Key:
        return _cipher(key).decryptor()
    if key.opener is None:
        key.opener = _cipher(key).decryptor()
    return key.opener


def _closer(key: bytes) -> Any:
    if type(key) is not Key:
        return _cipher(key).encryptor()
    if key.closer is None:
        key.closer = _cipher(key).encryptor()
    return key.closer


def xor(one: bytes, other: bytes) -> bytes:
    """Each bit of one or the other; both have the same size."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(len(one), "big")


def cbc_decrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """AES-128-CBC without padding; ``data`` in whole blocks."""
    opened = _opener(key).update(data)
    return xor(opened, (iv + data)[: len(data)])


def ctr_decrypt(key: bytes, counter: bytes, data: bytes) -> bytes:
    """AES-128-CTR; ``counter``: the first counter block."""
    first = int.from_bytes(counter, "big")
    blocks = range(first, first - (-len(data) // KEY_SIZE))
    counters = b"".join((block % _COUNTERS).to_bytes(KEY_SIZE, "big") for block in blocks)
    stream = _closer(key).update(counters)
    return xor(data, stream[: len(data)])


def cmac(key: bytes, data: bytes) -> bytes:
    """AES-128-CMAC, 16 bytes."""
    mac = CMAC(AES128(bytes(key)))
    mac.update(data)
    return mac.finalize()


def derive(key: bytes, use: int, counter: int, meter: bytes) -> bytes:
    """Ephemeral key of one message: ``use`` | message counter | meter id (as sent) | 07 × 7 (OMS volume 2, 9.5.4)."""
    return cmac(key, bytes([use]) + counter.to_bytes(4, "little") + meter + b"\x07" * 7)


def header_iv(address: bytes, access: int) -> bytes:
    """Initial vector of mode 5: M, A and eight times the access number (EN 13757-7, 7.6.4)."""
    return address + bytes([access]) * 8
