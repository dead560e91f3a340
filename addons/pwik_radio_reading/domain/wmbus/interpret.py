"""From data records to the values of a meter, for every maker that follows OMS (volume 2, annex A)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from .. import alarms
from ..errors import ImplausibleError
from . import dates, records
from .driver import Driver, Frame, Values
from .records import INSTANT, Record
from .transport import status_alarms

MOST_M3 = Decimal(100_000_000)  # more than any water meter's register holds
_LEAST_M3 = -MOST_M3
_SLACK = Decimal(1)  # m³ by which a past register may exceed today's one (backflow) and still be believed

_A_DAY = timedelta(days=1)
_MOST_MONTHS = 240
_MONTHLY = b"\xfe"  # spacing value for whole months
_PROFILE_WIDTHS = {0x32: 2, 0x33: 3, 0x34: 4}  # spacing control: absolute values, months, integers


class Roles(NamedTuple):
    """Which records mean what, by their places: that follows from their heads alone.

    ``registers``: amounts of now or of a fixed day: no tariff, no direction, no limit; ``moments``: dates and times of now or
    of a storage; ``flags``: error flags; ``intervals``, ``profiles``: whether there are any.
    """

    registers: tuple[int, ...]
    moments: tuple[int, ...]
    flags: tuple[int, ...]
    intervals: bool
    profiles: bool


_roles: dict[bytes, Roles] = {}
_MOST_ROLES = 4096


def _find_roles(values: Values) -> Roles:
    roles = _roles.get(values.heads) if values.heads else None
    if roles is None:
        roles = _make_roles(values.records)
        if values.heads:
            if len(_roles) >= _MOST_ROLES:
                _roles.clear()
            _roles[values.heads] = roles
    return roles


def _make_roles(found: tuple[Record, ...]) -> Roles:
    plain = {
        place
        for place, record in enumerate(found)
        if record.function == INSTANT and not record.tariff and not record.qualifiers
    }
    return Roles(
        tuple(
            place
            for place, record in enumerate(found)
            if record.quantity == "volume" and place in plain and not record.subunit
        ),
        tuple(p for p, record in enumerate(found) if record.quantity in ("datetime", "date") and p in plain),
        tuple(p for p, record in enumerate(found) if record.quantity == "error_flags" and not record.storage),
        any(record.quantity == "storage_interval_month" for record in found),
        any(_is_profile(record) for record in found),
    )


def interpret(frame: Frame, driver: Driver | None, values: Values) -> None:
    """Fill ``values`` from ``values.records``, the status byte and the error flags."""
    roles, found = _find_roles(values), values.records
    moments: dict[int, date] = {}
    for place in roles.moments:
        _note_moment(found[place], values, moments)
    for place in roles.flags:
        values.alarms |= _flag_alarms(found[place], driver)
    if roles.intervals:
        _add_intervals(found, moments)
    # None where a register is marked invalid
    volumes = [
        record
        for record in (found[place] for place in roles.registers)
        if record.value is None or isinstance(record.value, Decimal)
    ]
    _note_volumes(values, volumes, moments)
    if roles.profiles:
        _add_profiles(values, moments)
    choose_target(values, _undated(volumes, moments))
    add_status(frame, driver, values)


def _note_moment(record: Record, values: Values, moments: dict[int, date]) -> None:
    moment = record.value
    if not isinstance(moment, date):
        return
    if record.storage:
        moments.setdefault(record.storage, moment.date() if isinstance(moment, datetime) else moment)
    elif values.time is None:
        values.time = (
            moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)
        )


def _flag_alarms(record: Record, driver: Driver | None) -> set[str]:
    flags = int.from_bytes(record.data, "little")
    if driver is not None and driver.flags is not None:
        return alarms.from_bits(flags, driver.flags)
    return {alarms.DEVICE_ERROR} if flags else set()


def _add_intervals(found: tuple[Record, ...], moments: dict[int, date]) -> None:
    """Days of storages that follow a dated one at an interval of months (FD28, OMS volume 2, annex A)."""
    for record in found:
        if record.quantity != "storage_interval_month" or record.storage not in moments:
            continue
        if not isinstance(record.value, Decimal):
            continue
        first, step = moments[record.storage], int(record.value)
        for other in found:
            back = (other.storage - record.storage) * step
            if 0 < back <= _MOST_MONTHS and (day := dates.months_before(first, back)) is not None:
                moments.setdefault(other.storage, day)


def _note_volumes(values: Values, volumes: list[Record], moments: dict[int, date]) -> None:
    for record in volumes:
        value = record.value
        if value is not None and not _LEAST_M3 < value < MOST_M3:
            raise ImplausibleError(f"a register of {value} m³")
        if record.storage == 0:
            if values.total is None:
                values.total = value
        elif value is not None and value >= 0 and record.storage in moments:
            values.history.append((moments[record.storage], value))


def _undated(volumes: list[Record], moments: dict[int, date]) -> Decimal | None:
    """Value of storage 1 when its day is not told."""
    for record in volumes:
        if record.storage == 1 and 1 not in moments and record.value is not None and record.value >= 0:
            return record.value
    return None


def _is_profile(record: Record) -> bool:
    return record.quantity == "volume" and record.qualifiers == ("inverse_compact_profile",)


def _add_profiles(values: Values, moments: dict[int, date]) -> None:
    """Inverse compact profiles of monthly absolute values: newest first, before the dated one (EN 13757-3, annex F)."""
    for record in values.records:
        if not _is_profile(record):
            continue
        first, raw = moments.get(record.storage), record.data
        width = _PROFILE_WIDTHS.get(raw[0]) if raw[1:2] == _MONTHLY else None
        if first is None or width is None:
            continue
        scale = records.scale_of(record.head)
        for place, start in enumerate(range(2, len(raw) - width + 1, width), 1):
            number = int.from_bytes(raw[start : start + width], "little", signed=True)
            day = dates.months_before(first, place)
            if number >= 0 and day is not None:
                values.history.append((day, number * scale))


def choose_target(values: Values, undated: Decimal | None = None) -> None:
    """The newest dated value is the target, else ``undated``; none that today's register or clock denies."""
    if len(values.history) > 1:
        values.history = sorted(dict(reversed(values.history)).items(), reverse=True)
    if values.total is not None:
        values.history = [pair for pair in values.history if pair[1] <= values.total + _SLACK]
        if undated is not None and undated > values.total + _SLACK:
            undated = None
    if values.time is not None and values.history:
        last = values.time.date() + _A_DAY
        values.history = [pair for pair in values.history if pair[0] <= last]
    if values.history:
        values.target_date, values.target = values.history[0]
    else:
        values.target, values.target_date = undated, None


def add_status(frame: Frame, driver: Driver | None, values: Values) -> None:
    """Add the alarms of the status byte."""
    if frame.transport.status:
        own = driver.status if driver is not None else None
        values.alarms |= status_alarms(frame.transport.status, own)
