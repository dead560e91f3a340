"""Closed intervals of days and what billing asks of a calendar."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``date_from`` to ``date_to``, both included."""

    date_from: date
    date_to: date

    @property
    def days(self) -> int:
        """Number of days, at least 1 in a period that is in order."""
        return (self.date_to - self.date_from).days + 1

    def cut(self, date_from: date, date_to: date | None) -> Period | None:
        """The part of this period inside ``date_from`` .. ``date_to`` (None: no end); None when nothing is
        left.
        """
        first = max(self.date_from, date_from)
        last = self.date_to if date_to is None else min(self.date_to, date_to)
        return Period(first, last) if first <= last else None

    def holds(self, other: Period) -> bool:
        """Whether ``other`` lies wholly inside."""
        return self.date_from <= other.date_from and other.date_to <= self.date_to

    def meets(self, other: Period) -> bool:
        """Whether both share at least a day."""
        return self.date_from <= other.date_to and other.date_from <= self.date_to

    def months(self) -> Iterator[tuple[Period, int]]:
        """Each calendar month touched: its part inside this period and the length of the whole month in
        days.
        """
        first = self.date_from
        while first <= self.date_to:
            length = calendar.monthrange(first.year, first.month)[1]
            last = min(first.replace(day=length), self.date_to)
            yield Period(first, last), length
            if last == date.max:
                return
            first = last + DAY


def day_before(day: date) -> date:
    """The day before ``day`` (the first day of the calendar has none and stands for itself)."""
    return day if day == date.min else day - DAY
