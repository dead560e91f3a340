"""Money that goes out: what customers overpaid is paid back, and payments that the bank took back are owed again."""

from decimal import Decimal

from odoo.addons.pwik_billing.tests.common import exact
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_bank_import import BankCommon

NUMBER = "Zwrot nadpłaty nr klienta {}"


@tagged("post_install", "-at_install")
class TestBankBack(BankCommon):
    """Anna overpaid by 30.00 zł: her invoice of 420.88 is paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        [cls.payment] = cls.take_in(
            cls, cls.collect(cls, (cls.anna.pwik_payment_account, "450.88", "za wodę"))
        ).transaction_ids

    def pay_back(self, amount, title, day="241020"):
        [payment] = self.take_in(self.mt940((amount, title), day=day)).transaction_ids
        return payment.with_user(self.clerk)

    def test_what_he_overpaid_is_paid_back_by_itself(self):
        self.assertEqual(exact(self.anna.pwik_balance), Decimal("-30.00"))
        payment = self.pay_back("-30.00", NUMBER.format(self.anna.pwik_customer_number))
        self.assertEqual((payment.state, payment.how, payment.partner_id), ("matched", "number", self.anna))
        self.assertEqual(self.anna.pwik_balance, 0)
        self.assertEqual(self.invoice.payment_state, "paid", "the invoice stays paid")
        self.assertEqual(payment.paid_move_ids, self.payment.move_id)
        self.assert_ledger(payment.sudo())

    def test_undo_takes_it_back(self):
        payment = self.pay_back("-30.00", NUMBER.format(self.anna.pwik_customer_number))
        payment.action_undo()
        self.assertEqual((payment.state, payment.reason), ("unmatched", "taken_back"))
        self.assertEqual(exact(self.anna.pwik_balance), Decimal("-30.00"))
        self.assertEqual(payment.suggestion_ids.mapped("why"), ["number"])
        payment.suggestion_ids.action_assign()
        self.assertEqual((payment.state, self.anna.pwik_balance), ("matched", 0))

    def test_more_than_he_has_to_get_waits_and_is_owed(self):
        payment = self.pay_back("-50.00", NUMBER.format(self.anna.pwik_customer_number))
        self.assertEqual((payment.state, payment.reason), ("unmatched", "outgoing"))
        self.assertEqual(exact(self.anna.pwik_balance), Decimal("-30.00"))
        payment.choice_partner_id = self.anna
        payment.action_assign()
        self.assertEqual(exact(self.anna.pwik_balance), Decimal("20.00"))
        self.assert_ledger(payment.sudo())

    def test_the_same_overpayment_is_not_paid_back_twice(self):
        title = NUMBER.format(self.anna.pwik_customer_number)
        data = self.mt940(("-30.00", title, "A1"), ("-30.00", title, "A2"), day="241020")
        payments = self.take_in(data).transaction_ids
        self.assertEqual(sorted(payments.mapped("state")), ["matched", "unmatched"])
        waiting = payments.filtered(lambda one: one.state == "unmatched")
        self.assertEqual(waiting.suggestion_ids.partner_id, self.anna)
        self.assertEqual(self.anna.pwik_balance, 0)

    def test_payment_and_what_is_paid_back_come_in_at_once(self):
        """Several days in one go, the later file first: the older payment is booked before what was paid back of it."""
        title = NUMBER.format(self.jan.pwik_customer_number)
        later = self.take_in(self.mt940(("-9.12", title), day="241022"), "b.sta", book=False)
        sooner = self.take_in(
            self.collect((self.jan.pwik_payment_account, "430.00", "woda"), day="20241021"),
            "a.txt",
            book=False,
        )
        (later | sooner)._book_now()
        self.assertEqual(set((later | sooner).transaction_ids.mapped("state")), {"matched"})
        self.assertEqual(self.jan.pwik_balance, 0)
        self.assertEqual(self.other_invoice.payment_state, "paid")

    def test_who_paid_from_the_account_to_which_it_went_is_suggested(self):
        payment = self.pay_back("-30.00", "przelew")
        self.assertEqual(
            [(one.partner_id, one.why) for one in payment.suggestion_ids], [(self.anna, "payer")]
        )
        payment.suggestion_ids.action_assign()
        self.assertEqual(self.anna.pwik_balance, 0)

    def test_a_payment_that_the_bank_took_back_is_owed_again(self):
        payment = self.pay_back("-450.88", "STORNO WPŁATY")
        self.assertEqual(payment.state, "unmatched")
        payment.choice_partner_id = self.anna
        payment.choice_returned_id = self.payment
        payment.action_assign()
        self.assertEqual(self.invoice.payment_state, "not_paid")
        self.assertEqual(exact(self.anna.pwik_balance), Decimal("420.88"))
        self.assertEqual(payment.paid_move_ids, self.payment.move_id)
        self.assert_ledger(payment.sudo())

    def test_only_his_own_payment_of_that_sum_can_be_taken_back(self):
        for amount, customer in (("-100.00", self.anna), ("-450.88", self.jan)):
            payment = self.pay_back(amount, "STORNO")
            payment.choice_partner_id = customer
            payment.choice_returned_id = self.payment
            with self.assertRaises(UserError):
                payment.action_assign()
        self.assertEqual(self.invoice.payment_state, "paid")

    def test_a_payment_is_taken_back_once(self):
        for day in ("241020", "241021"):
            payment = self.pay_back("-450.88", "STORNO", day=day)
            payment.write({"choice_partner_id": self.anna.id, "choice_returned_id": self.payment.id})
            if day == "241020":
                payment.action_assign()
                continue
            with self.assertRaises(UserError):
                payment.action_assign()
        self.assertEqual(exact(self.anna.pwik_balance), Decimal("420.88"))

    def test_undo_of_what_was_certain_suggests_it(self):
        """An individual account says whose it is; who takes the assignment back is asked, and may follow it after all."""
        payment = self.payment.with_user(self.clerk)
        payment.action_undo()
        self.assertEqual((payment.state, payment.reason), ("unmatched", "taken_back"))
        self.assertEqual(payment.suggestion_ids[0].partner_id, self.anna)
        payment.suggestion_ids[0].action_assign()
        self.assertEqual(exact(self.anna.pwik_balance), Decimal("-30.00"))
