"""The one vocabulary of alarms that all meters' own bits are translated to, in order of urgency."""

from collections.abc import Iterable, Mapping

BURST = "burst"
LEAK = "leak"
BACKFLOW = "backflow"
TAMPER = "tamper"
MAGNET = "magnet"
DETACHED = "detached"
DRY = "dry"
NO_FLOW = "no_flow"
BATTERY_LOW = "battery_low"
FREEZE = "freeze"
OVERLOAD = "overload"
SENSOR_FAULT = "sensor_fault"
DEVICE_ERROR = "device_error"

ALARMS = (
    BURST,
    LEAK,
    BACKFLOW,
    TAMPER,
    MAGNET,
    DETACHED,
    DRY,
    NO_FLOW,
    BATTERY_LOW,
    FREEZE,
    OVERLOAD,
    SENSOR_FAULT,
    DEVICE_ERROR,
)
_ORDER = {alarm: place for place, alarm in enumerate(ALARMS)}


def ordered(alarms: Iterable[str]) -> tuple[str, ...]:
    """The alarms without doubles, most urgent first."""
    return tuple(sorted(set(alarms), key=_ORDER.__getitem__))


def from_bits(value: int, bits: Mapping[int, str]) -> set[str]:
    """Alarms of the bits that are set in ``value``; ``bits`` maps a mask to an alarm."""
    return {alarm for mask, alarm in bits.items() if value & mask}
