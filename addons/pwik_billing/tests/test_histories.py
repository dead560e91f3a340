import random
from datetime import date, timedelta
from math import floor

from dateutil.relativedelta import relativedelta
from odoo.tests import tagged

from .common import BillingCommon, exact

FIRST, MONTHS = date(2024, 7, 1), 10
CONTRACTS = 6


@tagged("post_install", "-at_install")
class TestHistories(BillingCommon):
    """What must hold whatever happens, down to the posted moves: every m³ is billed once, and the books balance."""

    def setUp(self):
        super().setUp()
        self.seed = random.SystemRandom().randrange(10**6)
        self.chance = random.Random(self.seed)

    def make_periods(self):
        """The months, split at random into periods of one to three."""
        periods, start = [], FIRST
        while start < FIRST + relativedelta(months=MONTHS):
            end = min(
                start + relativedelta(months=self.chance.randint(1, 3)), FIRST + relativedelta(months=MONTHS)
            )
            periods.append((start, end - timedelta(1)))
            start = end
        return periods

    def use(self):
        return self.chance.choice([0, 0.4, 1, 7.3, 12.999, 40, 133.5])

    def live_through(self, contract, installation, value, period):
        """Use, perhaps an exchange in the middle, perhaps a reading at the end. :return: the meter then in place"""
        start, end = period
        exchanged = self.chance.random() < 0.2
        if exchanged:
            middle = start + timedelta((end - start).days // 2)
            value += self.use()
            installation.write({"date_to": middle, "end_value": value})
            installation.flush_recordset()
            value = self.chance.choice([0.2, 3.7])
            installation = self.add_meter(contract.point_ids, [(middle, value)], date_from=middle)
        value += self.use()
        if exchanged or self.chance.random() < 0.6 or period in (self.periods[0], self.periods[-1]):
            self.make_reading(value, end, meter=installation.meter_id)
        return installation, value

    def test_every_m3_once(self):
        self.periods = self.make_periods()
        begin = FIRST - timedelta(1)
        contracts = self.env["pwik.contract"].concat(
            *(self.household([(begin, (number + 1) * 10.4)], date_start=begin) for number in range(CONTRACTS))
        )
        places = {
            c: (c.point_ids.meter_ids.installation_ids, (number + 1) * 10.4)
            for number, c in enumerate(contracts)
        }
        for period in self.periods:
            for contract, (installation, value) in places.items():
                places[contract] = self.live_through(contract, installation, value, period)
            run = self.bill(contracts, *map(str, period), estimate_missing=True)
            self.assertFalse(
                run.item_ids.filtered(lambda item: item.state == "error").mapped("reason"), self.seed
            )
        self.assert_billed_is_measured(places)
        self.assert_books_balance(contracts)

    def assert_billed_is_measured(self, places):
        for contract, (_installation, value) in places.items():
            measured = 0
            points = [("service_point_id", "in", contract.point_ids.ids)]
            for installation in self.env["pwik.meter.installation"].search(points):
                end = installation.end_value if installation.date_to else value
                measured += floor(round(end, 3)) - floor(round(installation.start_value, 3))
            settlements = contract.settlement_ids
            for component in ("water_m3", "sewage_m3"):
                self.assertAlmostEqual(
                    sum(settlements.mapped(component)), measured, 3, f"{contract.number}, seed {self.seed}"
                )

    def assert_books_balance(self, contracts):
        moves = contracts.move_ids
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        for move in moves:
            self.assertEqual(
                exact(sum(move.line_ids.mapped("debit"))), exact(sum(move.line_ids.mapped("credit")))
            )
        self.assertEqual(
            exact(sum(contracts.settlement_ids.mapped("gross"))),
            exact(sum(moves.mapped("amount_total_signed"))),
        )
        receivable = moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        self.assertEqual(
            exact(sum(receivable.mapped("balance"))), exact(sum(contracts.settlement_ids.mapped("gross")))
        )
