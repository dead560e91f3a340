"""Apator AT-WMBUS-08: CI A0, then the register in thirds of a litre (u32); the rest is not known."""

from decimal import Decimal

from ...errors import TruncatedError
from ..driver import ANY, Driver, Frame, Values

_THIRDS = Decimal(3000)
_MICRO = Decimal("0.000001")
SIZES = (19, 106)  # from the CI on: the short frame, and the one with past values


def read(frame: Frame) -> Values:
    """Raises TruncatedError."""
    if len(frame.body) not in SIZES:
        raise TruncatedError(f"{len(frame.body)} bytes after the link layer")
    frame.mode = "own"
    thirds = int.from_bytes(frame.body[1:5], "little")
    return Values(total=(thirds / _THIRDS).quantize(_MICRO))


DRIVERS = (Driver("apator08", (("APT", 0x0F, ANY), ("APT", 0x03, ANY)), cis=frozenset((0xA0,)), own=read),)
