from odoo.tests import tagged

from .common import exact
from .receivables_common import ReceivablesCommon

NEXT = ("2024-10-01", "2024-12-31")


@tagged("post_install", "-at_install")
class TestOverpayment(ReceivablesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pay(cls.invoice, 420.88, "2024-10-10")
        cls.make_reading(1270, "2024-12-31", meter=cls.home.point_ids.meter_ids)

    def test_kept_unless_it_is_wished(self):
        self.credit(self.customer, 50)
        move = self.bill_one(self.home, *NEXT)
        self.assertEqual(exact(move.amount_residual), exact(move.amount_total))

    def test_carried_to_the_next_invoice(self):
        self.customer.pwik_overpayment = "carry"
        credit = self.credit(self.customer, 50)
        move = self.bill_one(self.home, *NEXT)
        self.assertEqual(exact(move.amount_residual), exact(move.amount_total - 50))
        self.assertEqual(move.payment_state, "partial")
        self.assertTrue(credit.reconciled)

    def test_what_is_left_stays_for_the_one_after(self):
        self.customer.pwik_overpayment = "carry"
        credit = self.credit(self.customer, 1000)
        move = self.bill_one(self.home, *NEXT)
        self.assertIn(move.payment_state, ("paid", "in_payment"))
        self.assertEqual(exact(credit.amount_residual), exact(move.amount_total - 1000))
        self.make_reading(1280, "2025-03-31", meter=self.home.point_ids.meter_ids)
        following = self.bill_one(self.home, "2025-01-01", "2025-03-31")
        self.assertIn(following.payment_state, ("paid", "in_payment"))

    def test_the_companys_policy_and_the_customers_word(self):
        self.company.pwik_overpayment = "carry"
        self.assertTrue(self.customer._pwik_carries_overpayment(self.company))
        self.customer.pwik_overpayment = "keep"
        self.credit(self.customer, 50)
        move = self.bill_one(self.home, *NEXT)
        self.assertEqual(move.payment_state, "not_paid")

    def test_a_refund_carried_lowers_what_is_asked(self):
        """The paper, and with it the code of the transfer, ask for what the correction of an earlier invoice leaves to pay."""
        self.customer.pwik_overpayment = "carry"
        refund = self.correct(self.invoice, 1251, "2024-11-04")
        self.assertEqual((refund.move_type, exact(refund.amount_total)), ("out_refund", exact(146.23)))
        move = self.bill_one(self.home, *NEXT)
        self.assertEqual(exact(move.amount_residual), exact(move.amount_total - 146.23))
        self.assertEqual(exact(move._get_pwik_carried()), exact(146.23))
        box = move._pwik_prepare_payment()
        self.assertEqual(box["amount"], move._pwik_format_zloty(move.amount_residual))

    def test_its_own_correction_is_no_overpayment(self):
        """Even of that very day: the invoice asks for what it came to, and the correction says what it lowers."""
        _other, invoice = self.owe("Inny", pwik_overpayment="carry")
        refund = self.correct(invoice, 1251, invoice.invoice_date)
        own = (invoice | refund).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        own.filtered(lambda line: not line.reconciled).reconcile()
        self.assertEqual(exact(invoice.amount_residual), exact(420.88 - 146.23))
        self.assertEqual(invoice._get_pwik_carried(), 0)

    def test_nobody_elses_money(self):
        other, _invoice = self.owe("Obcy", pwik_overpayment="carry")
        self.customer.pwik_overpayment = "carry"
        credit = self.credit(other, 50)
        move = self.bill_one(self.home, *NEXT)
        self.assertEqual(move.payment_state, "not_paid")
        self.assertFalse(credit.reconciled)

    def test_the_invoice_says_so(self):
        self.customer.write(
            {"pwik_overpayment": "carry", "lang": self.env["res.lang"]._activate_lang("pl_PL").code}
        )
        self.credit(self.customer, 50)
        move = self.bill_one(self.home, *NEXT)
        text = " ".join("\n".join(self.read_pdf(self.render_pdf("account.account_invoices", move))).split())
        left = f"{move.amount_total - 50:.2f}".replace(".", ",")
        self.assertIn(left, text)
        self.assertIn("nadpłaty", text)
