"""Subscription (opłata abonamentowa): per contract, point or meter; per period, started month or day.

Per period: one at the rate of the cycle in force on the last day. Per started month: the monthly rate in force at the end
of each month × the months in which the contract ran. Per day: the monthly rate × days / days of that month, month by month,
rounded once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from .. import wording
from ..correction import Key
from ..document import Line
from ..money import CENT, ONE, ZERO, half_up, line_net
from ..periods import Period
from ..request import Meter, Point
from ..volume import WATER_METERS
from .base import Case, Component

#: What names the subscription of a whole contract, best first.
PRECEDENCE = ("main", "unit", "unmetered")


@dataclass(frozen=True, slots=True)
class Due:
    """``count`` subscriptions of ``rate`` at ``point`` for the days of ``period``."""

    point: str
    rate: str
    count: int
    period: Period


class Subscription(Component):
    code = "subscription"
    rank = 30

    def charges(self, case: Case) -> Iterator[Line]:
        charge = {"period": _per_period, "started_month": _per_month, "day": _per_day}
        found: dict[Key, Line] = {}
        for due in _dues(case):
            for line in charge[case.request.policy.subscription_time](case, due):
                found[line.key] = _joined(found[line.key], line) if line.key in found else line
        yield from found.values()


def _joined(one: Line, other: Line) -> Line:
    """The one line of a rate at a point that two dues of the same price make."""
    quantity = one.quantity + other.quantity
    return replace(
        one,
        quantity=quantity,
        net=line_net(quantity, one.price),
        date_from=min(one.date_from, other.date_from),
        date_to=max(one.date_to, other.date_to),
        how=one.how if one.how == other.how else f"{one.how}; {other.how}",
    )


def _dues(case: Case) -> list[Due]:
    points = [item.point for item in case.points]
    per = case.request.policy.subscription_per
    rates = [_rate(point, case.period) for point in points]
    dues = []
    if per == "contract":
        lead = min(range(len(points)), key=lambda index: (PRECEDENCE.index(rates[index]), index))
        dues.append(Due(points[lead].id, rates[lead], 1, case.period))
    else:
        for point, rate in zip(points, rates, strict=True):
            count = max(1, len(_places(point, WATER_METERS, case.period))) if per == "meter" else 1
            dues.append(Due(point.id, rate, count, _days(point, case.period)))
    by_period = case.request.policy.subscription_time == "period"
    for point in points:
        dues.extend(_garden_dues(point, case.period, by_period))
    return dues


def _days(point: Point, period: Period) -> Period:
    """The days of ``period`` on which the contract has the point."""
    return period.cut(point.date_from or period.date_from, point.date_to) or period


def _rate(point: Point, period: Period) -> str:
    metered = any(_present(meter, period) for meter in point.meters if meter.purpose != "deduction")
    return point.kind if metered else "unmetered"


def _garden_dues(point: Point, period: Period, by_period: bool) -> list[Due]:
    """Each additional meter pays from the day on which it is there; those with equal days share a line.

    Per period their days do not matter: each pays one subscription.
    """
    counts: dict[Period, int] = {}
    for place in _places(point, ("deduction",), period):
        place = period if by_period else place
        counts[place] = counts.get(place, 0) + 1
    return [Due(point.id, "deduction", count, days) for days, count in counts.items()]


def _present(meter: Meter, period: Period) -> bool:
    return meter.date_from <= period.date_to and (meter.date_to is None or meter.date_to >= period.date_from)


def _places(point: Point, purposes: Sequence[str], period: Period) -> list[Period]:
    """The days on which each place for a meter is taken: meters that follow one another (an exchange) share a place."""
    meters = [meter for meter in point.meters if meter.purpose in purposes and _present(meter, period)]
    places: list[list[Meter]] = []
    for meter in sorted(meters, key=lambda meter: meter.date_from):
        for place in places:
            removed = place[-1].date_to
            if removed is not None and removed <= meter.date_from:
                place.append(meter)
                break
        else:
            places.append([meter])
    return [
        Period(max(place[0].date_from, period.date_from), _last_day(place[-1], period)) for place in places
    ]


def _last_day(meter: Meter, period: Period) -> date:
    return period.date_to if meter.date_to is None else min(meter.date_to, period.date_to)


def _line(due: Due, quantity: Decimal, price: Decimal, period: Period, how: str) -> Line:
    if due.count > 1:
        how = f"{how}; {wording.times(due.count)}"
    return Line(
        "subscription",
        due.point,
        None,
        due.rate,
        quantity,
        price,
        line_net(quantity, price),
        period.date_from,
        period.date_to,
        how=how,
        rules=("subscription",),
    )


def _per_period(case: Case, due: Due) -> Iterator[Line]:
    cycle = case.request.cycle
    tariff = case.book.at(case.period.date_to, "the subscription")
    price = case.book.subscription(tariff, due.rate, cycle)
    yield _line(due, Decimal(due.count), price, case.period, wording.per_period(due.rate, case.period, cycle))


def _per_month(case: Case, due: Due) -> Iterator[Line]:
    groups: list[tuple[Decimal, int, Period]] = []
    for month, _length in due.period.months():
        tariff = case.book.at(month.date_to, "the subscription")
        price = case.book.subscription(tariff, due.rate, "month")
        if groups and groups[-1][0] == price:
            _price, count, so_far = groups.pop()
            groups.append((price, count + 1, Period(so_far.date_from, month.date_to)))
        else:
            groups.append((price, 1, month))
    for price, count, days in groups:
        yield _line(due, Decimal(due.count * count), price, days, wording.per_months(due.rate, days, count))


def _per_day(case: Case, due: Due) -> Iterator[Line]:
    amount, parts = ZERO, []
    for month, length in due.period.months():
        for segment in case.book.segments(month, "the subscription"):
            price = case.book.subscription(segment.tariff, due.rate, "month")
            amount += price * segment.period.days / length
            parts.append((price, segment.period.days, length))
    how = wording.per_days(due.rate, due.period, parts)
    yield _line(due, ONE * due.count, half_up(amount, CENT), due.period, how)


COMPONENT = Subscription()
