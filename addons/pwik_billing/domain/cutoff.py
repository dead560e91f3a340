"""When water may be cut off for arrears: act of 7 June 2001 on collective water supply, art. 8 sec. 1 point 2, sec. 2 and 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from .money import ZERO
from .terms import end_of_term

#: Sec. 1 point 2: so many full settlement periods, following the day on which the reminder was received, are unpaid.
FULL_PERIODS = 2
#: Sec. 3: so many days before the planned day everybody below has the notice.
NOTICE_DAYS = 20
#: Sec. 3: who is notified.
RECIPIENTS = ("customer", "inspector", "mayor")


@dataclass(frozen=True, slots=True)
class Charge:
    """What a document charges for a settlement period: ``total`` zł, of which ``open`` zł are unpaid.

    ``due``: the day it was to be paid; ``disputed``: a complaint, a stop or an agreement stands against it.
    """

    period_from: date
    period_to: date
    due: date
    total: Decimal
    open: Decimal
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a planned cut-off.

    ``reminded``: when the customer received the reminder of the arrears; ``credit``: zł of his that nobody matched yet.
    """

    charges: Sequence[Charge]
    reminded: date | None = None
    planned: date | None = None
    delivered: Mapping[str, date | None] = field(default_factory=dict)
    substitute: bool = False
    credit: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A condition of the law that is not met: ``code`` and the values that its words need."""

    code: str
    who: str = ""
    day: date | None = None
    number: int = 0
    amount: Decimal = ZERO


def unpaid_periods(
    charges: Sequence[Charge], reminded: date, today: date, *, disputed: bool = False
) -> tuple[Charge, ...]:
    """Periods that began after the reminder was received, whose term has passed and for which nothing was paid.

    Documents of one period (the invoice and what corrects it upwards) are one period, with their sums and the first term. Where
    one of them is disputed, the whole period is left out, but for ``disputed``: it is no ground then, though nobody paid.
    """

    def days(charge: Charge) -> tuple[date, date]:
        return charge.period_from, charge.period_to

    later = sorted((charge for charge in charges if charge.period_from > reminded), key=days)
    periods = (_as_one(list(documents)) for _days, documents in groupby(later, key=days))
    return tuple(
        period
        for period in periods
        if end_of_term(period.due) < today
        and 0 < period.total <= period.open
        and (disputed or not period.disputed)
    )


def _as_one(documents: Sequence[Charge]) -> Charge:
    return Charge(
        documents[0].period_from,
        documents[0].period_to,
        min(one.due for one in documents),
        sum((one.total for one in documents), ZERO),
        sum((one.open for one in documents), ZERO),
        any(one.disputed for one in documents),
    )


def is_ground_gone(charges: Sequence[Charge], reminded: date, today: date) -> bool:
    """Whether a cut-off that was announced has lost its ground: payments or corrections left fewer than two full periods.

    A dispute pays nothing: the cut-off waits for its end.
    """
    return len(unpaid_periods(charges, reminded, today, disputed=True)) < FULL_PERIODS


def is_held(charges: Sequence[Charge], reminded: date, today: date) -> bool:
    """Whether nothing but a dispute stands between the unpaid periods and their being the ground of a cut-off."""
    return (
        not is_ground_gone(charges, reminded, today)
        and len(unpaid_periods(charges, reminded, today)) < FULL_PERIODS
    )


def obstacles_to_notice(facts: Facts, today: date) -> tuple[Obstacle, ...]:
    """What stands against announcing the cut-off.

    ``no_reminder``: none was received; ``periods``: fewer than two full ones unpaid; ``disputed``: two but for a dispute;
    ``credit``: money of his waits to be matched, and may have been meant for these periods; ``no_substitute``; ``no_day``.
    """
    found = []
    if facts.reminded is None:
        found.append(Obstacle("no_reminder"))
    else:
        number = len(unpaid_periods(facts.charges, facts.reminded, today))
        if number < FULL_PERIODS:
            code = "disputed" if is_held(facts.charges, facts.reminded, today) else "periods"
            found.append(Obstacle(code, number=number, day=facts.reminded))
    if facts.credit > 0:
        found.append(Obstacle("credit", amount=facts.credit))
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
