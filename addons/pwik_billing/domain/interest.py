"""Interest for delay by a table of rates that staff keep (Civil Code art. 481, commercial transactions act of 8 March 2013)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .errors import BadRequest, MissingRate
from .money import CENT, HUNDRED, ZERO, half_up
from .periods import DAY, Period

DAYS_OF_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class InterestRate:
    """``percent`` a year from ``date_from`` to ``date_to`` (None: until further notice)."""

    date_from: date
    date_to: date | None
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Paid:
    """What lowered a debt: ``amount`` zł on ``day``."""

    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class InterestPart:
    """The days of one rate on one principal; ``amount`` zł, not rounded."""

    period: Period
    percent: Decimal
    amount: Decimal
    principal: Decimal


@dataclass(frozen=True, slots=True)
class Interest:
    """``amount`` zł rounded to 0.01, and how it came about."""

    amount: Decimal
    days: int
    parts: tuple[InterestPart, ...]

    def shares(self) -> tuple[Decimal, ...]:
        """The parts in whole grosze, by cumulative sums: what is printed line by line adds up to ``amount``."""
        shares, total, shown = [], ZERO, ZERO
        for part in self.parts:
            total += part.amount
            shares.append(half_up(total, CENT) - shown)
            shown += shares[-1]
        return tuple(shares)


def interest_on(principal: Decimal, due: date, paid: date, rates: Sequence[InterestRate]) -> Interest:
    """Interest on ``principal`` zł from the day after ``due`` to ``paid`` (included); nothing where it was paid in time.

    principal × percent × days / 365, summed over the rates and rounded once, half up. Interest bears no VAT. MissingRate names
    the first day without a rate; BadRequest a negative principal or rates that overlap.
    """
    return interest_on_debt(principal, due, (), paid, rates)


def interest_on_debt(
    principal: Decimal,
    due: date,
    payments: Sequence[Paid],
    until: date,
    rates: Sequence[InterestRate],
    charged_until: date | None = None,
) -> Interest:
    """Interest on a debt of ``principal`` zł that ``payments`` lower, from the day after ``due`` to ``until`` (included).

    The day of a payment still bears interest on what it pays; a payment on the due date or before lowers the debt from
    the start. Days to ``charged_until`` (included) were charged before and are left out. Rounded once, as in
    :func:`interest_on`, which names the errors; payments above the principal end the debt and no more.
    """
    if principal < 0:
        raise BadRequest(f"interest on a negative amount {principal}", "principal")
    if any(payment.amount < 0 for payment in payments):
        raise BadRequest("a negative payment", "payments")
    table = _in_order(rates)
    parts: list[InterestPart] = []
    for period, owed in _steps(principal, due, payments, until):
        left = period if charged_until is None else period.cut(charged_until + DAY, None)
        if left is not None:
            parts.extend(_by_rate(left, owed, table))
    total = half_up(sum((part.amount for part in parts), ZERO), CENT)
    return Interest(total, sum(part.period.days for part in parts), tuple(parts))


def _in_order(rates: Sequence[InterestRate]) -> list[InterestRate]:
    table = sorted(rates, key=lambda rate: rate.date_from)
    for before, after in zip(table, table[1:], strict=False):
        if before.date_to is None or before.date_to >= after.date_from:
            raise BadRequest(
                f"two interest rates are in force on {after.date_from}", "rates", day=after.date_from
            )
    return table


def _steps(
    principal: Decimal, due: date, payments: Sequence[Paid], until: date
) -> Iterator[tuple[Period, Decimal]]:
    """The days after ``due`` with what was owed on them; days without debt are not there."""
    owed, first = principal, due + DAY
    for payment in sorted(payments, key=lambda one: one.day):
        last = min(payment.day, until)
        if first <= last and owed > 0:
            yield Period(first, last), owed
            first = last + DAY
        owed -= payment.amount
    if first <= until and owed > 0:
        yield Period(first, until), owed


def _by_rate(period: Period, owed: Decimal, table: Sequence[InterestRate]) -> Iterator[InterestPart]:
    covered = period.date_from - DAY
    for rate in table:
        part = period.cut(rate.date_from, rate.date_to)
        if part is not None:
            if part.date_from != covered + DAY:
                break
            amount = owed * rate.percent * part.days / HUNDRED / DAYS_OF_A_YEAR
            yield InterestPart(part, rate.percent, amount, owed)
            covered = part.date_to
    if covered != period.date_to:
        raise MissingRate(f"no interest rate is in force on {covered + DAY}", "rates", day=covered + DAY)
