from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation, UniqueViolation

from .common import BillingCommon


@tagged("post_install", "-at_install")
class TestLumpPersons(BillingCommon):
    """Each month is billed with the persons who lived there, and the past stays as it was."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.norm = cls.env.ref("pwik_billing.lump_norm_bathroom_local")  # 3.0 m³
        cls.lump_point = cls.make_point("ul. Bez Wodomierza 2")
        cls.lump_contract = cls.make_contract(
            cls._make_customer("Ryczałtowa Historia"),
            cls.lump_point,
            date_start="2020-01-01",
            billing_method="lump_sum",
            lump_norm_id=cls.norm.id,
            lump_persons=2,
            tariff_group_water_id=cls.group_water.id,
            tariff_group_sewage_id=cls.group_sewage.id,
        )

    def quantity(self, first="2024-07-01", last="2024-09-30"):
        request = self.lump_contract._prepare_settlement_request(
            date.fromisoformat(first), date.fromisoformat(last)
        )
        (point,) = request.points
        return [(norm.persons, norm.months) for norm in point.lump_sum]

    def add(self, day, persons):
        self.lump_contract.lump_persons_ids = [
            (0, 0, {"date_from": day, "persons": persons, "norm_id": self.norm.id})
        ]

    def test_first_number_is_the_first_row(self):
        row = self.lump_contract.lump_persons_ids
        self.assertEqual((str(row.date_from), row.persons, row.norm_id), ("2020-01-01", 2, self.norm))
        self.assertEqual(self.quantity(), [(2, 3)])

    def test_change_is_billed_from_the_month_after(self):
        self.add("2024-08-10", 4)
        self.assertEqual(self.quantity(), [(2, 2), (4, 1)])
        self.assertEqual(self.quantity("2024-10-01", "2024-12-31"), [(4, 3)])
        move = self.bill_one(self.lump_contract, "2024-07-01", "2024-09-30")
        water = move.pwik_settlement_id.line_ids.filtered(lambda line: line.component == "water")
        self.assertEqual(sum(water.mapped("quantity")), 2 * 3 * 2 + 4 * 3 * 1)
        self.assertIn("2 os.", water[0].how)
        self.assertIn("4 os.", water[0].how)

    def test_change_on_the_first_counts_from_that_month(self):
        self.add("2024-08-01", 1)
        self.assertEqual(self.quantity(), [(2, 1), (1, 2)])

    def test_persons_of_two_points_are_billed_once(self):
        """Two persons, two points without a meter: 2 × 3 m³ × 3 months once; each point pays its own subscription."""
        second = self.make_point("ul. Bez Wodomierza 3")
        self.lump_contract.contract_point_ids = [
            (0, 0, {"service_point_id": second.id, "date_from": "2020-01-01"})
        ]
        settlement = self.bill_one(self.lump_contract, "2024-07-01", "2024-09-30").pwik_settlement_id
        self.assertEqual((settlement.water_m3, settlement.sewage_m3), (18, 18))
        fees = settlement.line_ids.filtered(lambda line: line.component == "subscription")
        self.assertEqual(len(fees.service_point_id), 2)

    def test_contract_that_ends_pays_its_months(self):
        self.lump_contract.date_end = "2024-08-15"
        self.assertEqual(self.quantity(), [(2, 2)])

    def test_unknown_months_are_said(self):
        self.lump_contract.lump_persons_ids.date_from = "2024-08-01"
        _source, outcomes = self.lump_contract.with_context(lang="en_US")._settle_period(
            date(2024, 7, 1), date(2024, 9, 30)
        )
        self.assertIn("number of persons is not known", outcomes[self.lump_contract].error)

    def test_history_is_not_overwritten_beside_it(self):
        with self.assertRaises(UserError):
            self.lump_contract.lump_persons = 5

    def test_a_used_norm_keeps_its_value(self):
        with self.assertRaises(UserError):
            self.norm.m3_per_month = 4
        self.norm.name = "Łazienka"
        free = self.norm.copy({"name": "Nowa"})
        free.m3_per_month = 4

    def test_each_change_leaves_a_trace(self):
        self.lump_contract = self.lump_contract.with_context(tracking_disable=False)
        before = len(self.lump_contract.message_ids)
        self.add("2024-08-01", 1)
        self.lump_contract.lump_persons_ids[0].persons = 3
        self.lump_contract.lump_persons_ids[0].unlink()
        self.assertEqual(len(self.lump_contract.message_ids), before + 3)

    @mute_logger("odoo.sql_db")
    def test_refused_by_the_database(self):
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.add("2020-01-01", 3)
            self.env.flush_all()
        with self.assertRaises(CheckViolation), self.cr.savepoint():
            self.add("2024-01-01", -1)
            self.env.flush_all()

    def test_readers_do_not_see_who_lives_where(self):
        reader = self.make_user("lump-reader", "pwik_meters.pwik_meters_group_reader")
        with self.assertRaises(AccessError):
            self.lump_contract.lump_persons_ids.with_user(reader).read(["persons"])
