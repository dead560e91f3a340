"""The counter of a meter: how much water lies between two values of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .errors import RegisterError

ZERO = Decimal(0)


def capacity(digits: int) -> Decimal:
    """Volume in m³ after which a register with that many whole digits starts again at zero."""
    return Decimal(10) ** digits


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a register's way from ``start`` to ``end`` (m³) on one meter.

    ``rolled_over`` says that the counter passed its highest value once in between; without it a smaller ``end`` is
    negative use, never a silent rollover.
    """

    start: Decimal
    end: Decimal
    digits: int = 5
    rolled_over: bool = False

    def __post_init__(self):
        top = capacity(self.digits)
        if not (ZERO <= self.start < top and ZERO <= self.end < top):
            raise RegisterError(
                f"a register of {self.digits} digits shows 0 to {top}: {self.start}, {self.end}"
            )

    @property
    def volume(self) -> Decimal:
        """Water in m³ that passed, negative when the counter went back."""
        return self.end - self.start + (capacity(self.digits) if self.rolled_over else ZERO)


def total(stretches: Iterable[Stretch]) -> Decimal:
    """Consumption in m³ over stretches of one or several meters, as an exchange leaves them."""
    return sum((stretch.volume for stretch in stretches), ZERO)


def flow_limit(q3: Decimal, days: Decimal) -> Decimal:
    """Most water in m³ that a meter of permanent flow ``q3`` (m³/h, EN ISO 4064-1) can measure in ``days`` days."""
    return q3 * 24 * days
