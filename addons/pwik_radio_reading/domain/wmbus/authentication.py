"""Authentication and fragmentation layer, AFL, of EN 13757-7 (6): CI 90."""

from dataclasses import dataclass

from ..errors import TruncatedError, UnknownEncodingError

CI = 0x90
MORE, CONTROL, LENGTH, COUNTER, MAC, KEY_INFO = 0x4000, 0x2000, 0x1000, 0x0800, 0x0400, 0x0200
_MAC_SIZES = {0: 0, 3: 2, 4: 4, 5: 8, 6: 12, 7: 16, 8: 12}
CMAC_TYPES = frozenset((3, 4, 5, 6, 7))


@dataclass(frozen=True, slots=True)
class Authentication:
    """``signed``: what the MAC covers besides the rest of the message; ``counter``: message counter or None."""

    control: int
    counter: int | None
    mac: bytes
    signed: bytes


def parse(body: bytes) -> tuple[Authentication, bytes]:
    """Take the layer off; the rest begins with the CI of the transport layer. Raises TruncatedError, UnknownEncodingError."""
    end = 2 + body[1] if len(body) > 1 else 2
    if len(body) <= end or end < 4:
        raise TruncatedError("the authentication layer is cut")
    fields = int.from_bytes(body[2:4], "little")
    if fields & MORE or fields & 0xFF > 1:
        raise UnknownEncodingError("a message in several fragments")
    layer, position = _fields(body[:end], fields)
    if position != end:
        raise TruncatedError("the authentication layer does not fill its length")
    return layer, body[end:]


def _fields(raw: bytes, fields: int) -> tuple[Authentication, int]:
    control, counter, mac, signed, position = 0, None, b"", b"", 4
    if fields & CONTROL:
        control, signed, position = raw[4] if len(raw) > 4 else 0, raw[4:5], 5
    if fields & KEY_INFO:
        position += 2
    if fields & COUNTER:
        part = raw[position : position + 4]
        counter, signed, position = int.from_bytes(part, "little"), signed + part, position + 4
    if fields & MAC:
        size = _MAC_SIZES.get(control & 0x0F)
        if size is None:
            raise UnknownEncodingError(f"authentication type {control & 0x0F}")
        mac, position = raw[position : position + size], position + size
    if fields & LENGTH:
        signed, position = signed + raw[position : position + 2], position + 2
    return Authentication(control, counter, mac, signed), position
