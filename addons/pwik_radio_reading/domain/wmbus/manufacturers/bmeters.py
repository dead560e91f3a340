"""BMeters: Hydrodigit with alarms and month ends in the maker's own data after DIF 0F; IWM-TX5."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from ... import alarms
from ...errors import BadCrcError
from ..dates import month_end
from ..driver import ANY, Driver, Frame, Values
from ..heads import scale_of
from ..interpret import choose_target

# Contents announced by the first byte, in the order in which they follow, with their sizes.
_PARTS = ((0x01, 1), (0x02, 4), (0x80, 3), (0x04, 4), (0x10, 36))
_FRAUD, _LEAK, _MONTHS = 0x02, 0x80, 0x10
FRAUD = {0x80: alarms.MAGNET, 0x40: alarms.TAMPER, 0x20: alarms.DETACHED}
STATUS = {  # the manual's table of alarm flags
    0x03: alarms.LEAK,
    0x10: alarms.BURST,
    0x20: alarms.OVERLOAD,
    0x40: alarms.BACKFLOW,
}
_NONE = 0xFFFFFF
_DAY_AT, _LAST_DAY = (
    36,
    (b"", b"\x00", b"\x2f"),
)  # after the months: the day that they are told for, 0 for the last
_COARSER = 10  # month ends are told in tens of the register's unit
_FRESH = timedelta(days=35)  # an event older than this was told by earlier telegrams


def refine(frame: Frame, values: Values) -> None:
    """Raises BadCrcError when two bytes are left over and the rest is not exactly as the meter builds it."""
    if values.doubtful and not _is_whole(values):
        raise BadCrcError("two bytes after the encrypted blocks, but no checksum that fits")
    for part, data in _parts(values.vendor):
        if part == _FRAUD and _is_fresh(data[1:], values):
            values.alarms |= alarms.from_bits(data[0], FRAUD)
        elif part == _LEAK and _is_fresh(data, values):
            values.alarms.add(alarms.LEAK)
        elif part == _MONTHS and values.time is not None and data[_DAY_AT:] in _LAST_DAY:
            values.history += _month_ends(data, values.time.date(), _unit(values))
            choose_target(values)


def _is_whole(values: Values) -> bool:
    """Register, clock, the announced parts, fillers up to the end of the block; then the two bytes."""
    size = 1 + sum(size for part, size in _PARTS if values.vendor[:1] and values.vendor[0] & part)
    return (
        tuple(record.head for record in values.records) == (b"\x0c\x13", b"\x04\x6d")
        and values.time is not None
        and not values.vendor[size:-2].strip(b"\x2f")
    )


def _parts(vendor: bytes) -> Iterator[tuple[int, bytes]]:
    if not vendor:
        return
    start = 1
    for part, size in _PARTS:
        if vendor[0] & part:
            if start + size > len(vendor):
                return
            yield part, vendor[start : start + size + (part == _MONTHS)]
            start += size


def _is_fresh(raw: bytes, values: Values) -> bool:
    """``raw``: year, month, day in decimal digits."""
    try:
        day = date(2000 + int(raw[:1].hex()), int(raw[1:2].hex()), int(raw[2:3].hex()))
    except ValueError:
        return False
    return values.time is None or values.time.date() - day <= _FRESH


def _unit(values: Values) -> Decimal:
    total = next((record for record in values.records if record.quantity == "volume"), None)
    return scale_of(total.head) * _COARSER if total is not None else Decimal("0.01")


def _month_ends(data: bytes, today: date, unit: Decimal) -> list[tuple[date, Decimal]]:
    """Registers at the ends of January to December, in ``unit``; the last twelve ends before today."""
    found = []
    for back in range(1, 13):
        day = month_end(today, back)
        number = int.from_bytes(data[3 * day.month - 3 : 3 * day.month], "little")
        if number and number != _NONE:
            found.append((day, number * unit))
    return found


DRIVERS = (
    Driver(
        "hydrodigit",
        tuple(("BMT", version, ANY) for version in (0x13, 0x15, 0x17)),
        refine=refine,
        status=STATUS,
        judges_tail=True,
    ),
    Driver("iwmtx5", (("BMT", 0x18, ANY),), status={0x40: alarms.TAMPER}),
)
