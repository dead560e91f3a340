"""The life of one contract for B18, in Odoo: what was billed must be what its meters counted, whatever happened."""

import random
from datetime import date, timedelta
from decimal import Decimal
from math import floor

from dateutil.relativedelta import relativedelta

FIRST = date(2024, 7, 1)
LAST = date(2026, 3, 1)  # the prices of the world end in May


class Life:
    """Months go by; each is read or not, perhaps with an exchange, billed, and perhaps mended later."""

    def __init__(self, world, seed):
        self.world, self.env = world, world.env
        self.chance = random.Random(seed)
        self.done, self.wrong = {}, ""
        self.runs = []
        self._move_in()

    def _move_in(self):
        """A new contract with a meter, at the beginning of time."""
        self.start, self.value = FIRST, 1000.0
        self.contract = self.world.household(
            [(FIRST - timedelta(1), self.value)], date_start=FIRST - timedelta(1), billing_cycle="month"
        )
        self.installation = self.contract.point_ids.meter_ids.installation_ids
        self.settled, self.is_known = True, False

    def step(self):
        """One event, chosen at random among those that can happen now; then everything must hold."""
        events = [self.read_and_bill] * 3 + [self.exchange_and_bill]
        if self.is_known:  # nobody is estimated before a period of his was settled by a reading
            events.append(self.estimate_and_bill)
        if self.settled and self._readings():
            events += [self.mend_and_correct] * 2
        if self.start > LAST:
            events = [self.move_out]
        event = self.chance.choice(events)
        event()
        self.done[event.__name__] = self.done.get(event.__name__, 0) + 1
        self.env.flush_all()
        self.check(event.__name__)

    # Events

    def move_out(self):
        self._move_in()

    def read_and_bill(self):
        end = self._month_end()
        self.value = self._more()
        self.world.make_reading(self.value, end, meter=self.installation.meter_id)
        self.settled = self.is_known = self._bill(end)

    def exchange_and_bill(self):
        end = self._month_end()
        middle = self.start + timedelta((end - self.start).days // 2)
        self.value = self._more()
        self.installation.write({"date_to": middle, "end_value": self.value})
        self.installation.flush_recordset()
        self.value = self.chance.choice([0.0, 0.2, 3.7])
        self.installation = self.world.add_meter(
            self.contract.point_ids, [(middle, self.value)], date_from=middle
        )
        self.read_and_bill()

    def estimate_and_bill(self):
        """No reading this month: it is estimated where the past allows it."""
        self._bill(self._month_end(), estimate=True)
        self.settled = False

    def mend_and_correct(self):
        """The last reading was too high or too low; what was billed by it is corrected."""
        old = self._readings()[-1]
        before = self._readings()[-2].value if len(self._readings()) > 1 else self.installation.start_value
        value = round(before + self.chance.random() * (old.value - before + 20), 3)
        if value < self.installation.start_value:
            return
        old.superseded = True
        old.flush_recordset()
        self.world.make_reading(value, old.date, meter=old.meter_id, correction_of_id=old.id)
        self.value = value
        wanting = self.contract.settlement_ids.filtered("needs_correction")
        if wanting:
            wanting.action_correct()

    # What they are made of

    def _month_end(self):
        return self.start + relativedelta(months=1, days=-1)

    def _more(self):
        return round(self.value + self.chance.choice([0, 0.4, 1, 7.3, 12.999, 40, 133.5]), 3)

    def _readings(self):
        """Readings in force of the meter in place, the earliest first."""
        domain = [
            ("meter_id", "=", self.installation.meter_id.id),
            ("superseded", "=", False),
            ("state", "=", "accepted"),
        ]
        found = self.env["pwik.reading"].search(domain, order="moment")
        return found.filtered(lambda r: r.date >= FIRST and r.source != "estimate")

    def _bill(self, end, estimate=False):
        """Bill the month. Returns whether what was billed ends with a reading."""
        run = self.world.bill(self.contract, str(self.start), str(end), estimate_missing=True)
        errors = run.item_ids.filtered(lambda item: item.state == "error").mapped("reason")
        if errors:
            self.wrong = f"{self.start}: {errors}"
        self.start = end + timedelta(1)
        return not estimate

    # What must hold

    def check(self, after):
        self.wrong = self.wrong or self._books() or (self._volumes() if self.settled else "")
        if self.wrong:
            self.wrong = f"after {after} until {self.start}, {self.contract.number}: {self.wrong}"

    def _volumes(self):
        measured = 0
        for one in self.env["pwik.meter.installation"].search(
            [("service_point_id", "in", self.contract.point_ids.ids)]
        ):
            end = one.end_value if one.date_to else self.value
            measured += floor(round(end, 3)) - floor(round(one.start_value, 3))
        for name in ("water_m3", "sewage_m3"):
            billed = sum(Decimal(str(value)) for value in self.contract.settlement_ids.mapped(name))
            if billed != measured:
                return f"{name}: billed {billed}, measured {measured}"
        return ""

    def _books(self):
        moves = self.contract.move_ids
        lines = moves.line_ids
        debit, credit = (sum(Decimal(str(v)) for v in lines.mapped(name)) for name in ("debit", "credit"))
        gross = sum(Decimal(str(v)) for v in self.contract.settlement_ids.mapped("gross"))
        total = sum(Decimal(str(v)) for v in moves.mapped("amount_total_signed"))
        if debit != credit:
            return f"debit {debit}, credit {credit}"
        if set(moves.mapped("state")) - {"posted"}:
            return "an invoice is not posted"
        return "" if gross == total else f"settlements {gross}, invoices {total}"
