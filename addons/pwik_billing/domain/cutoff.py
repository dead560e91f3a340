"""When water may be cut off for arrears: act of 7 June 2001 on collective water supply, art. 8 sec. 1 point 2, sec. 2 and 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

#: Sec. 1 point 2: so many full settlement periods, following the day on which the reminder was received, are unpaid.
FULL_PERIODS = 2
#: Sec. 3: so many days before the planned day everybody below has the notice.
NOTICE_DAYS = 20
#: Sec. 3: who is notified.
RECIPIENTS = ("customer", "inspector", "mayor")


@dataclass(frozen=True, slots=True)
class Charge:
    """What a settlement period cost: ``total`` zł, of which ``open`` zł are unpaid; ``due``: the day it was to be paid."""

    period_from: date
    period_to: date
    due: date
    total: Decimal
    open: Decimal


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a planned cut-off. ``reminded``: when the customer received the reminder of the arrears."""

    charges: Sequence[Charge]
    reminded: date | None = None
    planned: date | None = None
    delivered: Mapping[str, date | None] = field(default_factory=dict)
    substitute: bool = False


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A condition of the law that is not met: ``code`` and the values that its words need."""

    code: str
    who: str = ""
    day: date | None = None
    number: int = 0


def unpaid_periods(charges: Sequence[Charge], reminded: date, today: date) -> tuple[Charge, ...]:
    """Periods that began after the reminder was received, whose term has passed and for which nothing was paid."""
    return tuple(
        charge
        for charge in sorted(charges, key=lambda one: one.period_from)
        if charge.period_from > reminded and charge.due < today and 0 < charge.total <= charge.open
    )


def obstacles_to_notice(facts: Facts, today: date) -> tuple[Obstacle, ...]:
    """What stands against announcing the cut-off: no reminder received, fewer than two full periods unpaid, no substitute."""
    found = []
    if facts.reminded is None:
        found.append(Obstacle("no_reminder"))
    else:
        number = len(unpaid_periods(facts.charges, facts.reminded, today))
        if number < FULL_PERIODS:
            found.append(Obstacle("periods", number=number, day=facts.reminded))
    if not facts.substitute:
        found.append(Obstacle("no_substitute"))
    if facts.planned is None:
        found.append(Obstacle("no_day"))
    return tuple(found)


def obstacles_to_cut(facts: Facts, today: date) -> tuple[Obstacle, ...]:
    """What stands against cutting off on ``today``: also notices not received, or fewer than 20 days before."""
    found = list(obstacles_to_notice(facts, today))
    for who in RECIPIENTS:
        if facts.delivered.get(who) is None:
            found.append(Obstacle("not_notified", who=who))
    earliest = earliest_day(facts.delivered)
    if earliest and facts.planned and facts.planned < earliest:
        found.append(Obstacle("too_early", day=earliest))
    if facts.planned and today < facts.planned:
        found.append(Obstacle("not_yet", day=facts.planned))
    return tuple(found)


def earliest_day(delivered: Mapping[str, date | None]) -> date | None:
    """The first day on which the cut-off may be planned: 20 days after the last of the notices known to be received."""
    days = [day for day in delivered.values() if day]
    return max(days) + timedelta(days=NOTICE_DAYS) if days else None
