"""Zenner: minomess with its error flags; an older module with only the maker's own data after DIF 0F."""

from decimal import Decimal

from ... import alarms
from ...errors import UnknownEncodingError
from ..driver import ANY, Driver, Frame, Values

MINOMESS_FLAGS = {
    0x8000: alarms.BURST,
    0x4000: alarms.DETACHED,
    0x2000: alarms.LEAK,
    0x0800: alarms.BACKFLOW,
    0x0004: alarms.BATTERY_LOW,
}
_SIZES = (12, 13)  # status, this month's use, register, at times one byte
_PARTS = Decimal(256_000)  # of a cubic metre


def read_0b(frame: Frame, values: Values) -> None:
    """Raises UnknownEncodingError."""
    data = values.vendor.rstrip(b"\x2f") if len(values.vendor) > _SIZES[-1] else values.vendor
    if values.records or len(data) not in _SIZES:
        raise UnknownEncodingError(f"{len(data)} bytes of the maker's own data")
    values.total = (int.from_bytes(data[8:12], "little") / _PARTS).quantize(Decimal("0.001"))
    if data[:4] != bytes(4):
        values.alarms.add(alarms.DEVICE_ERROR)


DRIVERS = (
    Driver("zenner0b", (("ZRI", 0x0B, 0x16),), refine=read_0b),
    Driver("minomess", (("ZRI", 0x00, ANY), ("ZRI", 0x01, ANY), ("MIN", ANY, ANY)), flags=MINOMESS_FLAGS),
)
