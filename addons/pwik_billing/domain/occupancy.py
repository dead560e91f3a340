"""Who lived where nobody measures: persons and norm of each month of a period, from their history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from .errors import MissingReading
from .request import LumpSum


@dataclass(frozen=True, slots=True)
class Occupancy:
    """From ``date_from`` on, so many persons live with this norm (m³ a person and month)."""

    date_from: date
    persons: int
    norm: Decimal


def by_month(
    history: Sequence[Occupancy], date_from: date, date_to: date, where: str = ""
) -> tuple[LumpSum, ...]:
    """Persons, norm and months of the period, in order, equal neighbours together.

    A month counts with what holds on its first day, or on the first day of the period in it: a change is billed from
    the month after it. ``date_from``, ``date_to``: the period cut to the contract, both included.

    Raises MissingReading where a month lies before the whole history.
    """
    known = sorted(history, key=lambda entry: entry.date_from)
    months = []
    for first in _firsts(date_from, date_to):
        valid = [entry for entry in known if entry.date_from <= first]
        if not valid:
            raise MissingReading(f"the number of persons on {first} is not known", where, what="persons")
        months.append((valid[-1].persons, valid[-1].norm))
    return tuple(
        LumpSum(persons, norm, Decimal(len(list(group)))) for (persons, norm), group in groupby(months)
    )


def _firsts(date_from: date, date_to: date) -> list[date]:
    """First day of each month that the period touches, cut to the period."""
    found, day = [], date_from
    while day <= date_to:
        found.append(day)
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return found
