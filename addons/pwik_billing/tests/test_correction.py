import runpy

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import file_path

from .common import BillingCommon, exact

QUARTER = ("2024-07-01", "2024-09-30")
NEXT = ("2024-10-01", "2024-12-31")


@tagged("post_install", "-at_install")
class TestCorrection(BillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        cls.home_meter = cls.home.point_ids.meter_ids

    def replace_reading(self, day, value):
        """What accepting a correction of a reading leaves behind: the old one counts no more, the new one does."""
        old = self.env["pwik.reading"].search(
            [("meter_id", "=", self.home_meter.id), ("date", "=", day), ("superseded", "=", False)]
        )
        old.superseded = True
        old.flush_recordset()
        return self.make_reading(value, day, meter=self.home_meter, correction_of_id=old.id)

    def test_wrong_reading_downwards(self):
        """1261 was 1251: 10 m³ less. 47.60 + 87.80 = 135.40, VAT 10.83."""
        invoice = self.bill_one(self.home, *QUARTER)
        self.replace_reading("2024-09-30", 1251)
        invoice.pwik_settlement_id.action_correct()
        settlement = invoice.pwik_settlement_id
        correction = settlement.correction_ids
        refund = correction.move_id
        self.assertEqual(
            (refund.move_type, refund.state, refund.reversed_entry_id), ("out_refund", "posted", invoice)
        )
        self.assertEqual(
            [str(exact(v)) for v in (refund.amount_untaxed, refund.amount_tax)], ["135.40", "10.83"]
        )
        self.assertEqual(sorted(refund.invoice_line_ids.mapped("quantity")), [10, 10])
        self.assertEqual(
            (correction.kind, correction.water_m3, correction.gross), ("correction", -10, -146.23)
        )
        self.assertEqual(settlement.state, "corrected")
        self.assertEqual(self.home.partner_id.pwik_balance, 420.88 - 146.23)

    def test_wrong_reading_upwards(self):
        invoice = self.bill_one(self.home, *QUARTER)
        self.replace_reading("2024-09-30", 1271)
        invoice.pwik_settlement_id.action_correct()
        move = invoice.pwik_settlement_id.correction_ids.move_id
        self.assertEqual((move.move_type, move.amount_untaxed), ("out_invoice", 135.40))
        self.assertTrue(move.pwik_is_correction)

    def test_the_rate_of_what_is_corrected(self):
        """Billed at 8 %, corrected when the company's tax is 23 %: 135.40 less bears 10.83, under the same tax."""
        invoice = self.bill_one(self.home, *QUARTER)
        tax = self.company.pwik_billing_tax_id
        self.assertEqual(invoice.pwik_settlement_id.tax_id, tax)
        self.company.pwik_billing_tax_id = tax.copy({"name": "23% test", "amount": 23})
        self.replace_reading("2024-09-30", 1251)
        invoice.pwik_settlement_id.action_correct()
        correction = invoice.pwik_settlement_id.correction_ids
        refund = correction.move_id
        self.assertEqual(
            [str(exact(v)) for v in (refund.amount_untaxed, refund.amount_tax)], ["135.40", "10.83"]
        )
        self.assertEqual((correction.tax_id, refund.invoice_line_ids.tax_ids), (tax, tax))
        self.assertEqual(refund._get_pwik_vat_rows()[0]["rate"], "8%")

    def test_existing_settlements_learn_their_tax(self):
        """The script of the version that brought the field, on a settlement as it was stored before."""
        settlement = self.bill_one(self.home, *QUARTER).pwik_settlement_id
        tax, document = settlement.tax_id, settlement.document
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE pwik_settlement SET tax_id = NULL, document = document - 'vat_rate' WHERE id = %s",
            [settlement.id],
        )
        script = file_path("pwik_billing/migrations/19.0.1.2.0/post-migrate.py")
        runpy.run_path(script)["migrate"](self.env.cr, "19.0.1.1.0")
        settlement.invalidate_recordset()
        self.assertEqual(settlement.tax_id, tax)
        self.assertEqual((settlement.document, document["vat_rate"]), (document, "8.00"))

    def test_nothing_to_correct(self):
        invoice = self.bill_one(self.home, *QUARTER)
        with self.assertRaises(UserError):
            invoice.pwik_settlement_id.action_correct()

    def test_twice(self):
        """A second correction goes on from the first: only the rest is issued, as the next version."""
        settlement = self.bill_one(self.home, *QUARTER).pwik_settlement_id
        self.replace_reading("2024-09-30", 1251)
        settlement.action_correct()
        self.replace_reading("2024-09-30", 1256)
        settlement.action_correct()
        self.assertEqual(settlement.correction_ids.sorted("version").mapped("water_m3"), [-10, 5])
        self.assertEqual(settlement.correction_ids.sorted("version").mapped("version"), [1, 2])

    def test_later_period_follows(self):
        """27 and 39 were billed; with 1251 in between it is 17 and 49: both are corrected, the sum stays."""
        first = self.bill_one(self.home, *QUARTER).pwik_settlement_id
        self.make_reading(1300, "2024-12-31", meter=self.home_meter)
        second = self.bill_one(self.home, *NEXT).pwik_settlement_id
        self.assertEqual((first.water_m3, second.water_m3), (27, 39))
        self.replace_reading("2024-09-30", 1251)
        first.action_correct()
        self.assertEqual(first.correction_ids.water_m3, -10)
        self.assertEqual(second.correction_ids.water_m3, 10)

    def test_next_period_after_a_correction(self):
        """The next bill goes on from the corrected value: 17 + 49, nothing twice."""
        first = self.bill_one(self.home, *QUARTER).pwik_settlement_id
        self.replace_reading("2024-09-30", 1251)
        first.action_correct()
        self.make_reading(1300, "2024-12-31", meter=self.home_meter)
        second = self.bill_one(self.home, *NEXT).pwik_settlement_id
        self.assertEqual(second.water_m3, 49)
        self.assertEqual(self.home_meter._get_last_billed_readings()[self.home_meter.id][1], 1300)

    def test_uncorrected_error_is_not_billed_twice(self):
        """The reading was corrected but the invoice was not: the next one goes on from what was billed."""
        self.bill_one(self.home, *QUARTER)
        self.replace_reading("2024-09-30", 1251)
        self.make_reading(1300, "2024-12-31", meter=self.home_meter)
        self.assertEqual(self.bill_one(self.home, *NEXT).pwik_settlement_id.water_m3, 39)

    def test_settlements_that_need_it_are_found(self):
        settlement = self.bill_one(self.home, *QUARTER).pwik_settlement_id
        find = [("needs_correction", "=", True), ("contract_id", "=", self.home.id)]
        self.assertFalse(self.env["pwik.settlement"].search(find))
        self.assertFalse(settlement.needs_correction)
        self.replace_reading("2024-09-30", 1251)
        settlement.invalidate_recordset()
        self.assertTrue(settlement.needs_correction)
        self.assertEqual(self.env["pwik.settlement"].search(find), settlement)
        settlement.action_correct()
        settlement.invalidate_recordset()
        self.assertFalse(settlement.needs_correction)
        self.assertFalse(self.env["pwik.settlement"].search(find))

    def complaint(self, move, user):
        return (
            self.env["pwik.case"]
            .create(
                {
                    "type_id": self.env.ref("pwik_cases.pwik_case_type_complaint").id,
                    "name": "Za dużo",
                    "description": "Licznik pokazuje mniej",
                    "partner_id": self.home.partner_id.id,
                    "contract_id": self.home.id,
                    "disputed_move_id": move.id,
                }
            )
            .with_user(user)
        )

    def test_complaint_upheld_by_billing(self):
        move = self.bill_one(self.home, *QUARTER)
        self.replace_reading("2024-09-30", 1251)
        clerk = self.make_user("tst_complaint_clerk", "pwik_billing.pwik_billing_group_user")
        case = self.complaint(move, clerk)
        case.action_approve()
        self.assertEqual(case.state, "done")
        refund = move.pwik_settlement_id.correction_ids.move_id
        self.assertEqual(refund.amount_total, 146.23)
        self.assertIn(refund.name, "".join(case.sudo().message_ids.mapped("body")))

    def test_complaint_upheld_by_customer_service_waits_for_billing(self):
        move = self.bill_one(self.home, *QUARTER)
        self.replace_reading("2024-09-30", 1251)
        service = self.make_user("tst_complaint_service", "pwik_meters.pwik_meters_group_user")
        case = self.complaint(move, service)
        case.action_approve()
        self.assertEqual(case.state, "waiting")
        self.assertFalse(move.pwik_settlement_id.correction_ids)
        move.pwik_settlement_id.action_correct()
        self.assertEqual(case.state, "done")

    def test_complaint_without_a_changed_reading(self):
        move = self.bill_one(self.home, *QUARTER)
        case = self.complaint(move, self.make_user("tst_complaint_3", "pwik_meters.pwik_meters_group_user"))
        case.action_approve()
        self.assertEqual(case.state, "done")
        self.assertFalse(move.pwik_settlement_id.correction_ids)

    def test_reading_that_changes_no_whole_m3(self):
        """1261.0 was 1261.4: nothing to issue, and the settlement is not called wrong for ever."""
        settlement = self.bill_one(self.home, *QUARTER).pwik_settlement_id
        reading = self.replace_reading("2024-09-30", 1261.4)
        settlement.invalidate_recordset()
        self.assertTrue(settlement.needs_correction)
        settlement.action_correct()
        self.assertFalse(settlement.correction_ids)
        self.assertEqual(settlement.measure_ids.reading_to_id, reading)
        settlement.invalidate_recordset()
        self.assertFalse(settlement.needs_correction)
        self.assertEqual(settlement.measure_ids.value_to, 1261)

    def test_by_the_readings_own_button(self):
        """The register's own way of correcting a reading leads here."""
        settlement = self.bill_one(self.home, *QUARTER).pwik_settlement_id
        new = settlement.measure_ids.reading_to_id.action_correct(1251, "Odczytano niewłaściwy wodomierz")
        if new.state != "accepted":
            new.action_accept("Sprawdzono na miejscu")
        settlement.invalidate_recordset()
        self.assertTrue(settlement.needs_correction)
        settlement.action_correct()
        self.assertEqual(settlement.correction_ids.water_m3, -10)
