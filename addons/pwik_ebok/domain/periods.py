"""The calendar periods by which contracts are settled."""

from __future__ import annotations

from datetime import date, timedelta

MONTHS = {"month": 1, "two_months": 2, "quarter": 3, "half_year": 6}


def period_end(day: date, cycle: str) -> date:
    """Last day of the calendar period of ``cycle`` that holds ``day``; periods are counted from January.

    :raises KeyError: an unknown cycle
    """
    length = MONTHS[cycle]
    after = (day.month - 1) // length * length + length
    following = date(day.year + after // 12, after % 12 + 1, 1)
    return following - timedelta(days=1)


def period_start(day: date, cycle: str) -> date:
    """First day of the calendar period of ``cycle`` that holds ``day``.

    :raises KeyError: an unknown cycle
    """
    length = MONTHS[cycle]
    return date(day.year, (day.month - 1) // length * length + 1, 1)
