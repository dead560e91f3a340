from odoo.tests import tagged

from .common import BillingCommon


@tagged("post_install", "-at_install")
class TestSettledEstimates(BillingCommon):
    """Estimates that a later reading settled, when that reading is mended, and mended again."""

    def setUp(self):
        super().setUp()
        self.home = self.household(
            [("2024-05-31", 100), ("2024-06-30", 110)], date_start="2024-05-31", billing_cycle="month"
        )
        self.meter = self.home.point_ids.meter_ids
        self.bill_one(self.home, "2024-06-01", "2024-06-30")
        for month, last in (("07", "31"), ("08", "31")):
            run = self.bill(self.home, f"2024-{month}-01", f"2024-{month}-{last}", estimate_missing=True)
            self.assertEqual(run.item_ids.state, "done")
        self.read = self.make_reading(115, "2024-09-30", meter=self.meter)
        self.bill(self.home, "2024-09-01", "2024-09-30")

    def mend(self, value):
        """Another value of that day, and the corrections that follow. :return: the settlements that wanted one"""
        self.read.superseded = True
        self.read.flush_recordset()
        self.read = self.make_reading(value, "2024-09-30", meter=self.meter, correction_of_id=self.read.id)
        wanting = self.home.settlement_ids.filtered("needs_correction")
        self.assertEqual(
            wanting,
            self.home.settlement_ids.search([("id", "in", wanting.ids), ("needs_correction", "=", True)]),
        )
        wanting.action_correct()
        return wanting

    def get_billed(self):
        return sum(self.home.settlement_ids.mapped("water_m3"))

    def test_mended_down_and_up_again(self):
        september = self.home.settlement_ids.filtered(
            lambda one: one.kind != "correction" and str(one.period_from) == "2024-09-01"
        )
        self.assertEqual(self.get_billed(), 15)
        for value in (112, 131, 113, 140):
            self.assertEqual(self.mend(value), september)
            self.assertEqual(self.get_billed(), value - 100)
            self.assertFalse(self.home.settlement_ids.filtered("needs_correction"))

    def test_the_reading_stands_once(self):
        """Two estimates are lowered by one reading: its m³ are in one place, and the next period goes on from it."""
        self.mend(111)
        standing = self.home.settlement_ids.measure_ids.filtered(
            lambda one: one.current and str(one.date_to) == "2024-09-30"
        )
        self.assertEqual(len(standing), 1)
        self.assertEqual((standing.value_to, standing.quantity), (111, 1))
        self.make_reading(120, "2024-10-31", meter=self.meter)
        self.bill_one(self.home, "2024-10-01", "2024-10-31")
        self.assertEqual(self.get_billed(), 20)
