from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import BillingCommon

QUARTER = ("2024-07-01", "2024-09-30")


@tagged("post_install", "-at_install")
class TestRights(BillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        cls.billing_run = cls.bill(cls.home, *QUARTER)
        cls.service = cls.make_user("tst_service", "pwik_meters.pwik_meters_group_user")
        cls.reader = cls.make_user("tst_reader", "pwik_meters.pwik_meters_group_reader")
        cls.clerk = cls.make_user("tst_clerk", "pwik_billing.pwik_billing_group_user")
        cls.manager = cls.make_user("tst_manager", "pwik_billing.pwik_billing_group_manager")

    def test_customer_service_reads(self):
        settlement = self.billing_run.settlement_ids.with_user(self.service)
        self.assertEqual(settlement.gross, 420.88)
        self.assertTrue(settlement.line_ids.mapped("how"))
        self.assertEqual(settlement.move_id.amount_total, 420.88)
        self.assertEqual(self.home.partner_id.with_user(self.service).pwik_balance, 420.88)
        self.assertTrue(self.render_pdf("account.account_invoices", settlement.move_id))

    def test_customer_service_runs_nothing(self):
        with self.assertRaises(AccessError):
            self.billing_run.with_user(self.service).read(["name"])
        with self.assertRaises(AccessError):
            self.billing_run.settlement_ids.with_user(self.service).action_correct()
        with self.assertRaises(AccessError):
            self.billing_run.settlement_ids.move_id.with_user(self.service).write({"ref": "x"})

    def test_customer_service_sees_no_other_books(self):
        entry = self.env["account.move"].create({"move_type": "entry", "date": "2024-10-01"})
        self.assertFalse(self.env["account.move"].with_user(self.service).search([("id", "=", entry.id)]))
        with self.assertRaises(AccessError):
            entry.with_user(self.service).read(["ref"])

    def test_meter_reader_sees_no_money(self):
        with self.assertRaises(AccessError):
            self.billing_run.settlement_ids.with_user(self.reader).read(["gross"])
        with self.assertRaises(AccessError):
            self.billing_run.settlement_ids.move_id.with_user(self.reader).read(["amount_total"])

    def test_clerk_bills_and_corrects(self):
        home = self.household([("2024-06-30", 10), ("2024-09-30", 20)])
        run = self.make_run(home, *QUARTER).with_user(self.clerk)
        run.action_preview()
        run.action_approve()
        run._process_all()
        self.assertEqual(run.settlement_ids.move_id.state, "posted")
        reading = self.env["pwik.reading"].search(
            [("meter_id", "=", home.point_ids.meter_ids.id), ("date", "=", "2024-09-30")]
        )
        reading.superseded = True
        reading.flush_recordset()
        self.make_reading(15, "2024-09-30", meter=home.point_ids.meter_ids)
        run.settlement_ids.action_correct()
        self.assertEqual(run.settlement_ids.correction_ids.water_m3, -5)

    def test_tariffs_are_the_managers(self):
        with self.assertRaises(AccessError):
            self.tariffs["V2"].with_user(self.clerk).prolonged_until = "2027-01-01"
        self.tariffs["V2"].with_user(self.manager).prolonged_until = "2027-01-01"

    def test_companies_are_apart(self):
        other = self.env["res.company"].create({"name": "Inne wodociągi"})
        stranger = self.make_user("tst_stranger", "pwik_billing.pwik_billing_group_user")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        for records in (
            self.billing_run,
            self.billing_run.settlement_ids,
            self.billing_run.settlement_ids.line_ids,
            self.tariffs["V1"],
            self.billing_run.settlement_ids.measure_ids,
            self.billing_run.item_ids,
        ):
            with self.subTest(model=records._name):
                found = self.env[records._name].with_user(stranger).search([("id", "in", records.ids)])
                self.assertFalse(found)
