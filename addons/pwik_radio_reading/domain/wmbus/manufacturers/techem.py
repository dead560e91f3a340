"""Techem mkradio 3 and 4: CI A2, use since a due day and before it, in tenths of a cubic metre.

After the CI: kind, u16 due day, u16 register at the due day, u16 day now, u16 use since then.
"""

from datetime import date, datetime
from decimal import Decimal

from ...errors import BadCrcError, TruncatedError, UnknownEncodingError
from ..driver import Driver, Frame, Values
from ..link import may_be_damaged_b

_SIZE = 10  # CI, kind, due day, register, day now, use
_SIZES = frozenset((32, 38, 45))  # from the CI on
_TENTH = Decimal("0.1")
_KIND_3A = 0x0C
_WATER_KINDS = frozenset((0x06,))


def _body(frame: Frame) -> bytes:
    if len(frame.body) < _SIZE:
        raise TruncatedError("the Techem part is cut")
    if may_be_damaged_b(frame.link.frame, len(frame.body), _SIZES):
        raise BadCrcError("two bytes too many, but no checksum that fits")
    return frame.body


def _numbers(frame: Frame) -> tuple[int, int, int, int]:
    body = _body(frame)
    if body[1] not in _WATER_KINDS:
        raise UnknownEncodingError(f"Techem telegram of kind {body[1]:02X}")
    frame.mode = "own"
    return (
        int.from_bytes(body[2:4], "little"),
        int.from_bytes(body[4:6], "little"),
        int.from_bytes(body[6:8], "little"),
        int.from_bytes(body[8:10], "little"),
    )


def read_3(frame: Frame) -> Values:
    """mkradio 3: register = value at the due day + use since then. Raises TruncatedError, UnknownEncodingError."""
    due, before, now, since = _numbers(frame)
    values = Values(total=(before + since) * _TENTH)
    due_day = _day(due & 0x1F, due >> 5 & 0x0F, 2000 + (due >> 9 & 0x3F))
    if due_day is None:
        raise UnknownEncodingError("the due day is no date")
    values.target, values.target_date = before * _TENTH, due_day
    values.history = [(due_day, values.target)]
    day, month = now >> 4 & 0x1F, now >> 9 & 0x0F
    year = due_day.year + ((month, day) <= (due_day.month, due_day.day))
    today = _day(day, month, year)
    values.time = datetime(today.year, today.month, today.day) if today else None
    return values


def read_4(frame: Frame) -> Values:
    """mkradio 4: the same numbers, its days are coded otherwise. Raises TruncatedError, UnknownEncodingError."""
    _, before, _, since = _numbers(frame)
    return Values(total=(before + since) * _TENTH, target=before * _TENTH)


def read_3a(frame: Frame) -> Values:
    """mkradio 3a: day now and register; then use by half months. Raises TruncatedError, UnknownEncodingError."""
    body = _body(frame)
    now = int.from_bytes(body[3:5], "little")
    today = _day(now & 0x1F, now >> 5 & 0x0F, 2000 + (now >> 9))
    if body[1] != _KIND_3A or today is None:
        raise UnknownEncodingError(f"Techem telegram of kind {body[1]:02X}")
    frame.mode = "own"
    total = int.from_bytes(body[5:8], "little") * _TENTH
    return Values(total=total, time=datetime(today.year, today.month, today.day))


def _day(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_CI = frozenset((0xA2,))
DRIVERS = (
    Driver("mkradio3", (("TCH", 0x74, 0x62), ("TCH", 0x74, 0x72)), cis=_CI, own=read_3),
    Driver("mkradio3a", (("TCH", 0x50, 0x62), ("TCH", 0x50, 0x72)), cis=_CI, own=read_3a),
    Driver("mkradio4", (("TCH", 0x95, 0x62), ("TCH", 0x95, 0x72)), cis=_CI, own=read_4),
)
