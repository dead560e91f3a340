"""What the rules look at: the reading, what is known of its meter, and what follows from both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from statistics import median

from ..register import ZERO, capacity, flow_limit
from .limits import Limits

SECONDS_A_DAY = Decimal(86400)
LITRE = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading under test. ``moment`` in UTC, ``day`` in the utility's time zone, ``value`` in m³."""

    moment: datetime
    day: date
    value: Decimal
    source: str = "manual"
    register: str = "main"


@dataclass(frozen=True, slots=True)
class Past:
    """A value that counts already: an accepted reading, a start value or an invoiced value."""

    moment: datetime
    value: Decimal
    source: str = "manual"
    rolled_over: bool = False

    @property
    def is_estimate(self) -> bool:
        return self.source == "estimate"


@dataclass(frozen=True, slots=True)
class Meter:
    """``q3`` in m³/h, ``digits`` = whole digits of the register."""

    q3: Decimal = Decimal("2.5")
    digits: int = 5
    kind: str = "main"


@dataclass(frozen=True, slots=True)
class Installation:
    """Stay of a meter at a point; a value that nobody noted is None."""

    date_from: date
    start_value: Decimal | None
    date_to: date | None = None
    end_value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Water ``use`` (m³) in ``days`` between two real readings."""

    days: Decimal
    use: Decimal


@dataclass(frozen=True, slots=True)
class History:
    """All that the rules may know besides the reading itself.

    :param now: moment of the check, UTC
    :param installation: where the meter stood on the day of the reading, None = nowhere
    :param predecessor: the installation before it at the same point, None = none
    :param previous: accepted values of this installation before the reading, oldest first, start value included
    :param following: the next accepted value after the reading (a back-dated one has it)
    :param same_moment: other readings in force of the same meter, moment and register
    :param last_billed: last invoiced value of this meter
    :param expected_per_day: m³ a day; None = taken from ``previous``
    :param contract_active: a contract was in force at the point on that day
    :param open_error: an earlier reading of this meter waits with an error
    :param sub_use: what the meters behind this one used in the same time, m³; None = there are none or not all read
    :param extra: facts for rules of other rooms
    """

    now: datetime
    meter: Meter = field(default_factory=Meter)
    installation: Installation | None = None
    predecessor: Installation | None = None
    previous: tuple[Past, ...] = ()
    following: Past | None = None
    same_moment: tuple[Past, ...] = ()
    last_billed: Past | None = None
    expected_per_day: Decimal | None = None
    contract_active: bool = True
    open_error: bool = False
    sub_use: Decimal | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assessment:
    """Reading and history with what the rules have in common, worked out once.

    :param base: last accepted value that was really read (not estimated), None = the first reading
    :param days: length of the time since ``base``, fraction included
    :param rolled_over: the counter plausibly passed its highest value since ``base``
    :param use: m³ since ``base`` (negative when the counter went back), None without ``base``
    :param expected: m³ expected in that time, None without history
    :param periods: past periods between real readings, oldest first
    """

    reading: Reading
    history: History
    limits: Limits
    base: Past | None
    days: Decimal
    rolled_over: bool
    use: Decimal | None
    expected: Decimal | None
    periods: tuple[Period, ...]

    @property
    def usual(self) -> Decimal | None:
        """Use in m³ (whole litres) in that time by the median of the past periods; None without periods."""
        if not self.periods:
            return None
        return median(period.use * self.days / period.days for period in self.periods).quantize(LITRE)

    def limit(self, code: str, parameter: str) -> Decimal:
        return self.limits.get(code, parameter)


def days_between(start: datetime, end: datetime) -> Decimal:
    delta = end - start
    return Decimal(delta.days) + Decimal(delta.seconds) / SECONDS_A_DAY


def past_periods(values: tuple[Past, ...], digits: int) -> tuple[Period, ...]:
    """Periods between real values, oldest first; a period of no length or of negative use says nothing and is left out."""
    real = [past for past in values if not past.is_estimate]
    periods = []
    for start, end in zip(real, real[1:], strict=False):
        use = end.value - start.value + (capacity(digits) if end.rolled_over else ZERO)
        days = days_between(start.moment, end.moment)
        if days > 0 and use >= 0:
            periods.append(Period(days, use))
    return tuple(periods)


def is_rollover(base: Past, reading: Reading, meter: Meter, days: Decimal, limits: Limits) -> bool:
    """Whether the counter plausibly passed its highest value: from near the top to near zero, at a possible flow."""
    top = capacity(meter.digits)
    return (
        base.value >= limits.get("V07", "high_share") * top
        and reading.value <= limits.get("V07", "low_share") * top
        and reading.value + top - base.value <= flow_limit(meter.q3, days)
    )


def assess(reading: Reading, history: History, limits: Limits) -> Assessment:
    """Work out once what several rules need."""
    meter = history.meter
    base = next((past for past in reversed(history.previous) if not past.is_estimate), None)
    periods = past_periods(history.previous, meter.digits)
    if base is None:
        return Assessment(reading, history, limits, None, ZERO, False, None, None, periods)
    days = days_between(base.moment, reading.moment)
    use = reading.value - base.value
    rolled_over = use < 0 and is_rollover(base, reading, meter, days, limits)
    if rolled_over:
        use += capacity(meter.digits)
    return Assessment(
        reading,
        history,
        limits,
        base,
        days,
        rolled_over,
        use,
        _expected(history, periods, days),
        periods,
    )


def _expected(history: History, periods: tuple[Period, ...], days: Decimal) -> Decimal | None:
    """Whole litres: a threshold must not depend on the 28th digit of a division."""
    if history.expected_per_day is not None:
        return (history.expected_per_day * days).quantize(LITRE)
    if not periods:
        return None
    use, length = sum((p.use for p in periods), ZERO), sum((p.days for p in periods), ZERO)
    return (use * days / length).quantize(LITRE)
