"""Thresholds of the rules, as values. The data of a utility replaces the defaults one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ..errors import UnknownLimitError

# Units: m³, days, minutes, shares of one. Sources: SAP IS-U tolerance classes, Oracle Utilities MDM rules; the
# ``min_over`` of V10 and V14 are ours: without it a garden tap that goes from 0.2 to 2 m³ would stop a bill.
DEFAULTS: Mapping[tuple[str, str], Decimal] = {
    ("V04", "minutes"): Decimal(15),
    ("V06", "tolerance"): Decimal("0.01"),
    ("V07", "high_share"): Decimal("0.9"),
    ("V07", "low_share"): Decimal("0.1"),
    ("V09", "share"): Decimal("0.7"),
    ("V09", "min_over"): Decimal(5),
    ("V10", "times_median"): Decimal(5),
    ("V10", "min_over"): Decimal(5),
    ("V11", "share"): Decimal("0.4"),
    ("V11", "min_under"): Decimal(3),
    ("V12", "periods"): Decimal(2),
    ("V12", "min_days"): Decimal(20),
    ("V13", "max_use"): Decimal("0.1"),
    ("V14", "tolerance"): Decimal("0.2"),
    ("V14", "min_over"): Decimal(5),
    ("V20", "periods"): Decimal(2),
    ("V22", "share"): Decimal("0.02"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds in force for one kind of meter on one day; what ``values`` lacks is taken from the defaults."""

    values: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)

    def __post_init__(self):
        # all in one place: thresholds are looked up a dozen times for a reading
        object.__setattr__(self, "values", {**DEFAULTS, **self.values})

    def get(self, code: str, parameter: str) -> Decimal:
        """Threshold ``parameter`` of rule ``code``.

        :raise UnknownLimitError: neither given nor a default: a rule never runs on a silent zero
        """
        try:
            return self.values[code, parameter]
        except KeyError:
            raise UnknownLimitError(f"no limit {parameter} of rule {code}") from None
