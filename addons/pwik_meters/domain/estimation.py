"""Estimation of a reading that could not be taken. The method is kept with the value, so that one can explain it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from .errors import NoHistoryError
from .register import ZERO
from .validation.past import LITRE, Past, Series, days_between

YEAR = timedelta(days=365)

# In the order of trust.
SAME_PERIOD = "same_period"
AVERAGE = "average"
NORM = "norm"


@dataclass(frozen=True, slots=True)
class Estimate:
    """``value``: the register in m³ at ``moment``; ``use``: m³ since the last value; ``method``: how it was found."""

    moment: datetime
    value: Decimal
    use: Decimal
    method: str


def value_at(values: Sequence[Past], moment: datetime) -> Decimal | None:
    """Register at ``moment`` by straight line between the values around it; None outside of them.

    :param values: oldest first, without a rollover in between
    """
    for start, end in zip(values, values[1:], strict=False):
        if start.moment <= moment <= end.moment:
            days = days_between(start.moment, end.moment)
            if not days:
                return end.value
            return start.value + (end.value - start.value) * days_between(start.moment, moment) / days
    return None


def estimate(
    values: Sequence[Past], moment: datetime, digits: int, norm_per_day: Decimal | None = None
) -> Estimate:
    """Estimate the register at ``moment`` from accepted ``values`` (oldest first) of one installation.

    First the use of the same period a year before, then the average of all periods, then the norm of consumption
    (regulation of the Minister of Infrastructure of 14 January 2002), whichever comes first.

    :param norm_per_day: m³ a day for the point, None = not known
    :raise NoHistoryError: nothing to go by
    """
    if not values:
        raise NoHistoryError("no accepted value to start from")
    last = values[-1]
    days = days_between(last.moment, moment)
    if days < 0:
        raise NoHistoryError("the last accepted value is later than the day to estimate")
    use, method = _use(tuple(values), last.moment, moment, digits, norm_per_day)
    use = use.quantize(LITRE)
    return Estimate(moment, (last.value + use) % Decimal(10) ** digits, use, method)


def _use(values, start, end, digits, norm_per_day):
    real = tuple(past for past in values if not past.is_estimate)
    before, after = value_at(real, start - YEAR), value_at(real, end - YEAR)
    if before is not None and after is not None and after >= before:
        return after - before, SAME_PERIOD
    periods = Series.of(values).get_periods(digits)
    if periods:
        length = sum((period.days for period in periods), ZERO)
        return sum((period.use for period in periods), ZERO) * days_between(start, end) / length, AVERAGE
    if norm_per_day is not None:
        return norm_per_day * days_between(start, end), NORM
    raise NoHistoryError("no past period and no norm")
