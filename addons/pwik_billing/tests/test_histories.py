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

    def hand_over(self, contract, day):
        """The customer leaves at the end of ``day``, another one has the point from the next day on. :return: his contract"""
        point = contract.point_ids
        contract.action_terminate(day)
        return self.make_contract(
            self._make_customer("Następny"),
            point,
            date_start=day + timedelta(1),
            tariff_group_water_id=self.group_water.id,
            tariff_group_sewage_id=self.group_sewage.id,
        )

    def change_hands(self, contract, installation, value, period):
        """In one period of four the point changes hands, by a reading of that day.

        :return: the contract then in force, the value, whether it is a new one
        """
        start, end = period
        if self.chance.random() >= 0.25:
            return contract, value, False
        day = start + timedelta(self.chance.randint(1, (end - start).days // 2 - 1))
        value += self.use()
        self.make_reading(value, day, meter=installation.meter_id)
        return self.hand_over(contract, day), value, True

    def live_through(self, contract, installation, value, period, new=False):
        """Use, perhaps an exchange in the middle, perhaps a reading at the end (always in the first period of a new customer).

        :return: the meter then in place
        """
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
        if new or self.chance.random() < 0.6 or period in (self.periods[0], self.periods[-1]):
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
        everyone = contracts
        for period in self.periods:
            for old, (installation, value) in list(places.items()):
                contract, value, new = self.change_hands(old, installation, value, period)
                del places[old]
                places[contract] = self.live_through(contract, installation, value, period, new)
                contracts |= contract
                everyone |= contract
            run = self.bill(contracts, *map(str, period), estimate_missing=True)
            self.assertFalse(
                run.item_ids.filtered(lambda item: item.state == "error").mapped("reason"), self.seed
            )
            contracts = contracts.filtered(lambda c: not c.date_end)
        self.assert_billed_is_measured(places)
        self.assert_books_balance(everyone)

    def test_every_m3_of_a_building_once(self):
        """The manager pays what the flats do not: an empty one, one whose tenants change, any other; in any order."""
        self.periods = self.make_periods()
        begin = FIRST - timedelta(1)
        manager = self.household([(begin, 1000)], name="Zarządca", date_start=begin)
        flats, meters = [], []
        for number in range(3):
            point = self.make_point(f"m. {number}", point_kind="unit", parent_id=manager.point_ids.id)
            flats.append(self.make_flat(point, begin))
            meters.append(self.add_meter(point, [(begin, 5)], date_from=begin, kind="unit").meter_id)
        values, main, everyone = [5, 5, 5], 1000, manager | self.env["pwik.contract"].concat(*flats)
        for period in self.periods:
            start, end = period
            here = self.env["pwik.contract"].concat(*flats)
            if self.chance.random() < 0.6:
                day = start + timedelta(self.chance.randint(1, (end - start).days - 1))
                used = self.chance.choice([0, 3, 8])
                values[1], main = values[1] + used, main + used
                self.make_reading(values[1], day, meter=meters[1])
                flats[1] = self.hand_over(flats[1], day)
                here |= flats[1]
            for number in (1, 2):
                used = self.chance.choice([0, 1, 6, 17])
                values[number], main = values[number] + used, main + used
            main += self.chance.choice([0, 2])
            for meter, value in zip([*meters, manager.point_ids.meter_ids], [*values, main], strict=True):
                self.make_reading(value, end, meter=meter)
            before = here.filtered(lambda _contract: self.chance.random() < 0.5)
            for contracts in filter(None, (before, manager, here - before)):
                run = self.bill(contracts, *map(str, period))
                self.assertFalse(
                    run.item_ids.filtered(lambda item: item.state == "error").mapped("reason"), self.seed
                )
            everyone |= here
        self.assertEqual(sum(everyone.settlement_ids.mapped("water_m3")), main - 1000, f"seed {self.seed}")
        for number, value in enumerate(values):
            point = flats[number].point_ids
            own = everyone.filtered(lambda c, point=point: point in c.contract_point_ids.service_point_id)
            self.assertEqual(
                sum(own.settlement_ids.mapped("water_m3")), value - 5, f"{number}, seed {self.seed}"
            )
        self.assert_books_balance(everyone)

    def make_flat(self, point, begin):
        return self.make_contract(
            self._make_customer("Lokator"),
            point,
            date_start=begin,
            tariff_group_water_id=self.group_water.id,
            tariff_group_sewage_id=self.group_sewage.id,
        )

    def assert_billed_is_measured(self, places):
        for contract, (_installation, value) in places.items():
            measured = 0
            points = [("service_point_id", "in", contract.point_ids.ids)]
            terms = self.env["pwik.contract.point"].search(points)
            for installation in self.env["pwik.meter.installation"].search(points):
                end = installation.end_value if installation.date_to else value
                measured += floor(round(end, 3)) - floor(round(installation.start_value, 3))
            settlements = terms.contract_id.settlement_ids
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
