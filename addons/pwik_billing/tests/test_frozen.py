from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import BillingCommon


@tagged("post_install", "-at_install")
class TestFrozen(BillingCommon):
    """An issued invoice is not edited, taken back or credited past billing."""

    def setUp(self):
        super().setUp()
        self.home = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        self.move = self.bill_one(self.home, "2024-07-01", "2024-09-30")

    def test_it_is_not_taken_back(self):
        for action in ("button_draft", "button_cancel"):
            with self.subTest(action=action), self.assertRaisesRegex(UserError, self.move.name):
                getattr(self.move, action)()
        self.assertEqual(self.move.state, "posted")

    def test_no_plain_credit_note(self):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=self.move.ids)
            .create({"journal_id": self.move.journal_id.id})
        )
        with self.assertRaises(UserError):
            wizard.reverse_moves()

    def test_what_the_customer_was_told_stays(self):
        for values in (
            {"invoice_date_due": "2030-01-01"},
            {"partner_id": self.other_customer.id},
            {"name": "FV/1999/1"},
        ):
            with self.subTest(**values), self.assertRaises(UserError):
                self.move.write(values)
        line = self.move.invoice_line_ids[0]
        for values in ({"name": "inna"}, {"quantity": 1}, {"price_unit": 0.01}):
            with self.subTest(**values), self.assertRaises(UserError):
                line.write(values)
        self.assertEqual(self.move.amount_total, 420.88)

    def test_it_is_still_paid(self):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.move.ids
        ).create({})._create_payments()
        self.assertIn(self.move.payment_state, ("paid", "in_payment"))

    def test_other_invoices_are_as_ever(self):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": "2024-10-03",
                "invoice_line_ids": [
                    (0, 0, {"name": "Plomba", "quantity": 1, "price_unit": 50, "tax_ids": False})
                ],
            }
        )
        move.action_post()
        move.button_draft()
        self.assertEqual(move.state, "draft")
