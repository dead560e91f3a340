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
# The wired APT-MBUS-NA-1: what is on now stands in the third byte, what was on before in the first.
APATOR_WIRED = {
    0x000400: alarms.BATTERY_LOW,
    0x010000: alarms.MAGNET,
    0x020000: alarms.TAMPER,
    0x040000: alarms.DETACHED,
    0x200000: alarms.OVERLOAD,
    0x400000: alarms.BACKFLOW,
}
LEAK_STATUS = {0x20: alarms.LEAK, 0x40: alarms.LEAK}

DRIVERS = (
    Driver("ultrimis", (("APA", 0x01, ANY),), flags=ULTRIMIS),
    Driver("aptmbusna", (("APA", 0x15, ANY),), flags=APATOR_WIRED),
    Driver("picoflux", (("ECM", ANY, ANY),), status=LEAK_STATUS),
    Driver("kadenwater", (("VIP", ANY, ANY),), status=LEAK_STATUS),
)
