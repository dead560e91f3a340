from unittest.mock import patch

from odoo.tests import tagged

from ..domain.account_number import is_valid_account
from .common import BillingCommon


@tagged("post_install", "-at_install")
class TestAccountGiven(BillingCommon):
    def test_an_invoice_gives_the_account_that_its_customer_lacks(self):
        """Contracts older than the agreement with the bank: the first invoice after it names an account."""
        self.company.write({"pwik_account_branch": False, "pwik_account_receiver": False})
        home = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        self.assertFalse(home.partner_id.pwik_payment_account)
        self.company.write({"pwik_account_branch": "99990000", "pwik_account_receiver": "57300038"})
        move = self.bill_one(home, "2024-07-01", "2024-09-30")
        number = home.partner_id.pwik_payment_account
        self.assertTrue(is_valid_account(number))
        self.assertEqual(move._get_pwik_account_number().replace(" ", ""), number)
        text = " ".join(self.read_pdf(self.render_pdf("account.account_invoices", move)))
        self.assertIn(number, text.replace(" ", "").replace("\u00a0", ""))

    def test_individual_accounts_are_no_bank_accounts_of_the_company(self):
        """Odoo looks through those of the company for every invoice that it makes."""
        self.company.write({"pwik_account_branch": "99990000", "pwik_account_receiver": "57300038"})
        before = len(self.company.partner_id.bank_ids)
        self.household([("2024-06-30", 1234)]).partner_id.action_pwik_assign_payment_account()
        self.company.partner_id.invalidate_recordset(["bank_ids"])
        self.assertEqual(len(self.company.partner_id.bank_ids), before)

    def test_the_companys_accounts_are_not_looked_through(self):
        """An invoice is given the account of the bank journal; Odoo's own way reads all accounts of the company."""
        journal = self.env["account.journal"].create(
            {"name": "Bank", "code": "BKT", "type": "bank", "bank_acc_number": "PL61109010140000071219812874"}
        )
        journal.sequence = 0
        home = self.household([("2024-06-30", 1234), ("2024-09-30", 1261)])
        moves = type(self.env["account.move"])
        with patch.object(moves, "_compute_partner_bank_id", side_effect=AssertionError("looked through")):
            move = self.bill_one(home, "2024-07-01", "2024-09-30")
        self.assertEqual(move.partner_bank_id, journal.bank_account_id)
