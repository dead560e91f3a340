"""Which price is in force when, and how a quantity is shared between prices."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .errors import MissingRate, OverlappingTariffs
from .money import ZERO, half_up
from .periods import DAY, Period
from .request import TariffVersion


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of an interval in which one tariff is in force."""

    tariff: TariffVersion
    period: Period


class TariffBook:
    """The tariffs of a request, by day.

    Raises OverlappingTariffs where two are in force on one day.
    """

    __slots__ = ("_order", "_starts", "_versions")

    def __init__(self, versions: Sequence[TariffVersion]) -> None:
        ranked = sorted(enumerate(versions), key=lambda item: item[1].date_from)
        self._versions = [version for _, version in ranked]
        self._order = [index for index, _ in ranked]
        self._starts = [version.date_from for version in self._versions]
        for place in range(1, len(ranked)):
            before, after = self._versions[place - 1], self._versions[place]
            if before.date_to is None or before.date_to >= after.date_from:
                raise OverlappingTariffs(
                    f"tariffs {before.id} and {after.id} are both in force on {after.date_from}",
                    f"tariffs[{self._order[place]}].from",
                    first=before.id,
                    second=after.id,
                    day=after.date_from,
                )

    def at(self, day: date, what: str) -> TariffVersion:
        """The tariff in force on ``day``; MissingRate (``what`` is to be priced) where there is none.

        A tariff that has expired is not stretched until the next one: whoever prolongs it (act of 7 June 2001, art. 24g)
        does so in the data, by its end.
        """
        place = bisect_right(self._starts, day) - 1
        if place >= 0:
            version = self._versions[place]
            if version.date_to is None or day <= version.date_to:
                return version
        raise MissingRate(f"no tariff is in force on {day} for {what}", "tariffs", day=day, what=what)

    def segments(self, interval: Period, what: str) -> list[Segment]:
        """``interval`` cut at the price changes. MissingRate names the first day without a tariff."""
        found = []
        day = interval.date_from
        while day <= interval.date_to:
            version = self.at(day, what)
            last = interval.date_to
            if version.date_to is not None and version.date_to < last:
                last = version.date_to
            found.append(Segment(version, Period(day, last)))
            if last == interval.date_to:
                break
            day = last + DAY
        return found

    def price(self, version: TariffVersion, component: str) -> Decimal:
        """Net price per m³ of ``component``."""
        price = version.prices.get(component)
        if price is None:
            where = f"{self._path(version)}.rates.{component}"
            raise MissingRate(
                f"tariff {version.id} has no rate for {component}", where, tariff=version.id, what=component
            )
        return price

    def subscription(self, version: TariffVersion, rate: str, cycle: str) -> Decimal:
        """Net subscription of ``rate`` for one ``cycle``."""
        price = version.subscription.get(rate, {}).get(cycle)
        if price is None:
            raise MissingRate(
                f"tariff {version.id} has no subscription rate {rate} for the cycle {cycle}",
                f"{self._path(version)}.rates.subscription.{rate}.{cycle}",
                tariff=version.id,
                what=f"subscription {rate} {cycle}",
            )
        return price

    def get(self, tariff_id: str) -> TariffVersion | None:
        """The tariff of that id, if it is among those of the request."""
        return next((version for version in self._versions if version.id == tariff_id), None)

    def _path(self, version: TariffVersion) -> str:
        return f"tariffs[{self._order[self._versions.index(version)]}]"


def share_by_days(total: Decimal, days: Sequence[int], quantum: Decimal) -> list[Decimal]:
    """``total`` m³ (not negative) shared over consecutive segments of so many ``days``, on cumulative sums.

    After each segment the m³ so far are total × days so far / all days, rounded half up to ``quantum``; a segment is the
    difference. So none is negative and the last closes exactly.
    """
    if len(days) == 1:
        return [total]
    whole, passed, given, shares = sum(days), 0, ZERO, []
    for count in days:
        passed += count
        so_far = half_up(total * passed / whole, quantum)
        shares.append(so_far - given)
        given = so_far
    return shares
