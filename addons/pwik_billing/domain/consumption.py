"""What meters measured: from register values to m³."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from .document import ReadingPair
from .errors import BadRequest, Implausible, MissingReading
from .money import QUANTA, ZERO, floor_to
from .periods import DAY, Period, day_before
from .request import Meter, Point, Policy, ReadingValue


@dataclass(frozen=True, slots=True)
class Window:
    """The days that a quantity is asked for.

    ``opening``: the day whose end the first register value belongs to. ``after``: a meter that is still there at the end must
    have a value later than this day (later than ``opening`` where earlier estimates are settled in one). ``date_to``: last day.
    ``contract_from``: first day of the contract, the day of its opening reading. ``billed``: by meter, the last values that
    were billed before: what a reading shows that became known later, between them and ``opening``, is not billed yet.
    """

    opening: date
    after: date
    date_to: date
    contract_from: date
    billed: Mapping[str, ReadingPair] = field(default_factory=dict)

    @property
    def opens_contract(self) -> bool:
        """Whether this is the first interval of the contract."""
        return self.opening < self.contract_from

    def until(self, day: date) -> Window:
        """The same, ending with ``day``."""
        return replace(self, after=min(self.after, day_before(day)), date_to=day)


class Register:
    """The values of one meter in the order of their days: measured ones (``actual``), and all (``states``).

    Of a measured and an estimated value of one day the measured one counts. The value with which a meter was taken off is final
    even if it was estimated: nobody will read that meter again.
    """

    __slots__ = ("actual", "meter", "states", "where")

    def __init__(self, meter: Meter, where: str, quantum: Decimal) -> None:
        self.meter = meter
        self.where = where
        actual: dict[date, ReadingValue] = {}
        guessed: dict[date, ReadingValue] = {}
        for reading in meter.readings:
            final = reading.date == meter.date_to
            kept = guessed if reading.estimated and not final else actual
            other = kept.get(reading.date)
            if other is not None and other.estimated != reading.estimated:
                if reading.estimated:
                    continue
            elif other is not None and floor_to(other.value, quantum) != floor_to(reading.value, quantum):
                raise BadRequest(
                    f"meter {meter.id} has two values for {reading.date}: {other.value} and {reading.value}",
                    f"{where}.readings",
                    meter=meter.id,
                    day=reading.date,
                )
            kept[reading.date] = reading
        self.actual = sorted(actual.values(), key=_day)
        if guessed:
            guessed.update(actual)
            self.states = sorted(guessed.values(), key=_day)
        else:
            self.states = self.actual

    def on(self, day: date) -> ReadingValue | None:
        """The value of exactly that day."""
        return next((reading for reading in self.states if reading.date == day), None)

    def last(self, day: date, measured_only: bool = False) -> ReadingValue | None:
        """The last value up to and including ``day``."""
        for reading in reversed(self.actual if measured_only else self.states):
            if reading.date <= day:
                return reading
        return None

    def serves(self, opening: date, date_to: date) -> bool:
        """Whether the meter measured on a day after ``opening`` (its first day's use belongs to the one before it) up to
        ``date_to``."""
        end = self.meter.date_to
        return self.meter.date_from <= date_to and (end is None or end > opening)

    def missing(self, what: str, day: date) -> MissingReading:
        return MissingReading(
            f"meter {self.meter.id} has no {what} reading for {day}",
            f"{self.where}.readings",
            meter=self.meter.id,
            day=day,
            what=what,
        )


def _day(reading: ReadingValue) -> date:
    return reading.date


@dataclass(frozen=True, slots=True)
class MeterRules:
    """The part of the policy that decides how register values become m³."""

    quantum: Decimal
    rollover_share: Decimal

    @classmethod
    def of(cls, policy: Policy) -> MeterRules:
        return cls(QUANTA[policy.quantity], policy.rollover_share)


def registers(point: Point, where: str, quantum: Decimal, purposes: Iterable[str]) -> list[Register]:
    """The registers of the point's meters with one of ``purposes``."""
    return [
        Register(meter, f"{where}.meters[{index}]", quantum)
        for index, meter in enumerate(point.meters)
        if meter.purpose in purposes
    ]


def measure(
    meters: Sequence[Register],
    window: Window,
    rules: MeterRules,
    *,
    measured_only: bool = False,
    partial: bool = False,
) -> tuple[ReadingPair, ...]:
    """What each of ``meters`` measured in ``window``, one pair for each that was in place.

    ``measured_only``: no estimated value may open (the estimates between are settled). ``partial``: a meter without a closing
    value gives what is known, perhaps nothing. MissingReading, Implausible (a register that ran backwards).
    """
    pairs = []
    for register in meters:
        if not register.serves(window.opening, window.date_to):
            continue
        opening = _opening(register, window, measured_only)
        closing = _closing(register, window, opening, partial)
        if closing is not opening:
            pairs.append(_pair(register, opening, closing, window, rules))
    return tuple(pairs)


def _opening(register: Register, window: Window, measured_only: bool) -> ReadingValue:
    installed = register.meter.date_from
    first = window.contract_from
    if installed > window.opening:
        found = register.on(installed)
        if found is None and installed <= first:
            found = register.on(first)
        if found is None:
            raise register.missing("opening", installed)
        return found
    if window.opens_contract:
        found = register.on(first) or register.on(day_before(first))
        if found is None:
            raise register.missing("opening", first)
        return found
    found = register.last(window.opening, measured_only)
    if found is None or found.date < day_before(first):
        raise register.missing("opening", window.opening)
    last = window.billed.get(register.meter.id)
    if last is not None and installed <= last.date_to < found.date:
        # as it was billed: that its reading was mended since changed nothing in what the period before it bills
        return ReadingValue(last.date_to, last.current, last.source)
    return found


def _closing(register: Register, window: Window, opening: ReadingValue, partial: bool) -> ReadingValue:
    removed = register.meter.date_to
    if removed is not None and removed <= window.date_to:
        found = register.on(removed)
        if found is None:
            raise register.missing("closing", removed)
        return opening if found.date <= opening.date else found
    found = register.last(window.date_to)
    if found is not None and found.date > opening.date and (found.date > window.after or partial):
        return found
    if partial or opening.date >= window.date_to:
        return opening
    raise register.missing("closing", window.date_to)


def _pair(
    register: Register, opening: ReadingValue, closing: ReadingValue, window: Window, rules: MeterRules
) -> ReadingPair:
    quantity, rollover, last = ZERO, False, opening
    for reading in register.actual:
        if opening.date < reading.date < closing.date:
            step, over = _step(register, last, reading, rules)
            quantity, rollover, last = quantity + step, rollover or over, reading
    step, over = _step(register, last, closing, rules)
    first_day = opening.date if opening.date == window.contract_from else opening.date + DAY
    return ReadingPair(
        register.meter.id,
        register.meter.purpose,
        first_day,
        closing.date,
        opening.value,
        closing.value,
        quantity + step,
        closing.source,
        opening.date,
        rollover or over,
    )


def _step(
    register: Register, last: ReadingValue, reading: ReadingValue, rules: MeterRules
) -> tuple[Decimal, bool]:
    """m³ between two neighbouring values, and whether the register passed its end."""
    moved = floor_to(reading.value, rules.quantum) - floor_to(last.value, rules.quantum)
    if moved >= 0:
        return moved, False
    span = Decimal(10) ** register.meter.digits
    margin = span * rules.rollover_share
    if last.value >= span - margin and reading.value <= margin:
        return moved + span, True
    if last.estimated:
        return moved, False  # the estimate was too high: settled by a correction, never by a negative bill
    raise Implausible(
        f"meter {register.meter.id} went down from {last.value} ({last.date}) to {reading.value} ({reading.date}), "
        f"too far from the end of its {register.meter.digits} digits for a rollover",
        f"{register.where}.readings",
        meter=register.meter.id,
        previous=last.value,
        current=reading.value,
        day=reading.date,
    )


def total(pairs: Iterable[ReadingPair]) -> Decimal:
    """Sum of what was measured, m³: an exchange is the sum over the installations."""
    return sum((pair.quantity for pair in pairs), ZERO)


def interval_of(pairs: Sequence[ReadingPair], otherwise: Period) -> Period:
    """From the first day to the last that the pairs cover."""
    if not pairs:
        return otherwise
    return Period(min(pair.date_from for pair in pairs), max(pair.date_to for pair in pairs))
