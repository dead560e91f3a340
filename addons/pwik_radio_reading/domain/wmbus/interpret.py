"""From data records to the values of a meter, for every maker that follows OMS (volume 2, annex A)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from .. import alarms
from .driver import Driver, Frame, Values
from .records import INSTANT, Record
from .transport import status_alarms

_SLACK = Decimal(1)  # m³ by which a past register may exceed today's one (backflow) and still be believed


def interpret(frame: Frame, driver: Driver | None, values: Values) -> None:
    """Fill ``values`` from ``values.records``, the status byte and the error flags."""
    volumes: list[Record] = []
    moments: dict[int, date] = {}
    for record in values.records:
        quantity = record.quantity
        if quantity == "volume":
            if _is_register(record):
                volumes.append(record)
        elif quantity in ("datetime", "date"):
            _note_moment(record, values, moments)
        elif quantity == "error_flags" and record.storage == 0:
            values.alarms |= _flag_alarms(record, driver)
    _note_volumes(values, volumes, moments)
    add_status(frame, driver, values)


def _is_register(record: Record) -> bool:
    return record.function == INSTANT and not (record.tariff or record.subunit or record.qualifiers)


def _note_moment(record: Record, values: Values, moments: dict[int, date]) -> None:
    moment = record.value
    if not isinstance(moment, date) or record.qualifiers or record.function != INSTANT or record.tariff:
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


def _note_volumes(values: Values, volumes: list[Record], moments: dict[int, date]) -> None:
    undated: Decimal | None = None
    for record in volumes:
        value = record.value
        if record.storage == 0:
            if values.total is None:
                values.total = value
        elif value is not None and value >= 0:
            day = moments.get(record.storage)
            if day is not None:
                values.history.append((day, value))
            elif record.storage == 1 and undated is None:
                undated = value
    choose_target(values, undated)


def choose_target(values: Values, undated: Decimal | None = None) -> None:
    """The newest dated value is the target, else the undated one of storage 1; none that today's register denies."""
    values.history = sorted(set(values.history), reverse=True)
    if values.total is not None:
        values.history = [pair for pair in values.history if pair[1] <= values.total + _SLACK]
        if undated is not None and undated > values.total + _SLACK:
            undated = None
    if values.time is not None:
        values.history = [
            pair for pair in values.history if pair[0] <= values.time.date() + timedelta(days=1)
        ]
    if values.history:
        values.target_date, values.target = values.history[0]
    else:
        values.target, values.target_date = undated, None


def add_status(frame: Frame, driver: Driver | None, values: Values) -> None:
    """Add the alarms of the status byte."""
    status = frame.transport.status
    if status:
        values.alarms |= status_alarms(status)
        if driver is not None:
            values.alarms |= alarms.from_bits(status, driver.status)
