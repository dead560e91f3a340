import base64
from decimal import Decimal

from odoo.addons.pwik_billing.tests.common import BillingCommon, exact
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

ACCOUNT = "61109010140000071219812874"
PAYER = "27114020040000300201355387"


class BankCommon(BillingCommon):
    """Two customers with a bill each of 420.88 zł and an individual account; a bank journal with its number."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"pwik_account_branch": "99990000", "pwik_account_receiver": "57300038"})
        cls.home = cls.household([("2024-06-30", 1234), ("2024-09-30", 1261)], name="Anna Płatnik")
        cls.other_home = cls.household([("2024-06-30", 1234), ("2024-09-30", 1261)], name="Jan Inny")
        cls.anna, cls.jan = cls.home.partner_id, cls.other_home.partner_id
        moves = cls.bill(cls.home | cls.other_home, "2024-07-01", "2024-09-30").settlement_ids.move_id
        cls.invoice = moves.filtered(lambda move: move.partner_id == cls.anna)
        cls.other_invoice = moves - cls.invoice
        cls.journal = cls.env["account.journal"].create(
            {"name": "Bank Testowy", "code": "BT", "type": "bank", "bank_acc_number": f"PL{ACCOUNT}"}
        )
        cls.clerk = cls.make_user("clerk", "pwik_billing.pwik_billing_group_user")

    def mt940(self, *payments, day="241015", opening="1000,00", number="1"):
        """A statement; each payment is (amount, title) or (amount, title, reference)."""
        total = Decimal(opening.replace(",", "."))
        lines = [":20:ST1", f":25:/PL{ACCOUNT}", f":28C:{number}", f":60F:C{day}PLN{opening}"]
        for amount, title, *reference in payments:
            value = Decimal(amount)
            total += value
            side = "D" if value < 0 else "C"
            lines.append(
                f":61:{day}{day[2:]}{side}N{abs(value):.2f}NTRFNONREF//{(reference or [''])[0]}".replace(
                    ".", ","
                )
            )
            lines.append(f":86:020^00PRZELEW^20{title[:27]}^21{title[27:54]}^32JAN KOWALSKI^38PL{PAYER}")
        lines += [f":62F:C{day}PLN{total:.2f}".replace(".", ","), "-"]
        return "\r\n".join(lines).encode("cp1250")

    def collect(self, *payments, day="20241015"):
        """A list of collected payments; each is (account, amount, title)."""
        lines = [f"H{day}{ACCOUNT}PLN{1:<10}"]
        for account, amount, title in payments:
            grosze = int(Decimal(amount) * 100)
            lines.append(f"D{day}{account}{grosze:012}{PAYER}{'JAN KOWALSKI':<70}{title:<140}{'':<20}")
        total = sum(int(Decimal(amount) * 100) for _account, amount, _title in payments)
        lines.append(f"T{len(payments):08}{total:015}")
        return "\n".join(lines).encode("cp852")

    def take_in(self, data, name="wyciag.sta", journal=None, book=True):
        imports = self.env["pwik.bank.import"].with_user(self.clerk)
        taken, known = imports._take_in(data, name, journal)
        if book and not known:
            taken._book_now()
        return taken.sudo()

    def assert_ledger(self, transaction):
        """The entry balances and its bank line is the payment."""
        lines = transaction.statement_line_id.move_id.line_ids
        self.assertEqual(exact(sum(lines.mapped("balance"))), 0)
        bank = lines.filtered(lambda line: line.account_id == self.journal.default_account_id)
        self.assertEqual(exact(bank.balance), exact(transaction.amount))


@tagged("post_install", "-at_install")
class TestBankImport(BankCommon):
    def test_payment_on_an_individual_account_pays_the_invoice(self):
        taken = self.take_in(self.collect((self.anna.pwik_payment_account, "420.88", "za wodę")))
        [payment] = taken.transaction_ids
        self.assertEqual((payment.state, payment.how, payment.partner_id), ("matched", "account", self.anna))
        self.assertEqual(payment.paid_move_ids, self.invoice)
        self.assertEqual(self.invoice.amount_residual, 0)
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertEqual(self.anna.pwik_balance, 0)
        self.assert_ledger(payment)
        self.assertEqual(self.other_invoice.amount_residual, 420.88)

    def test_statement_keeps_the_banks_balances(self):
        taken = self.take_in(self.mt940(("420.88", self.invoice.name), ("-5.00", "OPŁATA")))
        [statement] = taken.statement_ids
        self.assertEqual((statement.balance_start, statement.balance_end_real), (1000.0, 1415.88))
        self.assertTrue(statement.is_complete)
        self.assertEqual(self.invoice.payment_state, "paid")
        fee = taken.transaction_ids.filtered(lambda one: one.amount < 0)
        self.assertEqual((fee.state, fee.reason), ("unmatched", "outgoing"))

    def test_part_payment_and_overpayment(self):
        account = self.anna.pwik_payment_account
        self.take_in(self.collect((account, "400.00", "pierwsza wpłata")))
        self.assertEqual(exact(self.invoice.amount_residual), Decimal("20.88"))
        self.assertEqual(self.invoice.payment_state, "partial")
        self.take_in(self.collect((account, "30.00", "druga wpłata"), day="20241016"))
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertEqual(exact(self.anna.pwik_balance), Decimal("-9.12"))

    def test_two_payments_of_one_customer_in_one_file(self):
        account = self.anna.pwik_payment_account
        taken = self.take_in(self.collect((account, "400.00", "woda"), (account, "20.88", "woda")))
        self.assertEqual(set(taken.transaction_ids.mapped("state")), {"matched"})
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertEqual(self.anna.pwik_balance, 0)

    def test_the_same_file_twice_changes_nothing(self):
        data = self.collect((self.anna.pwik_payment_account, "100.00", "woda"))
        first = self.take_in(data)
        again = self.take_in(data, name="inna nazwa.txt")
        self.assertEqual(again, first)
        self.assertEqual(exact(self.invoice.amount_residual), Decimal("320.88"))
        self.assertEqual(
            self.env["pwik.bank.transaction"].search_count([("journal_id", "=", self.journal.id)]), 1
        )

    def test_overlapping_statements_book_each_payment_once(self):
        day = [
            ("100.00", self.invoice.name, "A1"),
            ("7.00", "bez tytułu", "A2"),
            ("7.00", "bez tytułu", "A2"),
        ]
        self.take_in(self.mt940(*day))
        wider = self.take_in(self.mt940(*day, ("20.88", self.invoice.name, "A3"), number="2"))
        self.assertEqual((wider.known_count, len(wider.transaction_ids)), (3, 1))
        self.assertEqual(exact(self.invoice.amount_residual), Decimal("300.00"))
        self.assertFalse(wider.statement_ids, "half of its payments belong to the other statement")

    def test_another_format_of_the_same_day_is_held_back(self):
        account = self.anna.pwik_payment_account
        self.take_in(self.collect((account, "100.00", "woda")))
        title = "woda"
        data = self.mt940(("100.00", title, "A1"))
        self.journal.pwik_bank_profile_id = self.env.ref("pwik_einvoice.pwik_bank_profile_individual")
        data = data.replace(f"^38PL{PAYER}".encode(), f"^38PL{PAYER}\r\n^63{account}".encode())
        [held] = self.take_in(data).transaction_ids
        self.assertEqual((held.state, held.reason), ("held", "double"))
        self.assertEqual(exact(self.invoice.amount_residual), Decimal("320.88"))
        held.with_user(self.clerk).action_drop()
        self.assertEqual(held.state, "dropped")
        held.with_user(self.clerk).action_book()
        self.assertEqual((held.state, exact(self.invoice.amount_residual)), ("matched", Decimal("220.88")))

    def test_payments_of_the_previous_system_do_not_count_twice(self):
        account = self.anna.pwik_payment_account
        self.company.pwik_bank_from = "2024-10-10"
        early = self.take_in(self.collect((account, "50.00", "woda"), day="20241009")).transaction_ids
        self.assertEqual((early.state, early.reason), ("held", "before"))
        self.env["pwik.past.payment"].create(
            {
                "reference": "W1",
                "partner_id": self.anna.id,
                "date": "2024-10-11",
                "amount": 60.0,
                "company_id": self.company.id,
            }
        )
        late = self.take_in(self.collect((account, "60.00", "woda"), day="20241012")).transaction_ids
        self.assertEqual((late.state, late.reason), ("held", "past"))
        self.assertFalse((early | late).statement_line_id)
        self.assertEqual(exact(self.invoice.amount_residual), Decimal("420.88"))
        late.with_user(self.clerk).action_book()
        self.assertEqual(late.state, "matched", "a person said that it is another payment")

    def test_payment_of_a_closed_month_is_booked_in_the_open_one(self):
        self.company.sudo().hard_lock_date = "2024-10-31"
        [payment] = self.take_in(
            self.collect((self.anna.pwik_payment_account, "420.88", "a"))
        ).transaction_ids
        self.assertEqual(payment.state, "matched")
        self.assertGreater(str(payment.move_id.date), "2024-10-31")
        self.assertEqual(self.invoice.payment_state, "paid")

    def test_one_payment_that_cannot_be_booked_does_not_stop_the_others(self):
        right = self.jan.property_account_receivable_id
        wrong = {"code": "990099", "name": "Pozabilansowe", "account_type": "off_balance"}
        self.jan.property_account_receivable_id = self.env["account.account"].create(wrong)
        data = self.collect(
            (self.jan.pwik_payment_account, "500.00", "za dużo"),
            (self.anna.pwik_payment_account, "20.00", "b"),
        )
        good, bad = self.take_in(data).transaction_ids.sorted("amount")
        self.assertEqual((good.state, bad.state), ("matched", "error"))
        self.assertIn("Off-Balance", bad.error)
        self.assertFalse(bad.statement_line_id)
        self.assertEqual(exact(self.other_invoice.amount_residual), Decimal("420.88"))
        self.assertEqual(exact(self.invoice.amount_residual), Decimal("400.88"))
        self.jan.property_account_receivable_id = right
        bad.with_user(self.clerk).action_book()
        self.assertEqual((bad.state, self.other_invoice.payment_state), ("matched", "paid"))

    def test_a_bad_file_leaves_nothing(self):
        good = self.mt940(("420.88", self.invoice.name))
        faults = {
            "only a part of it arrived": good[: good.index(b":62F:")],
            "does not add up": good.replace(b":62F:C241015PLN1420,88", b":62F:C241015PLN1420,80"),
            "Choose another journal": good.replace(b"PLN", b"EUR"),
            "not above zero": good.replace(b"CN420,88", b"CN-420,88"),
            "is empty": b"",
            "neither MT940": b"Data;Kwota",
            "is on no bank journal": good.replace(ACCOUNT.encode(), b"27114020040000300201355387"),
            "document type": b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document>&e;</Document>',
        }
        for words, data in faults.items():
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                self.take_in(data)
        self.assertFalse(self.env["pwik.bank.transaction"].search([("journal_id", "=", self.journal.id)]))
        self.assertEqual(self.invoice.amount_residual, 420.88)

    def test_killed_between_packets_goes_on_and_books_nothing_twice(self):
        """What is left to do is what the states say: a second process finds the rest."""
        account = self.anna.pwik_payment_account
        taken = self.take_in(self.collect(*((account, "1.00", f"rata {n}") for n in range(5))), book=False)
        taken.transaction_ids[:2]._book()
        self.env["pwik.bank.transaction"]._claim_packet()._book()
        self.env["pwik.bank.transaction"]._claim_packet()._book()
        self.assertEqual(set(taken.transaction_ids.mapped("state")), {"matched"})
        self.assertEqual(len(taken.transaction_ids.statement_line_id), 5)
        self.assertEqual(exact(self.invoice.amount_residual), Decimal("415.88"))

    def test_many_payments_go_in_the_background(self):
        account = self.anna.pwik_payment_account
        taken = self.take_in(self.collect(*((account, "0.10", f"rata {n}") for n in range(201))))
        self.assertEqual(taken.waiting_count, 201)
        self.assertTrue(
            self.env["ir.cron.trigger"].search(
                [("cron_id", "=", self.env.ref("pwik_einvoice.ir_cron_bank_import").id)]
            )
        )

    def test_wizard_shows_what_would_happen_and_writes_nothing(self):
        files = {
            "dobry.sta": self.mt940(("420.88", self.invoice.name), ("3.00", "nie wiadomo kto")),
            "zly.sta": b"co to jest",
        }
        attachments = self.env["ir.attachment"].with_user(self.clerk)
        for name, data in files.items():
            attachments += attachments.create({"name": name, "datas": base64.b64encode(data)})
        wizard = (
            self.env["pwik.bank.import.wizard"]
            .with_user(self.clerk)
            .create({"attachment_ids": [Command.set(attachments.ids)]})
        )
        wizard._onchange_attachment_ids()
        good, bad = wizard.file_ids
        self.assertEqual((good.count, good.matched_count, good.unmatched_count), (2, 1, 1))
        self.assertEqual(good.journal_id, self.journal)
        self.assertIn("neither MT940", bad.error)
        self.assertEqual(wizard.line_ids.mapped("partner_id"), self.anna)
        self.assertFalse(self.env["pwik.bank.import"].search([("journal_id", "=", self.journal.id)]))
        action = wizard.action_import()
        self.assertIn("zly.sta", action["params"]["message"])
        self.assertEqual(self.invoice.payment_state, "paid")

    def test_profile_that_cannot_work_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "detail.colour = 3"):
            self.env["pwik.bank.profile"].create({"name": "X", "layout": "detail = D\ndetail.colour = 3"})


@tagged("post_install", "-at_install")
class TestBankAssignment(BankCommon):
    def unmatched(self, amount="420.88", title="nie wiadomo kto"):
        [payment] = self.take_in(self.mt940((amount, title))).transaction_ids
        self.assertEqual(payment.state, "unmatched")
        return payment.with_user(self.clerk)

    def test_payment_of_nobody_waits_on_the_suspense_account(self):
        payment = self.unmatched()
        suspense = payment.sudo().move_id.line_ids.filtered(
            lambda line: line.account_id == self.journal.suspense_account_id
        )
        self.assertEqual(exact(suspense.balance), Decimal("-420.88"))
        self.assertEqual(payment.suggestion_ids.partner_id, self.anna | self.jan)
        self.assertEqual(set(payment.suggestion_ids.mapped("why")), {"amount"})

    def test_one_click_assigns_and_undo_takes_it_back(self):
        payment = self.unmatched()
        suggestion = payment.suggestion_ids.filtered(lambda one: one.partner_id == self.jan)
        suggestion.action_assign()
        self.assertEqual((payment.state, payment.how, payment.user_id), ("matched", "person", self.clerk))
        self.assertEqual(self.other_invoice.payment_state, "paid")
        self.assertEqual(self.jan.pwik_balance, 0)
        self.assert_ledger(payment.sudo())
        payment.action_undo()
        self.assertEqual(
            (payment.state, payment.sudo().statement_line_id.partner_id.id), ("unmatched", False)
        )
        self.assertEqual(self.other_invoice.payment_state, "not_paid")
        self.assertEqual(exact(self.jan.pwik_balance), Decimal("420.88"))
        self.assertTrue(payment.suggestion_ids)

    def test_the_clerk_chooses_customer_and_document(self):
        payment = self.unmatched("50.00")
        payment.choice_partner_id = self.anna
        payment.choice_document_ids = self.invoice
        payment.action_assign()
        self.assertEqual(exact(self.invoice.amount_residual), Decimal("370.88"))

    def test_a_fee_is_booked_on_its_account(self):
        payment = self.unmatched("-5.00", "OPŁATA ZA PROWADZENIE")
        fees = self.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", self.company.id)], limit=1
        )
        payment.choice_account_id = fees
        payment.action_assign_account()
        self.assertEqual(payment.state, "assigned")
        line = payment.sudo().move_id.line_ids.filtered(lambda one: one.account_id == fees)
        self.assertEqual(exact(line.balance), Decimal("5.00"))
        payment.action_undo()
        self.assertNotIn(fees, payment.sudo().move_id.line_ids.account_id)

    def test_who_paid_from_this_account_before_is_suggested(self):
        first = self.unmatched("1.00")
        first.choice_partner_id = self.jan
        first.action_assign()
        [second] = self.take_in(self.mt940(("2.00", "znowu nie wiadomo"), day="241016")).transaction_ids
        self.assertEqual(second.state, "unmatched")
        self.assertEqual([(one.partner_id, one.why) for one in second.suggestion_ids], [(self.jan, "payer")])

    def test_conflict_is_for_a_person(self):
        account = self.anna.pwik_payment_account
        [payment] = self.take_in(self.collect((account, "420.88", self.other_invoice.name))).transaction_ids
        self.assertEqual((payment.state, payment.reason), ("unmatched", "conflict"))
        self.assertEqual(payment.suggestion_ids.partner_id, self.anna | self.jan)

    def test_two_clerks_do_not_decide_at_once(self):
        payment = self.unmatched()
        first, second = payment.suggestion_ids
        first.action_assign()
        with self.assertRaises(UserError):
            payment.choice_partner_id = self.jan
            payment.action_assign()

    def test_rights(self):
        payment = self.unmatched()
        with self.assertRaises(AccessError):
            payment.amount = 1.0
        with self.assertRaises(AccessError):
            payment.state = "matched"
        for login, group in (
            ("office", "pwik_meters.pwik_meters_group_user"),
            ("reader", "pwik_meters.pwik_meters_group_reader"),
        ):
            stranger = self.make_user(login, group)
            for model in (
                "pwik.bank.transaction",
                "pwik.bank.import",
                "pwik.bank.suggestion",
                "pwik.bank.profile",
            ):
                self.assertFalse(self.env[model].with_user(stranger).has_access("read"), model)
            with self.assertRaises(AccessError):
                payment.with_user(stranger).action_undo()
            with self.assertRaises(AccessError):
                self.env["pwik.bank.import"].with_user(stranger)._take_in(b"x", "x")

    def test_an_old_open_item_of_another_company_is_not_seen(self):
        other = self.env["res.company"].create({"name": "Obca spółka"})
        payment = self.unmatched()
        payment.sudo().company_id = other
        self.assertFalse(
            self.env["pwik.bank.transaction"].with_user(self.clerk).search([("id", "=", payment.id)])
        )
