from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tests.common import freeze_time

from ..domain import is_valid_account
from .common import BillingCommon

QUARTER = ("2024-07-01", "2024-09-30")


@tagged("post_install", "-at_install")
class TestReceivables(BillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"pwik_account_branch": "99990000", "pwik_account_receiver": "57300038"})

    def test_account_number_comes_with_the_contract(self):
        contract = self.household([])
        payer = contract.invoice_partner_id
        number = payer.pwik_payment_account
        self.assertTrue(is_valid_account(number))
        self.assertEqual(number[2:18], "9999000057300038")
        self.assertEqual(int(number[18:]), int(payer.pwik_customer_number))
        self.assertEqual(payer.pwik_payment_account_display.replace(" ", ""), number)

    def test_account_number_by_button(self):
        partner = self._make_customer("Bez Umowy")
        partner.action_pwik_assign_payment_account()
        self.assertTrue(is_valid_account(partner.pwik_payment_account))
        given = partner.pwik_payment_account
        partner.action_pwik_assign_payment_account()
        self.assertEqual(partner.pwik_payment_account, given)

    def test_no_layout_is_said(self):
        self.company.pwik_account_branch = False
        with self.assertRaises(UserError):
            self._make_customer("X").action_pwik_assign_payment_account()
        self.company.pwik_account_branch = "1234"
        with self.assertRaises(UserError):
            self._make_customer("Y").action_pwik_assign_payment_account()

    def test_balance_and_overdue(self):
        contract = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        customer = contract.partner_id
        self.assertEqual((customer.pwik_balance, customer.pwik_overdue), (0, 0))
        move = self.bill_one(contract, *QUARTER)
        customer.invalidate_recordset()
        self.assertEqual((customer.pwik_balance, customer.pwik_overdue), (420.88, 420.88))
        payments = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        payments.create({"amount": 500, "payment_difference_handling": "open"})._create_payments()
        customer.invalidate_recordset()
        self.assertAlmostEqual(customer.pwik_balance, -79.12)
        self.assertEqual(customer.pwik_overdue, 0)

    def test_an_open_credit_lowers_what_is_overdue(self):
        contract = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        move = self.bill_one(contract, *QUARTER)
        receivable = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        entry = self.env["account.move"].create(
            {
                "date": "2024-11-01",
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "account_id": receivable.account_id.id,
                            "partner_id": move.partner_id.id,
                            "credit": 100,
                        },
                    ),
                    (0, 0, {"account_id": move.invoice_line_ids[0].account_id.id, "debit": 100}),
                ],
            }
        )
        entry.action_post()
        customer = contract.partner_id
        self.assertAlmostEqual(customer.pwik_balance, 320.88)
        self.assertAlmostEqual(customer.pwik_overdue, 320.88)

    def test_not_yet_due_is_not_overdue(self):
        contract = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        self.bill(contract, *QUARTER, invoice_date="2100-01-01")
        self.assertEqual((contract.partner_id.pwik_balance, contract.partner_id.pwik_overdue), (420.88, 0))

    def test_a_term_on_a_saturday_is_overdue_on_tuesday(self):
        """Office, balance and the search say the same on each day after Saturday 19 October 2024 (art. 115)."""
        contract = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        move = self.bill(contract, *QUARTER, invoice_date="2024-10-05").settlement_ids.move_id
        self.assertEqual(str(move.invoice_date_due), "2024-10-19")
        days = {"2024-10-18": False, "2024-10-20": False, "2024-10-21": False, "2024-10-22": True}
        for day, overdue in days.items():
            with self.subTest(day), freeze_time(f"{day} 12:00:00"):
                self.env.invalidate_all()
                self.assertEqual(move.pwik_is_overdue, overdue)
                self.assertEqual(bool(contract.partner_id.pwik_overdue), overdue)
                found = move.search([("id", "=", move.id), ("pwik_is_overdue", "=", True)])
                self.assertEqual(bool(found), overdue)
                others = move.search([("id", "=", move.id), ("pwik_is_overdue", "=", False)])
                self.assertEqual(len(found) + len(others), 1)

    def test_many_at_once(self):
        partners = self.env["res.partner"].concat(*(self.household([]).partner_id for _index in range(5)))
        partners.invalidate_recordset()
        partners.mapped("commercial_partner_id")
        with self.assertQueryCount(2):
            partners.mapped("pwik_balance")

    def test_due_date(self):
        contract = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        move = self.bill_one(contract, *QUARTER, invoice_date="2024-10-07")
        self.assertEqual(move.invoice_date_due.isoformat(), "2024-10-21")
        self.company.pwik_due_days = 21
        self.assertEqual(move.invoice_date_due.isoformat(), "2024-10-21")
