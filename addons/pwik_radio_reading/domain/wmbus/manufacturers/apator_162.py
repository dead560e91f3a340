"""Apator AT-WMBUS-16-2: a list of registers of the maker's own after DIF 0F.

After 0F: 4 bytes date, 3 bytes faults, then a register number and its data, one after another; FF fills up to the last
two bytes, which hold the CRC-16 of the list (not with all modules, so that it is only asked for where it is needed).
"""

from datetime import date, datetime
from decimal import Decimal

from ...errors import BadCrcError, ImplausibleError, TruncatedError, UnknownEncodingError
from ..crc import crc16
from ..driver import Driver, Frame, Values
from ..transport import CHECK

_HEAD = 8  # DIF, date, faults
_TOTAL, _FILL = 0x10, 0xFF
_SIZES = {
    0x00: 4,  # date
    0x01: 3,  # faults
    _TOTAL: 4,
    0x11: 2,  # flow
    0x40: 6,  # detectors
    0x41: 2,  # voltage
    0x42: 4,
    0x43: 2,  # days of life
    0x44: 3,
    0x8A: 9,
    0x8B: 6,
    0x8C: 6,
    0x8E: 7,
    0xA0: 4,
    0xA1: 4,
    0xA2: 1,
    0xA3: 7,
    0xA4: 4,
    0xA5: 1,
    0xA6: 3,
    0xA9: 1,
    0xAF: 1,
    0xB0: 5,
    0xB1: 8,
    0xB2: 16,
    0xB3: 8,
    0xB4: 2,
    0xB5: 16,
    0xD0: 3,
    0xD3: 3,
    0xF0: 4,
}
_SIZES.update({0x70 + months: 1 + 4 * (months + 1) for months in range(16)})  # past months
_SIZES.update(dict.fromkeys((0x80, 0x81, 0x82, 0x83, 0x84, 0x86, 0x87), 10))  # events
_SIZES.update(dict.fromkeys((0x85, 0x88, 0x8F), 11))
_SIZES.update(dict.fromkeys((0xA7, 0xA8, 0xAA, 0xAB, 0xAC, 0xAD), 2))
_SIZES.update(dict.fromkeys((*range(0xB6, 0xC0), *range(0xC0, 0xC8)), 3))


_MOST_M3 = Decimal(1_000_000)
_LAST_DAY = 28
_MONTHS = range(0x70, 0x80)


def read(frame: Frame, payload: bytes) -> Values:
    """Raises UnknownEncodingError, TruncatedError when the list does not come out even, ImplausibleError."""
    size = (frame.transport.blocks or len(payload)) * 16
    listed = payload[:size].removeprefix(CHECK)
    if len(payload) > size and crc16(listed[:-2]) != int.from_bytes(listed[-2:], "big"):
        raise BadCrcError("neither the list nor the frame around it has the right checksum")
    registers = _registers(listed)
    total = registers.get(_TOTAL)
    if total is None:
        raise UnknownEncodingError("no register of the total volume")
    values = Values(total=Decimal(int.from_bytes(total, "little")).scaleb(-3))
    _add_months(
        values, next((data for number, data in registers.items() if number in _MONTHS), b""), frame.received
    )
    if values.total >= _MOST_M3 or values.target is not None and values.target > values.total:
        raise ImplausibleError(
            f"a register of {values.total} m³ after {values.target} m³ at the end of the month"
        )
    return values


def _add_months(values: Values, data: bytes, received: datetime | None) -> None:
    """Registers at the same day of past months: that day (01 with most), then litres, newest first; 0 before mounting.

    The meter does not tell the month, so only the reception does, and not when that is at the turn of the day itself.
    """
    amounts = [int.from_bytes(data[start : start + 4], "little") for start in range(1, len(data), 4)]
    if not any(amounts):
        return
    values.target = Decimal(amounts[0]).scaleb(-3)
    if received is None or not 1 <= data[0] <= _LAST_DAY:
        return
    newest = received.date().replace(day=data[0])
    if newest > received.date():
        newest = same_day(newest, 1)
    if (received.date() - newest).days <= 1 or (same_day(newest, -1) - received.date()).days <= 1:
        return
    values.history = [
        (same_day(newest, back), Decimal(amount).scaleb(-3)) for back, amount in enumerate(amounts) if amount
    ]
    if amounts[0]:
        values.target_date = newest


def same_day(day: date, back: int) -> date:
    """The same day of the month ``back`` months before; days up to 28."""
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, day.day)


def _registers(data: bytes) -> dict[int, bytes]:
    """Registers by number. ``data``: from DIF 0F on; ends in fill bytes and the checksum of the list."""
    found: dict[int, bytes] = {}
    position, end = _HEAD, len(data) - 2
    while position < end and data[position] != _FILL:
        number = data[position]
        size = _SIZES.get(number)
        if size is None:
            raise UnknownEncodingError(f"register {number:02X}")
        position += 1
        if position + size > end:
            raise TruncatedError(f"register {number:02X} is cut")
        found.setdefault(number, data[position : position + size])
        position += size
    if data[position:end].strip(bytes([_FILL])):
        raise UnknownEncodingError("data after the last register")
    return found


DRIVERS = (Driver("apator162", (("APA", 0x05, None),), read=read),)
