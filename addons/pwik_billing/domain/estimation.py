"""Quantities for days that no meter measured: estimate, average of a broken meter, lump sum by norms.

Each multiplies first and rounds once, half up, to the quantity policy's ``quantum``.
"""

from __future__ import annotations

from decimal import Decimal

from . import wording
from .errors import MissingReading
from .money import ZERO, half_up
from .request import BrokenMeter, Estimate, LumpSum

MONTHS_OF_A_YEAR = 12


def estimate(basis: Estimate, days: int, quantum: Decimal) -> Decimal:
    """m³ for ``days`` by the daily use of the last settled period."""
    return half_up(basis.m3 * days / basis.days, quantum)


def average(broken: BrokenMeter, quantum: Decimal, where: str) -> tuple[Decimal, str]:
    """(m³, basis) that replace what a broken meter missed; the basis is ``before``, ``year_before`` or ``last_year``.

    Mean of the months before the finding × months; else the same period of the year before; else the monthly mean of the last
    year × months (tariff regulation, Dz.U. 2018 item 472). MissingReading where none of the three is known.
    """
    if broken.before:
        count = len(broken.before)
        return half_up(sum(broken.before, ZERO) * broken.months / count, quantum), "before"
    if broken.year_before is not None:
        return half_up(broken.year_before, quantum), "year_before"
    if broken.last_year is not None:
        return half_up(broken.last_year * broken.months / MONTHS_OF_A_YEAR, quantum), "last_year"
    raise MissingReading(
        "a broken meter needs the use of the months before, of the same period a year before or of the last year",
        f"{where}.broken",
        what="history",
    )


def average_in_words(broken: BrokenMeter, quantum: Decimal) -> str:
    """What the invoice will say of the average, with the m³ that it comes to. Raises as :func:`average`."""
    result, basis = average(broken, quantum, "")
    return wording.averaged(broken, basis, result)


def lump_sum(norms: tuple[LumpSum, ...], quantum: Decimal) -> Decimal:
    """m³ by average norms (Regulation of 14 January 2002, Dz.U. 2002 no. 8 item 70): Σ persons × norm × months.

    Rounded once, at the end: a move in the middle of the period rounds nothing twice.
    """
    return half_up(sum((norm.persons * norm.norm * norm.months for norm in norms), ZERO), quantum)
