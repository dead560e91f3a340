"""GWF: alarms in the maker's own data after DIF 0F, of kind 01."""

from ... import alarms
from ..driver import ANY, Driver, Frame, Values

KIND = 0x01
FLAGS = {0x02: alarms.LEAK, 0x08: alarms.BURST, 0x20: alarms.BATTERY_LOW, 0x40: alarms.BACKFLOW}


def refine(frame: Frame, values: Values) -> None:
    if len(values.vendor) > 1 and values.vendor[0] == KIND:
        values.alarms |= alarms.from_bits(values.vendor[1], FLAGS)


DRIVERS = (Driver("gwfwater", (("GWF", ANY, ANY),), refine=refine),)
