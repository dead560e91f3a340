"""Interest for delay by a table of rates that staff keep (Civil Code art. 481, commercial transactions act of 8 March 2013)."""

from __future__ import annotations

from collections.abc import Sequence
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
class InterestPart:
    """The days of one rate; ``amount`` zł, not rounded."""

    period: Period
    percent: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Interest:
    """``amount`` zł rounded to 0.01, and how it came about."""

    amount: Decimal
    days: int
    parts: tuple[InterestPart, ...]


def interest_on(principal: Decimal, due: date, paid: date, rates: Sequence[InterestRate]) -> Interest:
    """Interest on ``principal`` zł from the day after ``due`` to ``paid`` (included); nothing where it was paid in time.

    principal × percent × days / 365, summed over the rates and rounded once, half up. Interest bears no VAT. MissingRate names
    the first day without a rate; BadRequest a negative principal or rates that overlap.
    """
    if principal < 0:
        raise BadRequest(f"interest on a negative amount {principal}", "principal")
    table = sorted(rates, key=lambda rate: rate.date_from)
    for before, after in zip(table, table[1:], strict=False):
        if before.date_to is None or before.date_to >= after.date_from:
            raise BadRequest(
                f"two interest rates are in force on {after.date_from}", "rates", day=after.date_from
            )
    if paid <= due:
        return Interest(ZERO.quantize(CENT), 0, ())
    late = Period(due + DAY, paid)
    parts, covered = [], due
    for rate in table:
        part = late.cut(rate.date_from, rate.date_to)
        if part is not None:
            if part.date_from != covered + DAY:
                break
            amount = principal * rate.percent * part.days / HUNDRED / DAYS_OF_A_YEAR
            parts.append(InterestPart(part, rate.percent, amount))
            covered = part.date_to
    if covered != paid:
        raise MissingRate(f"no interest rate is in force on {covered + DAY}", "rates", day=covered + DAY)
    return Interest(half_up(sum((part.amount for part in parts), ZERO), CENT), late.days, tuple(parts))
