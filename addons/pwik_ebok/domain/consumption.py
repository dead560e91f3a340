"""Use of water by month, from readings that were taken whenever somebody came."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

DAY = timedelta(days=1)
LITRE = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Interval:
    """``m3`` of water used between the readings of two days; ``estimated``: one of the readings is an estimate.

    ``place``: where it was used; the meters of one place follow one another.
    """

    begin: date
    end: date
    m3: Decimal
    estimated: bool = False
    place: Hashable = None


@dataclass(frozen=True, slots=True)
class MonthUse:
    """Use in the month that begins on ``first``, and in the same month a year before: m³, or None where nothing is known.

    ``whole``: every day of the month lies between readings, at each place that was measured then. ``marks``: what happened
    in the month, as the caller names it.
    """

    first: date
    m3: Decimal | None
    before: Decimal | None
    estimated: bool
    estimated_before: bool
    whole: bool
    marks: frozenset[str] = frozenset()


def by_month(
    intervals: Iterable[Interval],
    last: date,
    count: int = 12,
    marks: Iterable[tuple[date, str]] = (),
    ended: Mapping[Hashable, date] | None = None,
) -> tuple[MonthUse, ...]:
    """Spread each interval evenly over its days and add up by month.

    The use of an interval belongs to the days after its first reading, up to the day of its last one, so that neighbouring
    intervals share no day; two readings of one day leave their use to that day. The sum over all months is the sum of
    the intervals, to the litre. Months before the first and after the last with a known use are left out.

    :param intervals: of one meter or of several; where several overlap, their uses are added
    :param last: any day of the last month wanted
    :param count: number of months wanted at most
    :param marks: ``(day, name)`` of what shall be told beside the month's use
    :param ended: the last day of places that are measured no longer
    """
    use, estimated, days = _spread(intervals)
    spans = {place: (min(known), (ended or {}).get(place, date.max)) for place, known in days.items()}
    wanted = [_month(last, -back) for back in range(count - 1, -1, -1)]
    known = [first for first in wanted if first in use]
    if not known:
        return ()
    named: dict[date, set[str]] = {}
    for day, name in marks:
        named.setdefault(day.replace(day=1), set()).add(name)
    return tuple(
        MonthUse(
            first,
            use.get(first),
            use.get(_month(first, -12)),
            first in estimated,
            _month(first, -12) in estimated,
            first in use and _is_whole(first, days, spans),
            frozenset(named.get(first, ())),
        )
        for first in wanted
        if known[0] <= first <= known[-1]
    )


def _spread(intervals):
    """``({month: m³}, months with an estimate, {place: days that are known of it})``."""
    use: dict[date, Decimal] = {}
    days: dict[Hashable, set[date]] = {}
    estimated: set[date] = set()
    for interval in intervals:
        first = min(interval.begin + DAY, interval.end)
        length = (interval.end - first).days + 1
        rest, left, day = interval.m3, length, first
        while left > 0:
            month = day.replace(day=1)
            here = min(left, (_month(month, 1) - day).days)
            # What is left is shared by the days that are left: the last month gets the rest, and no litre is lost.
            share = (rest * here / left).quantize(LITRE)
            use[month] = use.get(month, Decimal(0)) + share
            days.setdefault(interval.place, set()).update(day + DAY * step for step in range(here))
            if interval.estimated:
                estimated.add(month)
            rest, left, day = rest - share, left - here, day + DAY * here
    return use, estimated, days


def _is_whole(first, days, spans):
    """Whether each day of the month is known of some place, and of each place while it was measured (``spans``)."""
    month = {first + DAY * step for step in range((_month(first, 1) - first).days)}
    return month <= set().union(*days.values()) and all(
        day in days[place] for place, (begin, end) in spans.items() for day in month if begin <= day <= end
    )


def _month(day: date, steps: int) -> date:
    """First day of the month ``steps`` months after that of ``day``."""
    number = day.year * 12 + day.month - 1 + steps
    return date(number // 12, number % 12 + 1, 1)
