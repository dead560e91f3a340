"""Engelmann Waterstar M and FAW, also sold by Brunata (DWZ): error flags, and registers at the last fifteen month ends."""

from ... import alarms
from ..dates import month_end
from ..driver import ANY, Driver, Frame, Values
from ..heads import INSTANT
from ..interpret import choose_target

WATERSTAR = {
    0x10: alarms.BATTERY_LOW,
    0x20: alarms.TAMPER,
    0x40: alarms.LEAK,  # the same bit stands for no use
    0x80: alarms.BACKFLOW,
    0x100: alarms.OVERLOAD,
}
FAW = {
    0x01: alarms.SENSOR_FAULT,
    0x04: alarms.DEVICE_ERROR,
    0x08: alarms.DETACHED,
    0x10: alarms.MAGNET,
    0x20: alarms.LEAK,
    0x40: alarms.NO_FLOW,
    0x80: alarms.BACKFLOW,
}
FAW_RADIO = {
    0x01: alarms.SENSOR_FAULT,
    0x04: alarms.DEVICE_ERROR,
    0x08: alarms.TAMPER,
    0x10: alarms.BATTERY_LOW,
    0x40: alarms.LEAK,
    0x80: alarms.OVERLOAD,
}
_STORAGES = range(2, 17)


def add_month_ends(frame: Frame, values: Values) -> None:
    """Storage 2 holds the last month end, 3 the one before and so on; the due day in storage 1 must not deny it."""
    if values.time is None:
        return
    today, known = values.time.date(), dict(values.history)
    found = [
        (month_end(today, record.storage - 1), record.value)
        for record in values.records
        if record.quantity == "volume"
        and record.storage in _STORAGES
        and record.function == INSTANT
        and not (record.tariff or record.qualifiers)
        and record.value is not None
        and record.value >= 0
    ]
    if all(known.get(day, value) == value for day, value in found):
        values.history += found
        choose_target(values, values.target if values.target_date is None else None)


DRIVERS = (
    Driver("waterstarm", (("DWZ", ANY, ANY),), refine=add_month_ends, flags=WATERSTAR),
    Driver("engelmann_faw_ri", (("EFE", 0x70, ANY),), refine=add_month_ends, flags=FAW_RADIO),
    Driver("engelmann_faw", (("EFE", 0x00, ANY),), refine=add_month_ends, flags=FAW),
    Driver("engelmann", (("EFE", ANY, ANY),), refine=add_month_ends),
)
