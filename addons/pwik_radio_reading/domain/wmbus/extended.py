"""Extended link layer of EN 13757-4 (12): CI 8C, 8D, 8E, 8F."""

from dataclasses import dataclass

from ..errors import NoKeyError, TruncatedError, UnknownEncodingError, WrongKeyError
from . import security
from .address import Address
from .crc import crc16

# CI: (receiver's address present, session number and payload checksum present)
KINDS = {0x8C: (False, False), 0x8D: (False, True), 0x8E: (True, False), 0x8F: (True, True)}
PLAIN, AES_CTR = 0, 1


@dataclass(frozen=True, slots=True)
class Extended:
    """``session``: None without session number; ``encryption``: bits 29 to 31 of it."""

    communication: int
    access: int
    address: Address | None
    session: bytes | None

    @property
    def encryption(self) -> int:
        return self.session[3] >> 5 if self.session else PLAIN


def parse(body: bytes, address: Address | None, key: bytes | None) -> tuple[Extended, bytes, bool]:
    """Take the extended link layer off, decrypted and checked; the rest begins with the next CI field.

    The third value: whether ``key`` opened it.

    Raises TruncatedError, NoKeyError, WrongKeyError, UnknownEncodingError.
    """
    with_address, with_session = KINDS[body[0]]
    size = 3 + 8 * with_address + 6 * with_session
    if len(body) <= size:
        raise TruncatedError("the extended link layer is cut")
    other = Address.from_link(body[3:11]) if with_address else None
    if not with_session:
        return Extended(body[1], body[2], other, None), body[size:], False
    start = size - 6
    layer = Extended(body[1], body[2], other, body[start : start + 4])
    return layer, *_open(layer, body[start + 4 :], address, key)


def _open(layer: Extended, data: bytes, address: Address | None, key: bytes | None) -> tuple[bytes, bool]:
    """``data``: checksum and payload, both encrypted (EN 13757-4, 12.2.8). Gives the payload, and whether ``key`` opened it."""
    if layer.encryption not in (PLAIN, AES_CTR):
        raise UnknownEncodingError(f"encryption {layer.encryption} of the extended link layer")
    if len(data) < 3:
        raise TruncatedError("no payload after the extended link layer")
    if layer.encryption == AES_CTR and key is not None:
        for sender in (address, layer.address):
            if sender is None:
                continue
            plain = security.ctr_decrypt(key, _counter(layer, sender), data)
            if _fits(plain):
                return plain[2:], True
    if _fits(data):
        return data[2:], False  # opened already by whoever recorded it
    if layer.encryption == AES_CTR and key is None:
        raise NoKeyError()
    raise WrongKeyError("the checksum of the decrypted payload is wrong")


def _counter(layer: Extended, sender: Address) -> bytes:
    """First counter block: M, A, CC, SN, frame number 0, block counter 0."""
    return sender.raw + bytes([layer.communication]) + (layer.session or b"") + bytes(3)


def _fits(data: bytes) -> bool:
    return crc16(data[2:]) == data[0] | data[1] << 8
