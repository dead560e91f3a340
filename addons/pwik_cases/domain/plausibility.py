"""Is that really the value? Asked at once, while the customer still stands at the meter.

This refuses nothing: the rules of the register decide later. It only finds what is worth a second look.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ROLLOVER_HIGH = Decimal("0.9")
ROLLOVER_LOW = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class KnownReading:
    """An accepted register value in m³; ``own`` when it belongs to the customer's own time at the meter."""

    day: date
    value: Decimal
    own: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """What counts as doubtful.

    :param register_digits: whole m³ digits of the register
    :param q3: permanent flow rate of the meter in m³/h, more cannot run through it for long
    :param factor: consumption above ``factor`` times the expected one is doubtful
    :param minimum: m³ above the expected one below which nothing is doubtful
    """

    register_digits: int
    q3: Decimal
    factor: Decimal = Decimal("3")
    minimum: Decimal = Decimal("5")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a value is worth a second look.

    ``code``: ``below_last`` (the register would have run backwards), ``too_high`` (more than usual), ``impossible``
    (more than the meter can pass). Volumes in m³; ``expected`` is None when nothing is known of usual consumption.
    """

    code: str
    last: KnownReading
    consumption: Decimal
    expected: Decimal | None = None


def assess(value: Decimal, day: date, history: tuple[KnownReading, ...], limits: Limits) -> Doubt | None:
    """Compare a submitted value with what is known of the meter.

    :param value: submitted register value in m³
    :param day: day of the submitted reading
    :param history: accepted readings of the same installation in any order; later ones than ``day`` are left out
    :return: the doubt, or None when the value is plausible or nothing is known to compare it with
    """
    known = sorted((reading for reading in history if reading.day <= day), key=lambda r: (r.day, r.value))
    if not known:
        return None
    last = known[-1]
    consumption = _consumption(last.value, value, limits.register_digits)
    if consumption < 0:
        return Doubt("below_last", last, consumption)
    days = (day - last.day).days
    if consumption > limits.q3 * 24 * max(days, 1):
        return Doubt("impossible", last, consumption)
    daily = daily_use(tuple(reading for reading in known if reading.own), limits.register_digits)
    if daily is None:
        return None
    expected = daily * days
    if consumption > expected * limits.factor and consumption - expected > limits.minimum:
        return Doubt("too_high", last, consumption, expected)
    return None


def daily_use(known: tuple[KnownReading, ...], register_digits: int) -> Decimal | None:
    """Mean m³ a day over the readings given in order of days; None for less than a week or a register that ran back."""
    if len(known) < 2 or (known[-1].day - known[0].day).days < 7:
        return None
    total = Decimal(0)
    for before, after in zip(known, known[1:], strict=False):
        step = _consumption(before.value, after.value, register_digits)
        if step < 0:
            return None
        total += step
    return total / (known[-1].day - known[0].day).days


def _consumption(before: Decimal, after: Decimal, register_digits: int) -> Decimal:
    """Difference in m³, over the register's end where it rolled over (near the end before, near zero after)."""
    size = Decimal(10) ** register_digits
    if after < before and before >= size * ROLLOVER_HIGH and after <= size * ROLLOVER_LOW:
        return after + size - before
    return after - before
