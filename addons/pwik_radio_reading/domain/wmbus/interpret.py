"""From data records to the values of a meter, for every maker that follows OMS (volume 2, annex A)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from .. import alarms
from ..errors import ImplausibleError
from . import dates
from .driver import Driver, Frame, Values
from .heads import scale_of
from .records import Records
from .roles import is_profile
from .transport import status_alarms

MOST_M3 = Decimal(100_000_000)  # more than any water meter's register holds
_LEAST_M3 = -MOST_M3
_ANY_M3 = Decimal("Infinity")
_SLACK = Decimal(1)  # m³ by which a past register may exceed today's one (backflow) and still be believed

_A_DAY = timedelta(days=1)
_MOST_MONTHS = 240
_MONTHLY = b"\xfe"  # spacing value for whole months
_PROFILE_WIDTHS = {0x32: 2, 0x33: 3, 0x34: 4}  # spacing control: absolute values, months, integers


def interpret(frame: Frame, driver: Driver, values: Values) -> None:
    """Fill ``values`` from its ``records``, the status byte and the error flags. Raises ImplausibleError."""
    records = values.records
    roles, data = records.plan.roles, records.data
    moments: dict[int, date] = {}
    for storage, read, start, end in roles.moments:
        moment = read(data[start:end])
        if isinstance(moment, date):
            if storage:
                moments.setdefault(storage, moment.date() if isinstance(moment, datetime) else moment)
            elif values.time is None:
                values.time = _to_time(moment)
    for _storage, _read, start, end in roles.flags:
        bits = int.from_bytes(data[start:end], "little")
        if bits:
            known = driver.flags
            values.alarms |= {alarms.DEVICE_ERROR} if known is None else alarms.from_bits(bits, known)
    if roles.intervals:
        _add_intervals(records, moments)
    undated = _note_registers(records, values, moments)
    if roles.profiles:
        _add_profiles(values, moments)
    if undated is not None or values.history:
        choose_target(values, undated)
    if frame.transport.status:
        add_status(frame, driver, values)


def _to_time(moment: date) -> datetime:
    return moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)


def _note_registers(records: Records, values: Values, moments: dict[int, date]) -> Decimal | None:
    """The register of now, those of dated storages, and, as the answer, that of storage 1 when its day is not told."""
    data, undated = records.data, None
    for storage, read, start, end in records.plan.roles.registers:
        value = read(data[start:end])
        if type(value) is not Decimal:
            continue  # marked invalid, or no number
        if not _LEAST_M3 < value < MOST_M3:
            raise ImplausibleError(f"a register of {value} m³")
        if not storage:
            if values.total is None:
                values.total = value
        elif value >= 0:
            if storage in moments:
                values.history.append((moments[storage], value))
            elif storage == 1 and undated is None:
                undated = value
    return undated


def _add_intervals(found: Records, moments: dict[int, date]) -> None:
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


def _add_profiles(values: Values, moments: dict[int, date]) -> None:
    """Inverse compact profiles of monthly absolute values: newest first, before the dated one (EN 13757-3, annex F)."""
    for record in values.records:
        if not is_profile(record.quantity, record.qualifiers):
            continue
        first, raw = moments.get(record.storage), record.data
        width = _PROFILE_WIDTHS.get(raw[0]) if raw[1:2] == _MONTHLY else None
        if first is None or width is None:
            continue
        scale = scale_of(record.head)
        for place, start in enumerate(range(2, len(raw) - width + 1, width), 1):
            number = int.from_bytes(raw[start : start + width], "little", signed=True)
            day = dates.months_before(first, place)
            if number >= 0 and day is not None:
                values.history.append((day, number * scale))


def choose_target(values: Values, undated: Decimal | None = None) -> None:
    """The newest dated value is the target, else ``undated``; none that today's register or clock denies."""
    history = values.history
    if len(history) > 1:
        history = sorted(dict(reversed(history)).items(), reverse=True)
    most = values.total + _SLACK if values.total is not None else _ANY_M3
    last = values.time.date() + _A_DAY if values.time is not None else date.max
    values.history = history = [(day, amount) for day, amount in history if amount <= most and day <= last]
    if undated is not None and undated > most:
        undated = None
    if history:
        values.target_date, values.target = history[0]
    else:
        values.target, values.target_date = undated, None


def add_status(frame: Frame, driver: Driver, values: Values) -> None:
    """Add the alarms of the status byte."""
    if frame.transport.status:
        values.alarms |= status_alarms(frame.transport.status, driver.status)
