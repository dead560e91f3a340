"""When a term to pay really ends: Civil Code art. 115 and the days that are off in Poland.

"If the end of a term for doing something falls on a day that the law counts as a day off, or on a Saturday, the term ends on
the next day that is neither a day off nor a Saturday." An invoice keeps the day that it names; what counts is
:func:`end_of_term`.

It does not hold for the 20 days' notice of a cut-off (:mod:`cutoff`): they are a distance between two events, no term in which
somebody has to do something.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from .periods import DAY

#: (month, day): first year in which it is off. Act of 18 January 1951 on days off; None: longer than any debt here.
FIXED = {
    (1, 1): None,
    (1, 6): 2011,
    (5, 1): None,
    (5, 3): None,
    (8, 15): None,
    (11, 1): None,
    (11, 11): None,
    (12, 24): 2025,  # act of 6 December 2024
    (12, 25): None,
    (12, 26): None,
}
#: Days after Easter Sunday: itself, Easter Monday, Pentecost, Corpus Christi.
MOVABLE = (0, 1, 49, 60)
#: Off once only (act of 7 November 2018).
ONCE = frozenset({date(2018, 11, 12)})
#: Saturdays move a term since then (act of 16 December 2016).
SATURDAYS_SINCE = 2017

SATURDAY, SUNDAY = 5, 6


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar: the Sunday after the first full moon of spring, by the tables of the church."""
    century, golden = year // 100, year % 19
    # Days from 21 March to the full moon, put right for century years without a leap day and for the moon's own drift (Gauss).
    days = (19 * golden + 15 + century - century // 4 - (8 * century + 13) // 25) % 30
    if days == 29 or (days == 28 and golden > 10):
        days -= 1
    full_moon = date(year, 3, 21) + timedelta(days=days)
    return full_moon + timedelta(days=SUNDAY - full_moon.weekday() or 7)


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """The days off of a year besides Sundays (some of them fall on one)."""
    fixed = {date(year, *day) for day, since in FIXED.items() if since is None or year >= since}
    start = easter(year)
    movable = {start + timedelta(days=days) for days in MOVABLE}
    return frozenset(fixed | movable | {day for day in ONCE if day.year == year})


def moves_term(day: date) -> bool:
    """Whether no term ends on ``day``: a day off or a Saturday."""
    weekday = day.weekday()
    if weekday == SUNDAY or (weekday == SATURDAY and day.year >= SATURDAYS_SINCE):
        return True
    return day in holidays(day.year)


def end_of_term(day: date) -> date:
    """The day on which a term named ``day`` ends: the same, or the next that is neither off nor a Saturday."""
    while moves_term(day):
        day += DAY
    return day


def late_before(today: date) -> date:
    """Terms named before this day have ended before ``today``, later ones have not: ``due < late_before(today)`` is overdue.

    So that a search needs no calendar: on a Monday it is the Saturday before.
    """
    while moves_term(today - DAY):
        today -= DAY
    return today


def moved_terms(first: date, last: date) -> dict[date, date]:
    """``{day: end_of_term(day)}`` of those days from ``first`` to ``last`` on which no term ends."""
    days = (first + timedelta(days=index) for index in range((last - first).days + 1))
    return {day: end_of_term(day) for day in days if moves_term(day)}
