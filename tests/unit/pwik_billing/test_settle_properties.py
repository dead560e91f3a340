"""What must hold whatever happens: every m³ is billed once, and the money adds up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from billing_requests import garden, meter, point, request, tariff
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pwik_billing.domain import settle
from pwik_billing.domain.document import BilledDocument, Document
from pwik_billing.domain.tariff import share_by_days
from pwik_billing.domain.wire import dump_document, load_billed, load_request

START = date(2024, 1, 1)
DIGITS = 4
SPAN = 10**DIGITS
TARIFFS = [
    tariff("A", "2020-01-01", "2024-03-14"),
    tariff("B", "2024-03-15", "2024-08-31", "5.06", "9.14"),
    tariff("C", "2024-09-01", None, "5.37", "9.99"),
]
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def floor(value, policy="whole"):
    return value.quantize(Decimal(1) if policy == "whole" else Decimal("0.001"), ROUND_FLOOR)


# Sharing by days


@given(
    st.integers(0, 100_000),
    st.lists(st.integers(1, 200), min_size=1, max_size=6),
    st.sampled_from([Decimal(1), Decimal("0.001")]),
)
def test_shares_close_and_none_is_negative(total, days, quantum):
    amount = total * quantum
    shares = share_by_days(amount, days, quantum)
    assert len(shares) == len(days)
    assert sum(shares) == amount
    assert all(share >= 0 and share == share.quantize(quantum) for share in shares)
    so_far = Decimal(0)
    for index, share in enumerate(shares):
        so_far += share
        exact = amount * sum(days[: index + 1]) / sum(days)
        assert abs(so_far - exact) <= quantum / 2


# Histories


@dataclass
class Step:
    """A period of so many days: ``used`` m³, how it ends (read or estimated), whether the meter is changed midway."""

    days: int
    used: Decimal
    garden: Decimal
    estimated: bool
    guess: int
    exchanged: bool
    credited: bool = False


volumes = st.decimals(0, 300, places=3)
steps = st.builds(
    Step,
    days=st.integers(4, 100),
    used=volumes,
    garden=st.decimals(0, 1, places=3),
    estimated=st.booleans(),
    guess=st.integers(0, 400),
    exchanged=st.booleans(),
)
histories = st.lists(steps, min_size=1, max_size=6)
values = st.decimals(0, SPAN - 1, places=3)


class World:
    """One point with a garden meter, lived through step by step; keeps what was issued."""

    def __init__(
        self, history: list[Step], start: Decimal, policy: str = "whole", plot: bool = False
    ) -> None:
        self.history = [*history[:-1], Step(**{**vars(history[-1]), "estimated": False})]
        self.policy = policy
        self.plot = plot
        self.issued: list[BilledDocument] = []
        self.former: list[BilledDocument] = []  # what the customers before were billed
        self.contract_from = date(2023, 12, 1)
        self.last = START
        self.value = start
        self.meters = [[f"W{0}", START, None, [(START, start)]]]
        self.plot_value = Decimal(0)
        self.plot_readings = [(START, Decimal(0))]
        self.plot_used = Decimal(0)
        self.requests: list[dict] = []

    def _next_id(self) -> str:
        return f"D{len(self.former) + len(self.issued)}"

    def credit(self) -> None:
        """Takes the last invoice back whole, as a clerk may."""
        invoice = next(item for item in reversed(self.issued) if item.document.kind == "invoice")
        lines = [
            replace(line, quantity=-line.quantity, net=-line.net, rules=(*line.rules, "correction"))
            for line in invoice.document.lines
        ]
        document = Document.of("correction", invoice.document.period, lines, Decimal(8), invoice.id)
        self.issued.append(BilledDocument(self._next_id(), document))

    def live(self) -> None:
        for step in self.history:
            first = self.last + timedelta(days=1)
            self.last += timedelta(days=step.days)
            used = step.used
            if step.exchanged:
                middle = first + timedelta(days=step.days // 2 - 1)
                half = used / 2
                self._read(middle, half)
                self.meters[-1][2] = middle
                self.value = Decimal(3)
                self.meters.append([f"W{len(self.meters)}", middle, None, [(middle, self.value)]])
                used -= half
            self.plot_value += step.garden * step.used
            self._read(self.last, used, keep=not step.estimated)
            if not step.estimated:
                self.plot_readings.append((self.last, self.plot_value))
            body = self._request(first, self.last, step)
            self.requests.append(body)
            self.issue(body)
            if step.credited:
                self.credit()
                self.issue(body)

    def _read(self, day: date, used: Decimal, keep: bool = True) -> None:
        self.value = (self.value + used) % SPAN
        if keep:
            self.meters[-1][3].append((day, self.value))

    def _request(self, first: date, last: date, step: Step) -> dict:
        extra = {"estimate": {"to": str(last), "days": 50, "m3": str(step.guess)}} if step.estimated else {}
        return {"period": (str(first), str(last)), "extra": extra}

    def body(self, asked: dict, correct: str | None = None) -> dict:
        meters = [
            meter(
                id,
                *[(str(day), value, "manual") for day, value in readings],
                start=str(begin),
                end=str(end) if end else None,
                digits=DIGITS,
            )
            for id, begin, end, readings in self._of_the_customer()
        ]
        if self.plot:
            meters.append(garden(*[(str(day), value) for day, value in self.plot_readings], start=str(START)))
        more = {"correct": correct} if correct else {}
        return request(
            point(*meters, **asked["extra"]),
            period=asked["period"],
            tariffs=TARIFFS,
            policy={"quantity": self.policy},
            contract={"start": str(self.contract_from)},
            **more,
        )

    def _of_the_customer(self) -> list:
        """The meters as long as the contract has them: its own readings, from the evening before it on."""
        first = self.contract_from - timedelta(days=1)
        return [
            [id, begin, end, [row for row in readings if row[0] >= first]]
            for id, begin, end, readings in self.meters
            if end is None or end > first
        ]

    def change_customer(self) -> None:
        """Another customer has the point from tomorrow on; his contract knows nothing of the documents before it."""
        self.contract_from = self.last + timedelta(days=1)
        self.former.extend(self.issued)
        self.issued = []

    def issue(self, asked: dict, correct: str | None = None) -> None:
        """Settle what is asked. What was issued is handed over as it is: `check_documents` has it written and read back."""
        body = self.body(asked, correct)
        # a reading of tomorrow is not known today
        for found in body["points"][0]["meters"]:
            if correct is None:
                found["readings"] = [row for row in found["readings"] if row["date"] <= asked["period"][1]]
        for document in settle(replace(load_request(body), billed=tuple(self.issued))).documents:
            self.issued.append(BilledDocument(self._next_id(), document))

    def billed(self, component: str) -> Decimal:
        return sum(
            (
                line.quantity
                for item in (*self.former, *self.issued)
                for line in item.document.lines
                if line.component == component
            ),
            Decimal(0),
        )

    def measured(self) -> Decimal:
        """Σ of the floored differences of each installation (a rollover adds the register's range)."""
        total = Decimal(0)
        for _id, _begin, _end, readings in self.meters:
            for (_d, before), (_e, after) in zip(readings, readings[1:], strict=False):
                before, after = (floor(value, self.policy) for value in (before, after))
                total += after - before + (SPAN if after < before else 0)
        return total


def check_documents(world: World) -> None:
    """Debit = credit: each document's sums follow from its lines; invoices hold no negative line, nothing is empty or zero."""
    cent = Decimal("0.01")
    for item in (*world.former, *world.issued):
        document = item.document
        assert document.lines
        assert document.net == sum(line.net for line in document.lines)
        assert document.vat == (document.net * 8 / 100).quantize(cent, ROUND_HALF_UP)
        assert document.gross == document.net + document.vat
        for line in document.lines:
            assert line.quantity != 0
            assert line.net == (line.quantity * line.price).quantize(cent, ROUND_HALF_UP)
            assert document.kind == "correction" or line.quantity > 0
        keys = [line.key for line in document.lines]
        assert len(keys) == len(set(keys))
        raw = {"id": item.id, **dump_document(document)}
        assert load_billed(raw) == item


@FEW
@given(histories, values, st.sampled_from(["whole", "decimal3"]))
def test_what_is_billed_is_what_was_measured(history, start, policy):
    world = World(history, start, policy)
    world.live()
    assert world.billed("water") == world.billed("sewage") == world.measured()
    check_documents(world)


@FEW
@given(st.lists(st.builds(replace, steps, credited=st.booleans()), min_size=1, max_size=6), values)
def test_credited_and_billed_again(history, start):
    """An invoice that was taken back whole is billed anew, estimated or read: the sum stays."""
    world = World(history, start)
    world.live()
    assert world.billed("water") == world.billed("sewage") == world.measured()
    check_documents(world)


@FEW
@given(histories, values)
def test_estimates_do_not_change_the_sum(history, start):
    """Any split into periods, any estimates: the same m³ as one reading at the end."""
    world, calm = World(history, start), World(history, start)
    for step in calm.history:
        step.estimated = False
    world.live()
    calm.live()
    assert world.billed("water") == calm.billed("water")


@FEW
@given(histories, st.integers(1, 60))
def test_any_split_bills_the_same(history, at):
    """A period cut in two with a reading between: the same m³ in all."""
    whole = World(
        [Step(**{**vars(step), "estimated": False, "exchanged": False}) for step in history], Decimal(7)
    )
    whole.live()
    parts = []
    for step in whole.history:
        left = max(1, min(at, step.days - 1))
        some = (step.used * left / step.days).quantize(Decimal("0.001"))
        parts.append(Step(**{**vars(step), "days": left, "used": some}))
        parts.append(Step(**{**vars(step), "days": step.days - left, "used": step.used - some}))
    split = World(parts, Decimal(7))
    split.live()
    assert split.last == whole.last
    assert split.billed("water") == whole.billed("water")


@FEW
@given(histories, values)
def test_sewage_with_a_garden(history, start):
    """Never more than the water, never negative; the garden takes off what its meter measured, where the water lasts for it."""
    world = World(history, start, plot=True)
    world.live()
    check_documents(world)
    water, sewage = world.billed("water"), world.billed("sewage")
    assert water == world.measured()
    taken = floor(world.plot_readings[-1][1])
    assert max(Decimal(0), water - taken) <= sewage <= water
    readings = [step for step in world.history if not step.estimated]
    if len(readings) == 1:
        assert sewage == max(Decimal(0), water - taken)


@FEW
@given(histories, values, st.data())
def test_corrected_readings_bill_what_is_right_now(history, start, data):
    """One reading is mended; every document since is corrected in turn: the sum is that of the readings as they are now."""
    world = World(history, start)
    world.live()
    readings = data.draw(st.sampled_from([rows for *_, rows in world.meters if len(rows) > 1]))
    place = data.draw(st.integers(1, len(readings) - 1))
    (day, value), before = readings[place], readings[place - 1][1]
    step = (value - before + SPAN) % SPAN
    readings[place] = (day, (before + data.draw(st.decimals(0, 1, places=2)) * step) % SPAN)
    if place + 1 < len(readings):
        moved = (readings[place + 1][1] - readings[place][1] + SPAN) % SPAN
        if moved > SPAN / 10:
            return  # beyond what a rollover may be
    invoices = [item.id for item in world.issued if item.document.kind == "invoice"]
    assert len(invoices) == len(world.requests)
    for asked, id in zip(world.requests, invoices, strict=True):
        world.issue(asked, correct=id)
    assert world.billed("water") == world.billed("sewage") == world.measured()
    check_documents(world)


@FEW
@given(histories, values)
def test_correcting_without_a_cause_bills_nothing(history, start):
    """With every period read, settling a document again changes nothing."""
    world = World([Step(**{**vars(step), "estimated": False}) for step in history], start)
    world.live()
    count = len(world.issued)
    for asked, item in zip(world.requests, list(world.issued), strict=True):
        world.issue(asked, correct=item.id)
    assert len(world.issued) == count


# Exchanges among estimates


class Unread(World):
    """Meters are changed and nobody reads the new ones, period after period; some exchanges become known a period late."""

    def __init__(self, history: list[Step], start: Decimal, late: list[bool]) -> None:
        super().__init__(history, start)
        for step in self.history[:-1]:
            step.estimated = True
        self.late = late

    def body(self, asked: dict, correct: str | None = None) -> dict:
        body = super().body(asked, correct)
        meters = body["points"][0]["meters"]
        if len(meters) > 1 and self._is_hidden(meters[-1], asked):
            hidden = meters.pop()
            meters[-1]["to"] = None
            meters[-1]["readings"] = [
                row for row in meters[-1]["readings"] if row["date"] != hidden["readings"][0]["date"]
            ]
        return body

    def _is_hidden(self, found: dict, asked: dict) -> bool:
        """Whether the last exchange lies in the period asked for, which is estimated, and is still unknown there."""
        first, last = asked["period"]
        late = self.late[len(self.requests) - 1] and "estimate" in asked["extra"]
        return late and first <= found["readings"][0]["date"] <= last


unread = st.lists(
    st.builds(replace, steps, exchanged=st.sampled_from([True, True, False])), min_size=2, max_size=6
)


@FEW
@given(unread, values, st.lists(st.booleans(), min_size=6, max_size=6))
def test_exchanged_and_never_read_until_the_end(history, start, late):
    """The reading at the end settles all the estimates around the exchanges, known in time or late."""
    world = Unread(history, start, late)
    world.live()
    assert world.billed("water") == world.billed("sewage") == world.measured()
    check_documents(world)


@FEW
@given(unread, values)
@example(  # of the day after the change of prices nothing was billed, and it was estimated twice
    [
        Step(days=41, used=Decimal(0), garden=Decimal(0), estimated=False, guess=0, exchanged=False),
        Step(days=33, used=Decimal(50), garden=Decimal(0), estimated=False, guess=0, exchanged=True),
        Step(days=4, used=Decimal(0), garden=Decimal(0), estimated=False, guess=0, exchanged=False),
        Step(days=4, used=Decimal(0), garden=Decimal(0), estimated=False, guess=0, exchanged=True),
    ],
    Decimal(0),
)
def test_an_estimate_after_an_exchange_counts_from_it(history, start):
    """What the old meters measured is billed as measured; estimated are only the days since the last of them came off."""
    world = Unread(history, start, [False] * 6)
    for step in world.history[:-1]:
        step.guess = 50  # 1 m³ a day: the estimate has 50 days
    del world.history[-1]
    if not any(step.exchanged for step in world.history):
        world.history[0].exchanged = True
    world.live()
    came_off = max(end for _id, _begin, end, _readings in world.meters if end)
    # An estimate that was billed before the exchange is not estimated again, but settled by what the old meter showed.
    assert world.billed("water") == world.measured() + (world.last - came_off).days
