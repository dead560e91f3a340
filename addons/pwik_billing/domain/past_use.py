"""What was used in given days of the past, from the values that were read: the basis of an average (rule 7).

A pair of readings is shared evenly by days, so that months can be compared whatever the days of reading were.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .money import ZERO, half_up

MILLI = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Used:
    """``m3`` between the evening of ``date_from`` and the evening of ``date_to``."""

    date_from: date
    date_to: date
    m3: Decimal


def used_between(past: Sequence[Used], start: date, end: date) -> Decimal | None:
    """m³ from the evening of ``start`` to that of ``end``, exact; None unless all these days are known."""
    known, total = 0, ZERO
    for pair in past:
        days = (min(pair.date_to, end) - max(pair.date_from, start)).days
        if days > 0:
            known += days
            total += pair.m3 * days / (pair.date_to - pair.date_from).days
    return total if known >= (end - start).days > 0 else None


def months_before(past: Sequence[Used], day: date, count: int = 3) -> tuple[Decimal, ...]:
    """m³ of each of the ``count`` months that end with ``day``, the oldest first; empty where one is not known.

    Rounded to a litre so that their sum is that of all these days.
    """
    ends = [add_months(day, -number) for number in range(count, -1, -1)]
    sums = [ZERO]
    for end in ends[1:]:
        m3 = used_between(past, ends[0], end)
        if m3 is None:
            return ()
        sums.append(half_up(m3, MILLI))
    return tuple(after - before for before, after in zip(sums, sums[1:], strict=False))


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the last of a month stays the last where the other month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    was_last = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if was_last else min(day.day, last))
