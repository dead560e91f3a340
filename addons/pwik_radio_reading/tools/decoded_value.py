"""A value that came decoded (a vendor's export): as JSON in the database, and as a telegram that says the same."""

from datetime import date, datetime
from decimal import Decimal

from ..domain.dump import Value
from ..domain.wmbus import Telegram

WATER = 0x07
DRIVER = "export"


def to_json(value: Value) -> dict:
    """JSON of a value; volumes as text, so that no float touches them."""
    return {
        "total": None if value.total_m3 is None else str(value.total_m3),
        "target": None if value.target_m3 is None else str(value.target_m3),
        "target_date": value.target_date and value.target_date.isoformat(),
        "time": value.time and value.time.isoformat(),
        "alarms": None if value.alarms is None else list(value.alarms),
    }


def to_telegram(data: dict, *, manufacturer: str, serial: str, version: str, medium: str) -> Telegram:
    """The telegram that would say what ``to_json`` kept; the address comes from the line.

    Its ``alarms`` are None where the export says nothing of them.
    """
    total, target = (None if data[name] is None else Decimal(data[name]) for name in ("total", "target"))
    day = date.fromisoformat(data["target_date"]) if data["target_date"] else None
    return Telegram(
        manufacturer=manufacturer,
        id=serial,
        version=int(version or "0", 16),
        medium=int(medium, 16) if medium else WATER,
        total_m3=total,
        target_m3=target,
        target_date=day,
        time=datetime.fromisoformat(data["time"]) if data["time"] else None,
        alarms=None if data["alarms"] is None else tuple(data["alarms"]),
        driver=DRIVER,
        history=((day, target),) if day and target is not None else (),
    )
