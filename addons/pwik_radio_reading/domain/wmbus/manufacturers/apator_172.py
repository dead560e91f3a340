"""Apator AT-WMBUS-17-2: CI A0, then the register in thirds of a cubic metre (u32); the rest is not known."""

from decimal import Decimal

from ...errors import TruncatedError
from ..driver import ANY, Driver, Frame, Values
from .apator_08 import SIZES

_MICRO = Decimal("0.000001")


def read(frame: Frame) -> Values:
    """Raises TruncatedError."""
    if len(frame.body) not in SIZES:
        raise TruncatedError(f"{len(frame.body)} bytes after the link layer")
    frame.mode = "own"
    thirds = Decimal(int.from_bytes(frame.body[1:5], "little"))
    return Values(total=(thirds / 3).quantize(_MICRO))


DRIVERS = (Driver("apator172", (("APT", 0x04, ANY),), cis=frozenset((0xA0,)), own=read),)
