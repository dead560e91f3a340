"""What the rules look at: the reading, what is known of its meter, and what follows from both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from statistics import median
from types import MappingProxyType
from typing import NamedTuple

from ..register import ZERO, capacity, flow_limit
from .limits import Limits
from .past import LITRE, Past, Period, Series, days_between

A_DAY = timedelta(days=1)
NOTHING: Mapping[str, object] = MappingProxyType({})


class Reading(NamedTuple):
    """The reading under test. ``moment`` in UTC, ``day`` in the utility's time zone, ``value`` in m³."""

    moment: datetime
    day: date
    value: Decimal
    source: str = "manual"
    register: str = "main"


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


class History(NamedTuple):
    """All that the rules may know besides the reading itself.

    :param now: moment of the check, UTC
    :param installation: where the meter stood on the day of the reading, None = nowhere
    :param predecessor: the installation before it at the same point, None = none
    :param previous: accepted values of this installation before the reading, oldest first, start value included; a Series
        answers quickest
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
    previous: Sequence[Past] = ()
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

    :param series: the accepted values before the reading
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
        series: Series,
        base: Past | None,
        days: Decimal = ZERO,
        rolled_over: bool = False,
        use: Decimal | None = None,
        expected: Decimal | None = None,
    ):
        self.reading = reading
        self.history = history
        self.limits = limits
        self.series = series
        self.base = base
        self.days = days
        self.rolled_over = rolled_over
        self.use = use
        self.expected = expected

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """Past periods between real readings, oldest first; few rules look at them one by one."""
        return self.series.get_periods(self.history.meter.digits)

    @property
    def usual(self) -> Decimal | None:
        """Use in m³ (whole litres) in that time by the median of the past periods; None without periods."""
        if not self.periods:
            return None
        return median(period.use * self.days / period.days for period in self.periods).quantize(LITRE)

    def usual_reaches(self, use: Decimal) -> bool:
        """Whether ``usual`` is surely at least ``use`` (m³ above 0), in a tenth of its time; False says nothing."""
        return self.series.reaches(use, self.days)

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
    series = Series.of(history.previous)
    base = series.get_last_real()
    if base is None:
        return Assessment(reading, history, limits, series, None)
    days = days_between(base.moment, reading.moment)
    use = reading.value - base.value
    rolled_over = use < 0 and is_rollover(base, reading, history.meter, days, limits)
    if rolled_over:
        use += capacity(history.meter.digits)
    expected = _expected(history, series, days)
    return Assessment(reading, history, limits, series, base, days, rolled_over, use, expected)


def _expected(history: History, series: Series, days: Decimal) -> Decimal | None:
    """Whole litres: a threshold must not depend on the 28th digit of a division."""
    if history.expected_per_day is not None:
        return (history.expected_per_day * days).quantize(LITRE)
    past = series.get_use(history.meter.digits)
    return None if past is None else (past.use * days / past.days).quantize(LITRE)
