from datetime import date

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import BillingCommon, exact

QUARTER = ("2024-07-01", "2024-09-30")


@tagged("post_install", "-at_install")
class TestAnalysis(BillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_place = cls.env["pwik.municipality"].create({"name": "Druga gmina", "code": "TST-D"})
        cls.first = cls.household([("2024-06-30", 0), ("2024-09-30", 92)], name="Pierwsza")
        cls.second = cls.household([("2024-06-30", 0), ("2024-09-30", 30)], name="Druga")
        cls.second.point_ids.municipality_id = cls.other_place
        cls.contracts = cls.first | cls.second

    def report(self, groupby, *measures, domain=()):
        domain = [("contract_id", "in", self.contracts.ids), *domain]
        return self.env["pwik.billing.report"]._read_group(domain, groupby, measures)

    def test_by_municipality_and_group(self):
        run = self.bill(self.contracts, *QUARTER)
        rows = self.report(["municipality_id"], "water_m3:sum", "sewage_m3:sum", "net:sum")
        figures = {place: (water, sewage, exact(net)) for place, water, sewage, net in rows}
        self.assertEqual(
            figures,
            {
                # 92 × (4.76 + 8.78) + 24.12 and 30 × (4.76 + 8.78) + 24.12
                self.municipality: (92, 92, exact(1269.80)),
                self.other_place: (30, 30, exact(430.32)),
            },
        )
        self.assertEqual(exact(sum(row[3] for row in rows)), exact(run.net))
        groups = {row[0] for row in self.report(["tariff_group_id"], "net:sum")}
        self.assertEqual(groups, {self.group_water, self.group_sewage})

    def test_corrections_count_along(self):
        self.bill(self.contracts, *QUARTER)
        meter = self.first.point_ids.meter_ids
        old = self.env["pwik.reading"].search([("meter_id", "=", meter.id), ("date", "=", "2024-09-30")])
        old.superseded = True
        old.flush_recordset()
        self.make_reading(90, "2024-09-30", meter=meter, correction_of_id=old.id)
        self.first.settlement_ids.action_correct()
        ((water,),) = self.report([], "water_m3:sum")
        self.assertEqual(water, 90 + 30)

    def test_estimated_share_is_of_the_sums(self):
        """20 of 120 m³ estimated is a sixth, whatever the number of lines."""
        third = self.household(
            [("2024-05-03", 0), ("2024-06-30", 30)], name="Szacowana", date_start="2024-05-03"
        )
        self.contracts |= third
        self.bill(third, "2024-05-03", "2024-06-30")
        run = self.bill(self.contracts, *QUARTER, estimate_missing=True)
        self.assertFalse(run.item_ids.filtered("reason").mapped("reason"))
        domain = [("period_to", "=", QUARTER[1])]
        ((share, estimated, total),) = self.report(
            [], "estimated_share:avg", "estimated_m3:sum", "measured_m3:sum", domain=domain
        )
        self.assertGreater(estimated, 0)
        self.assertAlmostEqual(share, 100 * estimated / total, places=6)

    def make_area(self, name="Strefa", places=None, **values):
        places = places or (self.municipality | self.other_place)
        return self.env["pwik.water.area"].create(
            {"name": name, "municipality_ids": [(6, 0, places.ids)], **values}
        )

    def feed(self, area, month, m3, own=0.0):
        return self.env["pwik.water.inflow"].create(
            {"area_id": area.id, "month": month, "fed_m3": m3, "own_m3": own}
        )

    def balance(self, area):
        self.env.flush_all()
        return self.env["pwik.water.balance"].search([("area_id", "=", area.id)], order="month")

    def test_water_balance(self):
        """122 m³ in 92 days: 31 of them in July. 60 fed in, 5 used by the works themselves."""
        area = self.make_area()
        self.feed(area, "2024-07-15", 60, own=5)
        self.feed(area, "2024-09-01", 50)
        self.bill(self.contracts, *QUARTER)
        july, september = self.balance(area)
        self.assertEqual(july.month, date(2024, 7, 1))
        sold = 122 * 31 / 92
        self.assertAlmostEqual(july.sold_m3, sold, places=3)
        self.assertAlmostEqual(july.loss_m3, 60 - 5 - sold, places=3)
        self.assertAlmostEqual(july.loss_share, 100 * (55 - sold) / 60, places=1)
        self.assertAlmostEqual(september.sold_m3, 122 * 30 / 92, places=3)
        ((fed, loss, share),) = self.env["pwik.water.balance"]._read_group(
            [("area_id", "=", area.id)], [], ["fed_m3:sum", "loss_m3:sum", "loss_share:avg"]
        )
        self.assertAlmostEqual(share, 100 * loss / fed, places=6)

    def assert_lines_make_the_sum(self, balance):
        """The lines which the button opens are those of the sum. :return: their contracts"""
        action = balance.action_open_sold()
        self.assertIn(balance.area_id.name, action["display_name"])
        lines = self.env[action["res_model"]].with_context(**action["context"]).search(action["domain"])
        self.assertAlmostEqual(sum(lines.mapped("month_m3")), balance.sold_m3, places=3)
        self.assertEqual(set(lines.mapped("component")), {"water"})
        return lines.contract_id

    def test_button_opens_what_the_sum_is_made_of(self):
        """By the point's own area, by municipality; two settlements meet in August, one of which was corrected."""
        area, zone = (
            self.make_area(places=self.municipality),
            self.make_area("Zbiornik", places=self.other_place),
        )
        third = self.household(
            [("2024-05-14", 0), ("2024-08-13", 40), ("2024-11-13", 75)], date_start="2024-05-14"
        )
        moved = self.household([("2024-06-30", 0), ("2024-09-30", 17)], name="W innej strefie")
        moved.point_ids.water_area_id = zone
        for one in (area, zone):
            for month in ("2024-07-01", "2024-08-01", "2024-10-01"):
                self.feed(one, month, 500)
        self.bill(third, "2024-05-14", "2024-08-13")
        self.bill(third, "2024-08-14", "2024-11-13")
        self.bill(self.contracts | moved, *QUARTER)
        meter = self.first.point_ids.meter_ids
        old = self.env["pwik.reading"].search([("meter_id", "=", meter.id), ("date", "=", "2024-09-30")])
        old.superseded = True
        old.flush_recordset()
        self.make_reading(90, "2024-09-30", meter=meter, correction_of_id=old.id)
        self.first.settlement_ids.action_correct()
        july, august, october = self.balance(area)
        self.assertEqual(self.assert_lines_make_the_sum(july), self.first | third)
        self.assertEqual(self.assert_lines_make_the_sum(august), self.first | third)
        self.assertAlmostEqual(august.sold_m3, 90 * 31 / 92 + 40 * 13 / 92 + 35 * 18 / 92, places=2)
        self.assertEqual(self.assert_lines_make_the_sum(october), third)
        own = self.balance(zone)[0]
        self.assertEqual(self.assert_lines_make_the_sum(own), self.second | moved)

    def test_months_add_up(self):
        area = self.make_area()
        for month in ("2024-07-01", "2024-08-01", "2024-09-01"):
            self.feed(area, month, 100)
        self.bill(self.contracts, *QUARTER)
        self.assertAlmostEqual(sum(self.balance(area).mapped("sold_m3")), 122, places=3)

    def test_points_not_billed_are_told(self):
        area = self.make_area(places=self.other_place)
        self.feed(area, "2024-08-01", 100)
        self.assertEqual((self.balance(area).points, self.balance(area).billed_points), (1, 0))
        self.bill(self.contracts, *QUARTER)
        self.env.invalidate_all()
        self.assertEqual((self.balance(area).points, self.balance(area).billed_points), (1, 1))

    def test_point_names_another_area(self):
        area, zone = (
            self.make_area(places=self.municipality),
            self.make_area("Zbiornik", places=self.other_place),
        )
        self.first.point_ids.water_area_id = zone
        for one in (area, zone):
            self.feed(one, "2024-07-01", 100)
        self.bill(self.contracts, *QUARTER)
        self.assertAlmostEqual(self.balance(zone).sold_m3, 122 * 31 / 92, places=3)
        self.assertEqual(self.balance(area).sold_m3, 0)

    def test_area_without_sales(self):
        area = self.make_area()
        self.feed(area, "2024-07-01", 100)
        self.assertEqual((self.balance(area).sold_m3, self.balance(area).loss_share), (0, 100))

    def test_municipality_in_one_area_only(self):
        self.make_area(places=self.municipality)
        with self.assertRaises(ValidationError):
            self.make_area("Druga strefa")

    @mute_logger("odoo.sql_db")
    def test_bad_volumes(self):
        area = self.make_area()
        self.feed(area, "2024-07-01", 10)
        for month, m3, own in (("2024-07-20", 5, 0), ("2024-08-01", -1, 0), ("2024-08-01", 5, 6)):
            with self.subTest(month=month, m3=m3), self.assertRaises(IntegrityError), self.cr.savepoint():
                self.feed(area, month, m3, own)

    def test_import_from_csv(self):
        area = self.make_area()
        data = [["Strefa", "2024-07-01", "60.5", "5"], ["Nieznana", "2024-07-01", "1", "0"]]
        result = self.env["pwik.water.inflow"].load(["area_id", "month", "fed_m3", "own_m3"], data[:1])
        self.assertTrue(result["ids"], result["messages"])
        self.assertEqual(self.balance(area).fed_m3, 60.5)
        result = self.env["pwik.water.inflow"].load(["area_id", "month", "fed_m3", "own_m3"], data[1:])
        self.assertFalse(result["ids"])
        self.assertIn("Nieznana", result["messages"][0]["message"])

    def test_rights(self):
        area = self.make_area()
        service = self.make_user("tst_analysis_service", "pwik_meters.pwik_meters_group_user")
        reader = self.make_user("tst_analysis_reader", "pwik_meters.pwik_meters_group_reader")
        clerk = self.make_user("tst_analysis_clerk", "pwik_billing.pwik_billing_group_user")
        self.env["pwik.billing.report"].with_user(service)._read_group([], [], ["net:sum"])
        with self.assertRaises(AccessError):
            self.env["pwik.billing.report"].with_user(reader).search([])
        values = {"area_id": area.id, "month": "2024-07-01", "fed_m3": 1}
        with self.assertRaises(AccessError):
            self.env["pwik.water.inflow"].with_user(service).create(values)
        self.env["pwik.water.inflow"].with_user(clerk).create(values)
        self.assertTrue(self.env["pwik.water.balance"].with_user(service).search([("area_id", "=", area.id)]))
