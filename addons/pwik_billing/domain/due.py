"""When an invoice is to be paid."""

from __future__ import annotations

from datetime import date, timedelta

from .errors import BadRequest

#: At least so many days from delivery (tariff regulation, Dz.U. 2018 item 472).
LEAST_DAYS = 14


def due_date(issued: date, days: int, sent: date | None = None) -> date:
    """``days`` after the invoice date, but never sooner than 14 days after it was ``sent`` (default: the day of issue)."""
    if days < 0:
        raise BadRequest(f"a term of {days} days", "days")
    return max(issued + timedelta(days=days), (sent or issued) + timedelta(days=LEAST_DAYS))
