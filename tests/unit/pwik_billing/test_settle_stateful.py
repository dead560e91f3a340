"""Sequences of what happens to a contract: read, swap, estimate, bill, credit, bill again, mend a reading and correct.

A swapped meter is not read, a reading comes late, the point goes to another customer, everything is settled once more.

After each step that ends with a reading, what was billed is what the installations measured. ``PWIK_SEQUENCES=2000`` is the
full count; a sequence has up to fifty steps.
"""

import os
from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from test_settle_properties import SPAN, Step, World, check_documents

SEQUENCES = int(os.environ.get("PWIK_SEQUENCES", "15"))
STEPS = 50
LITRE = Decimal("0.001")
few = st.decimals(0, 120, places=3)


class Contract(RuleBasedStateMachine):
    """A contract with one point. ``asked[n]`` is the request of the n-th period, ``invoices[n]`` its invoice in force."""

    @initialize(start=st.decimals(0, SPAN - 1, places=3), policy=st.sampled_from(["whole", "decimal3"]))
    def begin(self, start, policy):
        self.world = World([Step(1, Decimal(0), Decimal(0), False, 0, False)], start, policy)
        self.asked, self.invoices, self.corrected = [], {}, set()
        self.settled = True

    def bill(self, days, used, *, estimated=False, guess=0, swap=False):
        world = self.world
        first = world.last + timedelta(days=1)
        world.last += timedelta(days=days)
        if swap:
            middle = first + timedelta(days=days // 2 - 1)
            half = (used / 2).quantize(LITRE)
            world._read(middle, half)
            world.meters[-1][2] = middle
            world.value = Decimal(3)
            world.meters.append([f"W{len(world.meters)}", middle, None, [(middle, world.value)]])
            used -= half
        world._read(world.last, used, keep=not estimated)
        step = Step(days, used, Decimal(0), estimated, guess, swap)
        asked = world._request(first, world.last, step)
        self.asked.append(asked)
        self.issue(len(self.asked) - 1)
        self.settled = not estimated
        self.check()

    def issue(self, number, correct=None):
        """Settle the n-th period (again); its new invoice, if one comes, is the one in force."""
        before = len(self.world.issued)
        self.world.issue(self.asked[number], correct=correct)
        for item in self.world.issued[before:]:
            if item.document.kind == "invoice":
                self.invoices[number] = item.id

    @rule(days=st.integers(4, 100), used=few)
    def read(self, days, used):
        self.bill(days, used)

    @rule(days=st.integers(6, 100), used=few)
    def swap(self, days, used):
        self.bill(days, used, swap=True)

    @rule(days=st.integers(4, 100), used=few, guess=st.integers(0, 200))
    def estimate(self, days, used, guess):
        self.bill(days, used, estimated=True, guess=guess)

    @rule(days=st.integers(6, 100), used=few, guess=st.integers(0, 200))
    def swap_and_estimate(self, days, used, guess):
        self.bill(days, used, estimated=True, guess=guess, swap=True)

    @precondition(lambda self: self.settled)
    @rule(days=st.integers(4, 100), used=st.decimals(1, 120, places=3), more=few)
    def read_late(self, days, used, more):
        """Billed by a reading of some days before the end; that of the last day becomes known after the invoice."""
        world = self.world
        first, world.last = world.last + timedelta(days=1), world.last + timedelta(days=days)
        world._read(world.last - timedelta(days=2), used)
        step = Step(days, used, Decimal(0), False, 0, False)
        self.asked.append(world._request(first, world.last, step))
        self.issue(len(self.asked) - 1)
        world._read(world.last, more)
        self.settled = False  # what the late reading shows more is for the next period

    @precondition(lambda self: self.asked and self.settled)
    @rule()
    def change_customer(self):
        """The one who leaves is settled; who comes starts with the last reading, in the middle of whatever period."""
        self.world.change_customer()
        self.asked, self.invoices, self.corrected = [], {}, set()

    @precondition(lambda self: self.asked and self.settled and len(self.invoices) == len(self.asked))
    @rule()
    def settle_everything_again(self):
        """Nothing was read since: no correction changes a sum, and the second time none comes out."""
        for last in (False, True):
            before = len(self.world.issued)
            for number, id in self.invoices.items():
                self.corrected.add(id)
                self.issue(number, correct=id)
            self.check()
            assert not last or len(self.world.issued) == before

    def last_invoice(self):
        return self.invoices.get(len(self.asked) - 1)

    @precondition(
        lambda self: self.asked and self.last_invoice() and self.last_invoice() not in self.corrected
    )
    @rule()
    def credit_and_bill_again(self):
        newest = next(item for item in reversed(self.world.issued) if item.document.kind == "invoice")
        if newest.id != self.last_invoice():
            return
        self.world.credit()
        self.issue(len(self.asked) - 1)
        self.check()

    @precondition(lambda self: self.asked and self.settled and len(self.invoices) == len(self.asked))
    @rule(place=st.integers(0, 10_000), share=st.decimals(0, 1, places=2))
    def mend_a_reading(self, place, share):
        """A reading was too high; every period since is corrected in turn."""
        first = self.world.contract_from - timedelta(days=1)
        rows = [rows for *_rest, rows in self.world.meters if len(rows) > 1 and rows[0][0] >= first]
        if not rows:
            return
        readings = rows[place % len(rows)]
        at = 1 + place % (len(readings) - 1)
        (day, value), before = readings[at], readings[at - 1][1]
        mended = (before + (share * ((value - before + SPAN) % SPAN)).quantize(LITRE)) % SPAN
        if at + 1 < len(readings) and (readings[at + 1][1] - mended + SPAN) % SPAN > SPAN / 10:
            return  # beyond what a rollover may be
        if readings is self.world.meters[-1][3] and at == len(readings) - 1:
            self.world.value = mended
        readings[at] = (day, mended)
        for number, asked in enumerate(self.asked):
            if asked["period"][1] < str(day):
                continue  # over before the reading was taken
            self.corrected.add(self.invoices[number])
            self.issue(number, correct=self.invoices[number])
        self.check()

    def check(self):
        if self.settled:
            world = self.world
            assert world.billed("water") == world.billed("sewage") == world.measured()

    def teardown(self):
        if getattr(self, "world", None):
            check_documents(self.world)


TestContract = Contract.TestCase
TestContract.settings = settings(
    max_examples=SEQUENCES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # The full count may be run in parts: --hypothesis-seed=1, 2, …
    derandomize="PWIK_SEQUENCES" not in os.environ,
)
