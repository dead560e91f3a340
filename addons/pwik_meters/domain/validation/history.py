"""What the rules look at: the reading, what is known of its meter, and what follows from both."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from statistics import median
from types import MappingProxyType
from typing import NamedTuple

from ..register import ZERO, capacity, flow_limit
from .limits import Limits

SECONDS_A_DAY = Decimal(86400)
A_DAY = timedelta(days=1)
LITRE = Decimal("0.001")
NOTHING: Mapping[str, object] = MappingProxyType({})


class Reading(NamedTuple):
    """The reading under test. ``moment`` in UTC, ``day`` in the utility's time zone, ``value`` in m³."""

    moment: datetime
    day: date
    value: Decimal
    source: str = "manual"
    register: str = "main"


class Past(NamedTuple):
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


class Billed(NamedTuple):
    """The last invoiced value (m³) and its day in the utility's time zone, which begins at ``midnight`` (UTC).

    ``rolled_over``: an accepted reading since then says that the counter passed its highest value.
    """

    day: date
    midnight: datetime
    value: Decimal
    rolled_over: bool = False

    def is_after(self, reading: Reading, following: Past | None) -> bool:
        """Whether the value was read after ``reading``: on a later day, or on the same one, where ``following`` tells."""
        if reading.day != self.day:
            return reading.day < self.day
        return following is not None and following.moment < self.midnight + A_DAY


class Installation(NamedTuple):
    """Stay of a meter at a point; a value that nobody noted is None."""

    date_from: date
    start_value: Decimal | None
    date_to: date | None = None
    end_value: Decimal | None = None


class Period(NamedTuple):
    """Water ``use`` (m³) in ``days`` between two real readings."""

    days: Decimal
    use: Decimal


class History(NamedTuple):
    """All that the rules may know besides the reading itself.

    :param now: moment of the check, UTC
    :param installation: where the meter stood on the day of the reading, None = nowhere
    :param predecessor: the installation before it at the same point, None = none
    :param previous: accepted values of this installation before the reading, oldest first, start value included
    :param following: the next accepted value after the reading (a back-dated one has it)
    :param same_moment: other readings in force of the same meter, moment and register
    :param last_billed: last invoiced value of this meter, None = never invoiced
    :param expected_per_day: m³ a day; None = taken from ``previous``
    :param contract_active: a contract was in force at the point on that day
    :param open_error: an earlier reading of this meter waits with an error
    :param sub_use: what the meters behind this one used in the same time, m³; None = there are none or not all read
    :param extra: facts for rules of other rooms
    """

    now: datetime
    meter: Meter = Meter()
    installation: Installation | None = None
    predecessor: Installation | None = None
    previous: tuple[Past, ...] = ()
    following: Past | None = None
    same_moment: tuple[Past, ...] = ()
    last_billed: Billed | None = None
    expected_per_day: Decimal | None = None
    contract_active: bool = True
    open_error: bool = False
    sub_use: Decimal | None = None
    extra: Mapping[str, object] = NOTHING


class Assessment:
    """Reading and history with what the rules have in common, worked out once.

    :param base: last accepted value that was really read (not estimated), None = the first reading
    :param days: length of the time since ``base``, fraction included
    :param rolled_over: the counter plausibly passed its highest value since ``base``
    :param use: m³ since ``base`` (negative when the counter went back), None without ``base``
    :param expected: m³ expected in that time, None without history
    """

    def __init__(
        self,
        reading: Reading,
        history: History,
        limits: Limits,
        base: Past | None,
        days: Decimal = ZERO,
        rolled_over: bool = False,
        use: Decimal | None = None,
        expected: Decimal | None = None,
    ):
        self.reading = reading
        self.history = history
        self.limits = limits
        self.base = base
        self.days = days
        self.rolled_over = rolled_over
        self.use = use
        self.expected = expected

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """Past periods between real readings, oldest first; few rules look at them one by one."""
        return past_periods(self.history.previous, self.history.meter.digits)

    @property
    def usual(self) -> Decimal | None:
        """Use in m³ (whole litres) in that time by the median of the past periods; None without periods."""
        if not self.periods:
            return None
        return median(period.use * self.days / period.days for period in self.periods).quantize(LITRE)

    def limit(self, code: str, parameter: str) -> Decimal:
        return self.limits.get(code, parameter)

    def facts(self) -> tuple[str, ...]:
        """Names of what is there to be judged, as ``Rule.needs`` has them; facts of other rooms by their own names."""
        history = self.history
        found = ("same_moment",) if history.same_moment else ()
        if self.base is not None:
            found += ("base",)
            if self.use == 0:
                found += ("standstill",)
            if self.rolled_over:
                found += ("rollover",)
        if self.expected is not None:
            found += ("expected",)
        if history.following is not None:
            found += ("following",)
        if history.last_billed is not None:
            found += ("last_billed",)
        if not history.contract_active:
            found += ("no_contract",)
        if history.open_error:
            found += ("open_error",)
        if history.sub_use is not None:
            found += ("sub_use",)
        if self.reading.source == "estimate":
            found += ("estimate",)
        return found + tuple(history.extra) if history.extra else found


def days_between(start: datetime, end: datetime) -> Decimal:
    delta = end - start
    return Decimal(delta.days) + Decimal(delta.seconds) / SECONDS_A_DAY


def past_periods(values: tuple[Past, ...], digits: int) -> tuple[Period, ...]:
    """Periods between real values, oldest first; a period of no length or of negative use says nothing and is left out."""
    real = [past for past in values if not past.is_estimate]
    periods = []
    for start, end in zip(real, real[1:], strict=False):
        use = end.value - start.value
        # of two that waited for the same word on a rollover both are marked, and only the first went down
        if end.rolled_over and use < 0:
            use += capacity(digits)
        days = days_between(start.moment, end.moment)
        if days > 0 and use >= 0:
            periods.append(Period(days, use))
    return tuple(periods)


def past_use(values: tuple[Past, ...], digits: int) -> Period | None:
    """All ``past_periods`` as one; None where there is none."""
    before, first, steady = None, None, True
    for past in values:
        if past.source == "estimate":
            continue
        if before is None:
            first = past
        elif past.value < before.value or past.moment <= before.moment or past.rolled_over:
            steady = False
            break
        before = past
    if steady:  # nearly always: what lies between the first and the last is the sum of the periods
        if before is first:
            return None
        return Period(days_between(first.moment, before.moment), before.value - first.value)
    periods = past_periods(values, digits)
    if not periods:
        return None
    return Period(sum((p.days for p in periods), ZERO), sum((p.use for p in periods), ZERO))


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
    base = next((past for past in reversed(history.previous) if past.source != "estimate"), None)
    if base is None:
        return Assessment(reading, history, limits, None)
    days = days_between(base.moment, reading.moment)
    use = reading.value - base.value
    rolled_over = use < 0 and is_rollover(base, reading, history.meter, days, limits)
    if rolled_over:
        use += capacity(history.meter.digits)
    return Assessment(reading, history, limits, base, days, rolled_over, use, _expected(history, days))


def _expected(history: History, days: Decimal) -> Decimal | None:
    """Whole litres: a threshold must not depend on the 28th digit of a division."""
    if history.expected_per_day is not None:
        return (history.expected_per_day * days).quantize(LITRE)
    past = past_use(history.previous, history.meter.digits)
    return None if past is None else (past.use * days / past.days).quantize(LITRE)
