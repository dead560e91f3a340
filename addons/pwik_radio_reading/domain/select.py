"""The reading of a meter out of the many telegrams that a tour hears of it."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple

from .wmbus.telegram import Telegram

CURRENT, MONTH_END = "current", "month_end"
CLOCK_LIMIT = timedelta(hours=24)  # a clock that is further off spoils month ends (rule V05)
SLACK = Decimal("0.01")  # m³ by which a register may run back and still be sound (rule V06)


class Seen(NamedTuple):
    """A telegram and when it was heard (aware, or None); ``number``: its place in the dump."""

    telegram: Telegram
    received: datetime | None = None
    number: int = 0


class Choice(NamedTuple):
    """``kind``: CURRENT (register when heard) or MONTH_END (register at the end of ``day``)."""

    kind: str
    value: Decimal
    seen: Seen
    day: date | None = None


def best(seen: Iterable[Seen], *, month_end: date | None = None, zone: tzinfo | None = None) -> Choice | None:
    """The one reading to take from all telegrams of one meter; None when none is sound.

    With ``month_end`` (last day of a month), that day's register where a telegram carries it, for billing; else, and
    otherwise, the newest sound register. ``zone``: of the meters' clocks, to judge them.
    """
    ordered = _newest_first(seen)
    if month_end is not None:
        found = month_ends(ordered, zone=zone).get(month_end)
        if found is not None:
            return found
    sound = _newest_sound(ordered)
    return Choice(CURRENT, sound.telegram.total_m3, sound) if sound else None


def month_ends(seen: Iterable[Seen], *, zone: tzinfo | None = None) -> dict[date, Choice]:
    """Registers at month ends by day, newest telegram first; they fill missed months.

    A register at the first day of a month counts for the last day of the one before. Telegrams whose clock is off by more
    than a day, and days that two telegrams give different registers for, are left out.
    """
    found: dict[date, Choice] = {}
    doubtful: set[date] = set()
    for one in _newest_first(seen):
        if not one.telegram.history or not is_clock_sound(one, zone):
            continue
        for day, value in one.telegram.history:
            last = closing_day(day)
            if last is None:
                continue
            known = found.setdefault(last, Choice(MONTH_END, value, one, last))
            if abs(known.value - value) > SLACK:
                doubtful.add(last)
    if not doubtful and len(found) < 2:
        return found
    return {day: choice for day, choice in sorted(found.items()) if day not in doubtful}


def closing_day(day: date) -> date | None:
    """Last day of the month that a register at ``day`` closes; None when it closes none."""
    try:
        if day.day == 1:
            return day - timedelta(days=1)
        return day if (day + timedelta(days=1)).day == 1 else None
    except OverflowError:  # the first or the last day that there is: a day that was never set
        return None


def is_clock_sound(one: Seen, zone: tzinfo | None = None) -> bool:
    """Whether the meter's clock agrees with the reception within a day; True when either is not known."""
    shown, heard = one.telegram.time, one.received
    if shown is None or heard is None:
        return True
    if heard.tzinfo is not None:
        heard = heard.astimezone(zone).replace(tzinfo=None)
    return abs(shown - heard) <= CLOCK_LIMIT


def _newest_first(seen: Iterable[Seen]) -> list[Seen]:
    found = list(seen)
    return sorted(found, key=_age, reverse=True) if len(found) > 1 else found


def _age(one: Seen) -> tuple[float, int]:
    return (one.received.timestamp() if one.received is not None else 0.0, one.number)


def _newest_sound(ordered: list[Seen]) -> Seen | None:
    """The end of the longest series of telegrams whose register does not fall; of two as long the one that was whole first.

    So one that stands alone is doubted, wherever it stands. ``ordered``: newest first.
    """
    # by length: how high the register stands in that series of such a length which leaves most room above it
    lowest: list[Decimal] = []
    newest = None
    for one in reversed(ordered):
        total = one.telegram.total_m3
        if total is None:
            continue
        place = bisect_right(lowest, total + SLACK)
        top = max(total, lowest[place - 1]) if place else total
        if place == len(lowest):
            newest = one
            lowest.append(top)
        else:
            lowest[place] = top
        while place and lowest[place - 1] > total:  # within the slack
            place -= 1
            lowest[place] = max(total, lowest[place - 1]) if place else total
    return newest
