"""wmbusmeters JSON lines: readings that came decoded (``id``, ``total_m3``, ``target_m3``, ``status``, ``timestamp``…)."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, tzinfo
from decimal import Decimal

from .. import alarms
from ..dump import DumpLine, Value, clean, rounded
from ..errors import LineError
from ..lines import Line
from . import _common
from .collector import load

CODE = "wmbusmeters_json"
_ID = re.compile(r"[0-9a-fA-F]{8}")
_MOST_M3 = 100_000_000

# Words of the status texts of its drivers.
STATUS = {
    "BURST": alarms.BURST,
    "BROKEN_PIPE": alarms.BURST,
    "LEAK": alarms.LEAK,
    "LEAKAGE": alarms.LEAK,
    "LEAKAGE_OR_NO_USAGE": alarms.LEAK,
    "LEAK_FLOW_HIGH": alarms.LEAK,
    "LEAK_FLOW_LOW": alarms.LEAK,
    "CONTINUOUS_FLOW": alarms.LEAK,
    "BACKFLOW": alarms.BACKFLOW,
    "BACK_FLOW": alarms.BACKFLOW,
    "REVERSE": alarms.BACKFLOW,
    "REVERSE_FLOW": alarms.BACKFLOW,
    "TAMPER": alarms.TAMPER,
    "MANIPULATION": alarms.TAMPER,
    "SENSOR_FRAUD": alarms.TAMPER,
    "MECHANICAL_FRAUD": alarms.TAMPER,
    "MAGNETIC_FIELD": alarms.MAGNET,
    "MAGNETIC_MANIPULATION": alarms.MAGNET,
    "MAGNETIC_FRAUD_ATTEMPT": alarms.MAGNET,
    "DEVICE_DISCONNECTED": alarms.DETACHED,
    "REMOVAL_DETECTED": alarms.DETACHED,
    "MODULE_REMOVED": alarms.DETACHED,
    "DRY": alarms.DRY,
    "NO_FLOW": alarms.NO_FLOW,
    "NO_CONSUMPTION": alarms.NO_FLOW,
    "METER_BLOCKED": alarms.NO_FLOW,
    "BLOCKED": alarms.NO_FLOW,
    "MEASUREMENT_UNCHANGED": alarms.NO_FLOW,
    "BATTERY_LOW": alarms.BATTERY_LOW,
    "LOW_BATTERY": alarms.BATTERY_LOW,
    "POWER_LOW": alarms.BATTERY_LOW,
    "BATTERY_VOLTAGE_ERROR": alarms.BATTERY_LOW,
    "OVERLOAD": alarms.OVERLOAD,
    "OVERFLOW": alarms.OVERLOAD,
    "MAXIMUM_FLOW": alarms.OVERLOAD,
    "FLOW_ABOVE_Q4": alarms.OVERLOAD,
    "SENSOR_ERROR": alarms.SENSOR_FAULT,
    "PERMANENT_ERROR": alarms.DEVICE_ERROR,
    "TEMPORARY_ERROR": alarms.DEVICE_ERROR,
}


def identify(head: bytes) -> float:
    return _common.share(
        head, lambda row: row.startswith("{") and '"meter"' in row and '"id"' in row and '"timestamp"' in row
    )


def parse(lines: Iterable[Line], zone: tzinfo) -> Iterator[DumpLine]:
    def read(line: Line) -> DumpLine:
        row = load(line.text)
        if not isinstance(row.get("id"), str) or not _ID.fullmatch(row["id"]):
            raise LineError("no id of a meter")
        return DumpLine(
            line.number,
            clean(line.text),
            received=_common.moment(row.get("timestamp"), zone),
            rssi=_common.dbm(row.get("rssi_dbm")),
            value=_value(row),
        )

    return _common.parse_each(lines, read)


def _value(row: dict) -> Value:
    total = _volume(row.get("total_m3"))
    if total is None:
        raise LineError("no total_m3")
    return Value(
        row["id"].lower(),
        total_m3=total,
        target_m3=_volume(row.get("target_m3")),
        target_date=_day(row.get("target_date") or row.get("target_datetime")),
        alarms=_alarms(row.get("status", row.get("current_status"))),
    )


def _volume(number) -> Decimal | None:
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < _MOST_M3:
        raise LineError("a volume that cannot be")
    return rounded(Decimal(repr(number)))


def _day(text) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except (TypeError, ValueError):
        return None


def _alarms(text) -> tuple[str, ...] | None:
    """None: the line says nothing of the meter's state."""
    if not text or not isinstance(text, str):
        return None
    words = re.split(r"[\s,]+", text)
    return alarms.ordered(STATUS[word] for word in words if word in STATUS)
