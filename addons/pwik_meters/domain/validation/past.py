"""What counted before a reading: single values, the periods between them, and a register's series of them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from operator import sub, truediv
from typing import NamedTuple

from ..register import ZERO, capacity

SECONDS_A_DAY = Decimal(86400)
LITRE = Decimal("0.001")
ESTIMATE = "estimate"
_EPOCH = datetime(1970, 1, 1)
_MICROS_A_DAY = 86_400_000_000
# By how much a shortcut in floats leaves the exact way alone: the seconds of a day, and the litre to which is rounded
_MARGIN = 1.0001


class Past(NamedTuple):
    """A value that counts already: an accepted reading, a start value or an invoiced value."""

    moment: datetime
    value: Decimal
    source: str = "manual"
    rolled_over: bool = False

    @property
    def is_estimate(self) -> bool:
        return self.source == ESTIMATE


class Period(NamedTuple):
    """Water ``use`` (m³) in ``days`` between two real readings."""

    days: Decimal
    use: Decimal


def days_between(start: datetime, end: datetime) -> Decimal:
    delta = end - start
    return Decimal(delta.days) + Decimal(delta.seconds) / SECONDS_A_DAY


def to_micros(moment: datetime) -> int:
    """A moment in UTC (without a zone) as microseconds since 1970."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


class Series(Sequence):
    """Values of one register, oldest first, held as numbers: a Past is made only of those that somebody looks at.

    Two years of monthly values are 25 periods, of which nearly always nobody asks more than what they make together.

    :param micros: moments, :func:`to_micros`
    :param litres: values, whole litres
    :param sources: of each, or the one that all have
    :param rolled: whether the counter passed its highest value before each; None: before none
    """

    __slots__ = ("_is_steady", "litres", "micros", "rolled", "sources")

    def __init__(
        self,
        micros: list[int],
        litres: list[int],
        sources: list[str] | str,
        rolled: list[bool] | None = None,
    ) -> None:
        self.micros = micros
        self.litres = litres
        self.sources = sources
        self.rolled = rolled
        self._is_steady: bool | None = None

    @classmethod
    def of(cls, values: Iterable[Past]) -> "Series":
        """:param values: oldest first
        :raise ValueError: a value has more than three decimals
        """
        if isinstance(values, cls):
            return values
        values = list(values)
        return cls(
            [to_micros(past.moment) for past in values],
            [_to_litres(past.value) for past in values],
            [past.source for past in values],
            [past.rolled_over for past in values],
        )

    def __len__(self) -> int:
        return len(self.micros)

    def __getitem__(self, at):
        if isinstance(at, slice):
            return Series(
                self.micros[at],
                self.litres[at],
                self.sources if isinstance(self.sources, str) else self.sources[at],
                self.rolled and self.rolled[at],
            )
        return Past(
            _EPOCH + timedelta(microseconds=self.micros[at]),
            Decimal(self.litres[at]).scaleb(-3),
            self.sources if isinstance(self.sources, str) else self.sources[at],
            bool(self.rolled and self.rolled[at]),
        )

    def with_added(self, past: Past) -> "Series":
        """With one more value, after those of the same moment."""
        micros, at = to_micros(past.moment), len(self) - self.count_after(past.moment)
        same = self.sources == past.source
        sources = [self.sources] * len(self) if isinstance(self.sources, str) else self.sources
        rolled = self.rolled or [False] * len(self)
        return Series(
            [*self.micros[:at], micros, *self.micros[at:]],
            [*self.litres[:at], _to_litres(past.value), *self.litres[at:]],
            self.sources if same else [*sources[:at], past.source, *sources[at:]],
            [*rolled[:at], past.rolled_over, *rolled[at:]] if self.rolled or past.rolled_over else None,
        )

    def before(self, moment: datetime) -> "Series":
        """What is older than ``moment``."""
        micros = to_micros(moment)
        if not self.micros or self.micros[-1] < micros:
            return self
        return self[: bisect_left(self.micros, micros)]

    def count_after(self, moment: datetime) -> int:
        """How many are later than ``moment``."""
        return len(self) - bisect_right(self.micros, to_micros(moment))

    def first_after(self, moment: datetime) -> Past | None:
        """The next value later than ``moment``."""
        later = self.count_after(moment)
        return self[-later] if later else None

    def only(self, chosen: Sequence[bool]) -> "Series":
        """Those values for which ``chosen`` holds."""
        places = [at for at, is_chosen in enumerate(chosen) if is_chosen]
        return Series(
            [self.micros[at] for at in places],
            [self.litres[at] for at in places],
            self.sources if isinstance(self.sources, str) else [self.sources[at] for at in places],
            self.rolled and [self.rolled[at] for at in places],
        )

    @property
    def has_twins(self) -> bool:
        """Whether two values are of one moment."""
        return len(set(self.micros)) < len(self.micros)

    @property
    def is_steady(self) -> bool:
        """Whether all values are real, none ran back or was of the same moment, and no counter began anew."""
        if self._is_steady is None:
            sources = {self.sources} if isinstance(self.sources, str) else set(self.sources)
            self._is_steady = (
                ESTIMATE not in sources
                and not (self.rolled and any(self.rolled))
                and all(use >= 0 for use in map(sub, self.litres[1:], self.litres))
                and all(span > 0 for span in map(sub, self.micros[1:], self.micros))
            )
        return self._is_steady

    def reaches(self, use: Decimal, days: Decimal) -> bool:
        """Whether the median of the periods, for so many ``days``, is surely at least ``use`` (m³ above 0).

        False says nothing: the median itself has to be asked.
        """
        if len(self) < 2 or not self.is_steady or not days > 0:
            return False
        spans = list(map(sub, self.micros[1:], self.micros))
        if min(spans) < _MICROS_A_DAY:
            return False
        least = (float(use) * _MARGIN + float(LITRE)) * 1000 / (float(days) * _MICROS_A_DAY)
        rates = map(truediv, map(sub, self.litres[1:], self.litres), spans)
        return 2 * sum(map(least.__le__, rates)) > len(spans)

    def _get_steady_periods(self) -> tuple[Period, ...]:
        spans = map(sub, self.micros[1:], self.micros)
        uses = map(sub, self.litres[1:], self.litres)
        lengths = (divmod(span // 1_000_000, 86_400) for span in spans)
        return tuple(
            Period(Decimal(days) + Decimal(seconds) / SECONDS_A_DAY, Decimal(use).scaleb(-3))
            for (days, seconds), use in zip(lengths, uses, strict=True)
            if days or seconds
        )

    def get_last_real(self) -> Past | None:
        """The last value that was read and not estimated."""
        if isinstance(self.sources, str):
            return self[-1] if self.micros and self.sources != ESTIMATE else None
        return next((past for past in reversed(self) if past.source != ESTIMATE), None)

    def get_periods(self, digits: int) -> tuple[Period, ...]:
        """Periods between real values, oldest first; one of no length or of negative use says nothing and is left out.

        :param digits: whole digits of the counter
        """
        if self.is_steady:
            return self._get_steady_periods()
        real = [past for past in self if past.source != ESTIMATE]
        periods = []
        for start, end in pairwise(real):
            use = end.value - start.value
            # of two that waited for the same word on a rollover both are marked, and only the first went down
            if end.rolled_over and use < 0:
                use += capacity(digits)
            days = days_between(start.moment, end.moment)
            if days > 0 and use >= 0:
                periods.append(Period(days, use))
        return tuple(periods)

    def get_use(self, digits: int) -> Period | None:
        """All periods as one; None where there is none."""
        if self.is_steady and len(self) > 1:
            # what lies between the first and the last is the sum of the periods
            first, last = self[0], self[-1]
            days = days_between(first.moment, last.moment)
            return Period(days, last.value - first.value) if days > 0 else None
        periods = self.get_periods(digits)
        if not periods:
            return None
        return Period(sum((p.days for p in periods), ZERO), sum((p.use for p in periods), ZERO))


def _to_litres(value: Decimal) -> int:
    litres = value.scaleb(3)
    if litres != (whole := int(litres)):
        raise ValueError(f"{value} m³ has more than three decimals")
    return whole
