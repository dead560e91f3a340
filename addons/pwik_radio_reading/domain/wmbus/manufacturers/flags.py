"""Meters that follow OMS in all but the meaning of their error flags or status bits."""

from ... import alarms
from ..driver import ANY, Driver

# This month's and the last month's flags follow eight and sixteen bits higher; only what is on now is an alarm.
ULTRIMIS = {
    0x01: alarms.TAMPER,
    0x02: alarms.BATTERY_LOW,
    0x04: alarms.DRY,
    0x08: alarms.NO_FLOW,
    0x20: alarms.BURST,
    0x40: alarms.BACKFLOW,
    0x80: alarms.LEAK,
}
LEAK_STATUS = {0x20: alarms.LEAK, 0x40: alarms.LEAK}

DRIVERS = (
    Driver("ultrimis", (("APA", 0x01, ANY),), flags=ULTRIMIS),
    Driver("picoflux", (("ECM", ANY, ANY),), status=LEAK_STATUS),
    Driver("kadenwater", (("VIP", ANY, ANY),), status=LEAK_STATUS),
)
