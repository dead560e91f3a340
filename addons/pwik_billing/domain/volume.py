"""The volume of one point: what is to be billed of it, over which days, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from . import wording
from .consumption import MeterRules, Register, Window, interval_of, measure, registers, total
from .correction import IssuedInvoice
from .document import ReadingPair
from .errors import Implausible, MissingReading
from .estimation import average, estimate, lump_sum
from .money import ONE, ZERO, floor_to
from .periods import DAY, Period, day_before
from .request import Point

WATER_METERS = ("main", "unit")


@dataclass(frozen=True, slots=True)
class Volume:
    """m³ of one component at one point.

    ``quantity``: what was used; ``cumulative``: since before estimates that were billed, so that those are to be taken off it.
    After ``PointCase.to_bill`` it is what is left to bill, negative when more was billed before than used. ``interval``: the
    days that the prices share. ``known``: the ``quantity`` up to the end of a day, or None where only the days can tell.
    ``guessed``: the part of ``quantity`` that was estimated on top of what the registers show, or None.
    """

    component: str
    point: str
    quantity: Decimal
    interval: Period
    method: str
    how: str
    values: tuple[ReadingPair, ...] = ()
    rules: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    cumulative: bool = False
    known: Callable[[date], Decimal | None] | None = None
    guessed: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Estimated invoices that no reading has settled, oldest first, and the last day they cover."""

    invoices: tuple[IssuedInvoice, ...]
    until: date

    def billed(self, component: str, point: str) -> Decimal:
        return sum((invoice.quantity(component, point) for invoice in self.invoices), ZERO)


class PointCase:
    """One point while it is settled: finds what was not settled before, measures, estimates.

    ``issued``: the invoices of the periods before this one, oldest first.
    """

    def __init__(
        self,
        point: Point,
        where: str,
        period: Period,
        contract_from: date,
        rules: MeterRules,
        issued: tuple[IssuedInvoice, ...],
    ) -> None:
        self.point = point
        self.where = where
        self.period = period
        self.rules = rules
        self.contract_from = contract_from
        self.whole = rules.quantum == ONE
        self.water_meters = registers(point, where, rules.quantum, WATER_METERS)
        self.devices = registers(point, where, rules.quantum, ("sewage",))
        self.gardens = registers(point, where, rules.quantum, ("deduction",))
        self.base_meters = self.water_meters or self.devices
        self.opening = day_before(period.date_from)
        issued = _of_point(issued, point.id)
        self.last_issued = issued[-1] if issued else None
        settled = issued[-1].is_settled(point.id) if issued else None
        self.unsettled = self._find_unsettled(issued) if issued else None
        window, self.cumulative = self._find_window()
        self.window = replace(window, billed=self._find_closings(issued, window.opening))
        #: An estimated value opens only where it was billed, or nothing is known of what was billed.
        self.opens_measured = self.cumulative or settled is True
        self._water: Volume | None = None

    # What was billed without a reading

    def _find_unsettled(self, issued: tuple[IssuedInvoice, ...]) -> Unsettled | None:
        found: list[IssuedInvoice] = []
        for invoice in reversed(issued):
            settled = invoice.is_settled(self.point.id)
            if settled or (settled is None and not self._waits(invoice.period)):
                break
            found.append(invoice)
        if not found or not self.base_meters:
            return None
        found.reverse()
        until = found[-1].estimated_until(self.point.id) or found[-1].period.date_to
        return Unsettled(tuple(found), max(until, self._last_estimate() or until))

    def _waits(self, period: Period) -> bool:
        """Whether an invoice of ``period`` that does not tell must have been an estimate.

        So it is where a meter that was read before ``period`` and still on at its end has no measured value of ``period``.
        """
        return any(
            any(
                reading.date < period.date_from or reading.date == self.contract_from
                for reading in register.actual
            )
            and not any(
                period.date_from <= reading.date <= period.date_to and reading.date != self.contract_from
                for reading in register.actual
            )
            for register in self.base_meters
            if register.meter.date_to is None or register.meter.date_to > period.date_to
        )

    def _last_estimate(self) -> date | None:
        days = [
            reading.date
            for register in self.base_meters
            for reading in register.states
            if reading.estimated and reading.date <= self.opening
        ]
        return max(days, default=None)

    def _find_window(self) -> tuple[Window, bool]:
        """The days to measure, and whether they begin before estimates that were billed.

        Where the register value before the estimates is not at hand, the value that ends them opens instead.
        """
        plain = Window(self.opening, self.opening, self.period.date_to, self.contract_from)
        if self.unsettled is None:
            return plain, False
        start = day_before(self.unsettled.invoices[0].period.date_from)
        since = Window(start, self.opening, self.period.date_to, self.contract_from)
        try:
            measure(self.base_meters, since, self.rules, measured_only=True, partial=True)
        except MissingReading:
            if self._known_to(self.base_meters, self.opening) < self.unsettled.until:
                raise
            return plain, False
        return since, True

    def _find_closings(self, issued: tuple[IssuedInvoice, ...], day: date) -> dict[str, ReadingPair]:
        """The values that the last invoice up to ``day`` ended with, where that invoice stands for good and tells them."""
        before = [invoice for invoice in issued if invoice.period.date_to <= day]
        if not before or before[-1].is_settled(self.point.id) is not True:
            return {}
        return before[-1].closings(self.point.id)

    def to_bill(self, volume: Volume) -> Volume:
        """``volume`` less what estimates billed of it before, where it counts from before them."""
        if not volume.cumulative or self.unsettled is None:
            return volume
        billed = self.unsettled.billed(volume.component, volume.point)
        left = volume.quantity - billed
        how = f"{volume.how}; {wording.settled(billed, left)}" if billed else volume.how
        known = volume.known
        return replace(
            volume,
            quantity=left,
            how=how,
            rules=(*volume.rules, "settled"),
            cumulative=False,
            known=None if known is None else lambda day: _minus(known(day), billed),
        )

    # Water

    @property
    def water(self) -> Volume:
        """What was used of water (also where only sewage is billed)."""
        if self._water is None:
            if self.point.lump_sum is not None:
                self._water = self._by_norm()
            elif self.point.broken is not None:
                self._water = self._by_average()
            else:
                self._water = self.measured("water", self.water_meters)
        return self._water

    def _by_norm(self) -> Volume:
        norms = self.point.lump_sum
        quantity = lump_sum(norms, self.rules.quantum)
        how = wording.lump(norms, quantity)
        return Volume("water", self.point.id, quantity, self.period, "lump_sum", how, rules=("lump_sum",))

    def _by_average(self) -> Volume:
        """The replacement for the meter that broke, and what a meter put on after it measured."""
        broken = self.point.broken
        replaced, basis = average(broken, self.rules.quantum, self.where)
        how = wording.averaged(broken, basis, replaced)
        later = [meter for meter in self.water_meters if meter.meter.date_from > self.opening]
        if len(later) == len(self.water_meters):
            later = later[1:]  # all came in this period: the first of them is the one that broke
        pairs = measure(
            later, Window(self.opening, self.opening, self.period.date_to, self.contract_from), self.rules
        )
        quantity = replaced + total(pairs)
        rules: tuple[str, ...] = ("average",)
        if pairs:
            how = f"{how}; {wording.readings(pairs, total(pairs), self.whole)}; {wording.added(quantity)}"
            rules = ("average", "exchange")
        return Volume(
            "water", self.point.id, quantity, self.period, "average", how, pairs, rules, flags_of(pairs)
        )

    def measured(self, component: str, meters: list[Register]) -> Volume:
        """What ``meters`` measured, estimated up to the end where the point says so, less the units behind them."""
        if not any(meter.serves(self.opening, self.period.date_to) for meter in meters):
            raise MissingReading(
                f"point {self.point.id} has no meter for {component} and no lump sum in {self.period.date_from}"
                f" to {self.period.date_to}",
                f"{self.where}.meters",
                point=self.point.id,
                what=component,
            )
        if self.point.estimate is not None and not self._read_up_to(meters, self.point.estimate.date_to):
            return self._estimated(component, meters)
        pairs = measure(meters, self.window, self.rules, measured_only=self.opens_measured)
        if meters is self.water_meters:  # no average ever stands in for a device that measures sewage
            self._check_after_average(pairs)
        quantity = total(pairs)
        how = wording.readings(pairs, quantity, self.whole)
        rules = ("reading", "exchange") if _exchanged(pairs) else ("reading",)
        method = "estimate" if any(self._open_estimate(pair) for pair in pairs) else "reading"
        known = self._known_by(meters)
        if self.point.units_m3 is not None:
            quantity, how = self._less_units(quantity, how)
            rules, known = (*rules, "units"), None
        return Volume(
            component,
            self.point.id,
            quantity,
            self._interval(pairs),
            method,
            how,
            pairs,
            rules,
            flags_of(pairs),
            self.cumulative,
            known if method == "reading" else None,
        )

    def _open_estimate(self, pair: ReadingPair) -> bool:
        """Whether ``pair`` ends with an estimate that a reading will settle: its meter stays on."""
        return pair.source == "estimate" and not any(
            meter.id == pair.meter and meter.date_to == pair.date_to for meter in self.point.meters
        )

    def _interval(self, pairs: tuple[ReadingPair, ...]) -> Period:
        found = interval_of(pairs, self.period)
        if self.cumulative and found.date_from <= self.unsettled.until < found.date_to:
            return Period(self.unsettled.until + DAY, found.date_to)
        return found

    def _check_after_average(self, pairs: tuple[ReadingPair, ...]) -> None:
        """A meter that an average stood in for must open anew: what it showed meanwhile is void.

        One that came in its place was billed by its values, and goes on from the last of them.
        """
        last = self.last_issued
        if last is None or "average" not in last.methods(self.point.id):
            return
        billed = last.closings(self.point.id)
        for pair in pairs:
            if pair.meter in billed and billed[pair.meter].date_to == pair.opened:
                continue
            if pair.opened < last.period.date_to and pair.opened <= self.opening and pair.quantity:
                raise MissingReading(
                    f"meter {pair.meter} was billed by average up to {last.period.date_to} and has no reading after it",
                    f"{self.where}.meters",
                    meter=pair.meter,
                    day=last.period.date_to,
                    what="opening",
                )

    def _less_units(self, measured: Decimal, how: str) -> tuple[Decimal, str]:
        units = sum((floor_to(value, self.rules.quantum) for value in self.point.units_m3 or ()), ZERO)
        if units > measured:
            raise Implausible(
                f"the main meter of point {self.point.id} measured {measured} m³, its units {units} m³",
                f"{self.where}.units_m3",
                point=self.point.id,
                main=measured,
                units=units,
            )
        left = measured - units
        return left, f"{how}; {wording.minus_units(measured, units, left)}"

    # Estimate

    def _read_up_to(self, meters: list[Register], day: date) -> bool:
        """Whether every meter that stays has a value (measured or estimated) of ``day`` or later inside the period."""
        last = min(day, self.period.date_to)
        return all(
            any(last <= reading.date <= self.period.date_to for reading in register.states)
            for register in _staying(meters, self.opening, last)
        )

    def _estimated(self, component: str, meters: list[Register]) -> Volume:
        """What is known up to the last value, and the estimate for the days after it.

        Days that an earlier estimate covers are not estimated again; a value read since then settles them first.
        """
        basis = self.point.estimate
        last = min(basis.date_to, self.period.date_to)
        known_to = self._known_to(meters, last)
        covered = self.opening if self.unsettled is None else self.unsettled.until
        pairs: tuple[ReadingPair, ...] = ()
        if known_to > covered:
            window = replace(self.window, after=self.opening, date_to=last)
            pairs = measure(meters, window, self.rules, measured_only=self.opens_measured, partial=True)
        start = known_to + DAY if self.unsettled is None else max(known_to, covered) + DAY
        if start <= self.contract_from + DAY:
            start = self.contract_from  # the opening reading of a contract is of its first day, which counts
        rest = Period(start, last)
        guessed = estimate(basis, rest.days, self.rules.quantum)
        quantity = total(pairs) + guessed
        how = wording.estimated(basis, rest.days, guessed)
        interval = rest
        if pairs:
            how = f"{wording.readings(pairs, total(pairs), self.whole)}; {how}; {wording.added(quantity)}"
            first = min(pair.date_from for pair in pairs)
            interval = Period(covered + DAY if self.cumulative else first, last)
        return Volume(
            component,
            self.point.id,
            quantity,
            interval,
            "estimate",
            how,
            pairs,
            ("reading", "estimate") if pairs else ("estimate",),
            flags_of(pairs),
            self.cumulative and bool(pairs),
            guessed=guessed,
        )

    def _known_to(self, meters: list[Register], last: date) -> date:
        """The last day for which every meter that stays has a value; the day before the period where one has none."""
        found = [register.last(last) for register in _staying(meters, self.opening, last)]
        return min((self.opening if reading is None else reading.date for reading in found), default=last)

    # Values on the very day of a price change

    def _known_by(self, meters: list[Register]) -> Callable[[date], Decimal | None]:
        def known(day: date) -> Decimal | None:
            pairs = self.exactly(meters, day, self.opens_measured)
            return None if pairs is None else total(pairs)

        return known

    def exactly(
        self, meters: list[Register], day: date, measured_only: bool
    ) -> tuple[ReadingPair, ...] | None:
        """What ``meters`` measured up to the end of ``day``; None unless each in place was read on that very day."""
        window = self.window.until(day)
        there = [register for register in meters if register.serves(window.opening, day)]
        for register in there:
            end = register.meter.date_to
            if (end is None or end > day) and all(reading.date != day for reading in register.actual):
                return None
        return measure(there, window, self.rules, measured_only=measured_only)


def flags_of(pairs: tuple[ReadingPair, ...]) -> tuple[str, ...]:
    return ("rollover",) if any(pair.rollover for pair in pairs) else ()


def _of_point(issued: tuple[IssuedInvoice, ...], point: str) -> tuple[IssuedInvoice, ...]:
    """``issued`` without those that say nothing of ``point`` while another invoice of the same days does."""
    if len(issued) < 2:
        return issued
    own = [invoice for invoice in issued if invoice.names(point)]
    return tuple(
        invoice
        for invoice in issued
        if invoice in own or not any(invoice.period.meets(other.period) for other in own)
    )


def is_settled_by(later: tuple[IssuedInvoice, ...], point: str) -> bool:
    """Whether one of the ``later`` invoices settled for good what was estimated of ``point`` before it."""
    return any(invoice.is_settled(point) is True for invoice in _of_point(later, point))


def _exchanged(pairs: tuple[ReadingPair, ...]) -> bool:
    return len(pairs) > 1 and min(pair.date_to for pair in pairs) < max(pair.date_from for pair in pairs)


def _staying(meters: list[Register], opening: date, last: date) -> list[Register]:
    """The meters that serve up to ``last`` and beyond."""
    return [
        register
        for register in meters
        if register.serves(opening, last)
        and (register.meter.date_to is None or register.meter.date_to > last)
    ]


def _minus(known: Decimal | None, billed: Decimal) -> Decimal | None:
    return None if known is None else known - billed
