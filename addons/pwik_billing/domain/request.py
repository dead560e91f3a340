"""What the engine is asked: frozen values, fetched by whoever calls, never by the engine itself.

Volumes are m³, prices net zł, rates percent. Dates are days, both ends included; ``date_to`` None means no
end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .document import BilledDocument
from .periods import Period

CYCLES = ("month", "two_months", "quarter", "half_year")
SERVICES = ("water", "sewage")
POINT_KINDS = ("main", "unit")
PURPOSES = ("main", "unit", "deduction", "sewage")
SOURCES = ("manual", "customer", "radio", "exchange", "estimate")
QUANTITY_POLICIES = ("whole", "decimal3")
SUBSCRIPTION_PER = ("contract", "point", "meter")
SUBSCRIPTION_TIME = ("period", "started_month", "day")
SUBSCRIPTION_RATES = ("main", "unit", "deduction", "unmetered")


@dataclass(frozen=True, slots=True)
class Policy:
    """What a company decides.

    ``rollover_share``: a register that went down is taken for a rollover only when the value before lay in
    the last and the new one in the first such share of its range.
    """

    quantity: str = "whole"
    subscription_per: str = "point"
    subscription_time: str = "period"
    rollover_share: Decimal = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """From when to when the contract runs and which services it covers (some of ``SERVICES``)."""

    date_from: date
    date_to: date | None
    services: frozenset[str]


@dataclass(frozen=True, slots=True)
class TariffVersion:
    """Prices of one tariff period, already resolved for tariff group and municipality.

    ``prices``: component code -> net price per m³. ``subscription``: rate (``SUBSCRIPTION_RATES``) -> cycle
    -> net price.
    """

    id: str
    date_from: date
    date_to: date | None
    prices: Mapping[str, Decimal]
    subscription: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadingValue:
    """Value of a register at the end of a day, m³."""

    date: date
    value: Decimal
    source: str = "manual"

    @property
    def estimated(self) -> bool:
        return self.source == "estimate"


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter while it is installed on one point (an exchange makes two of them that share the day)."""

    id: str
    purpose: str
    digits: int
    date_from: date
    date_to: date | None
    readings: tuple[ReadingValue, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Estimate up to ``date_to`` by the daily use of the last settled period (``m3`` in ``days``)."""

    date_to: date
    days: int
    m3: Decimal


@dataclass(frozen=True, slots=True)
class BrokenMeter:
    """Replacement of what a broken meter did not measure in ``months``; the first basis that is there
    counts.
    """

    months: Decimal
    before: tuple[Decimal, ...] = ()
    year_before: Decimal | None = None
    last_year: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LumpSum:
    """Average norm for a point without a meter: ``norm`` m³ a person and month, for so many months of the period."""

    persons: int
    norm: Decimal
    months: Decimal


@dataclass(frozen=True, slots=True)
class Point:
    """A service point. At most one of ``estimate``, ``broken``, ``lump_sum``, ``units_m3`` is set.

    ``date_from``, ``date_to``: the days on which the contract has it, where it joined later or left earlier; None where not.
    """

    id: str
    kind: str
    meters: tuple[Meter, ...]
    estimate: Estimate | None = None
    broken: BrokenMeter | None = None
    lump_sum: tuple[LumpSum, ...] | None = None
    units_m3: tuple[Decimal, ...] | None = None
    date_from: date | None = None
    date_to: date | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One settlement of one contract for one period.

    ``billed``: documents issued earlier, as they came out of this engine. ``correct``: id of the one of them
    that is to be corrected from today's values; then nothing but the correction comes out.
    """

    id: str
    period: Period
    cycle: str
    vat_rate: Decimal
    contract: ContractTerms
    tariffs: tuple[TariffVersion, ...]
    points: tuple[Point, ...]
    policy: Policy = Policy()
    billed: tuple[BilledDocument, ...] = ()
    correct: str | None = None
