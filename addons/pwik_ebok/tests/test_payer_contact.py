"""A company pays for its tenant, and its invoices are addressed to a contact of the company (its accounts department)."""

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestPayerContact(EbokCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        address = {"street": "ul. Płatnicza 1", "city": "Częstochowa", "zip": "42-200"}
        cls.payer = cls._make_customer("Spółka Płacąca")
        cls.payer.write({**address, "is_company": True})
        cls.payer._pwik_assign_customer_number()
        cls.desk, cls.other_desk = cls.env["res.partner"].create(
            [
                {**address, "name": name, "parent_id": cls.payer.id, "type": "invoice"}
                for name in ("Księgowość", "Dział najmu")
            ]
        )
        cls.contract.invoice_partner_id = cls.desk
        cls.paid = cls.make_issued(cls.desk, 31)
        cls.elsewhere = cls.make_issued(cls.other_desk, 7)
        cls.paying = cls.make_login("paying", cls.payer)
        cls.at_desk = cls.make_login("at_desk", cls.desk)

    @classmethod
    def make_issued(cls, buyer, quantity, day="2026-01-05"):
        """An invoice of the customer's contract that was issued to `buyer`."""
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": buyer.id,
                "invoice_date": day,
                "pwik_contract_id": cls.contract.id,
                "invoice_line_ids": [
                    Command.create({"name": "Woda", "quantity": quantity, "price_unit": 5, "tax_ids": False})
                ],
            }
        )
        move.action_post()
        return move

    def see(self, user, model="account.move"):
        return self.env[model].with_user(user).search([])

    def test_the_company_sees_what_its_contacts_were_issued(self):
        self.assertEqual(self.see(self.paying), self.paid | self.elsewhere)
        self.assertFalse(self.see(self.paying, "pwik.contract"))

    def test_a_contact_sees_its_own_and_no_more_of_the_company(self):
        self.assertEqual(self.see(self.at_desk), self.paid)
        self.authenticate("at_desk", PASSWORD)
        for page in ("/my", "/my/balance", "/my/pay", "/my/balance.csv"):
            with self.subTest(page):
                text = self.url_open(page).text
                self.assertRegex(text, r"155[.,]00")
                self.assertNotRegex(text, r"190[.,]00")  # what the whole company owes
                self.assertNotIn(self.elsewhere.name, text)

    def test_a_contact_that_left_takes_nothing_to_another_company(self):
        rival = self._make_customer("Spółka Obca")
        rival.is_company = True
        moved = self.make_login("rival", rival)
        self.other_desk.parent_id = rival
        self.assertFalse(self.see(moved))

    def test_pages_of_the_company(self):
        self.authenticate("paying", PASSWORD)
        start = self.url_open("/my").text
        self.assertRegex(start, r"190[.,]00")
        self.assertNotIn("/my/readings", start.split("overview_invoices")[0].split("overview_use")[1])
        balance = self.url_open("/my/balance").text
        for page in (balance, self.url_open("/my/pay").text, self.url_open("/my/invoices").text):
            self.assertIn(self.paid.name, page)
            self.assertIn(self.elsewhere.name, page)
        self.assertNotIn(self.invoice.name, balance)
        self.assertEqual(self.url_open(f"/my/invoices/{self.paid.id}").status_code, 200)
        chosen = f"what=invoices&invoice={self.paid.id}&invoice={self.elsewhere.id}"
        answer = self.url_open(f"/my/pay/method?customer={self.payer.id}&{chosen}")
        self.assertEqual(answer.status_code, 200, "invoices of two contacts of one company are paid together")

    def test_the_statement_of_a_contact_ends_with_its_balance(self):
        self.pay(self.paid, 55)
        self.authenticate("at_desk", PASSWORD)
        last = self.url_open("/my/balance.csv").text.strip().splitlines()[-1]
        self.assertTrue(last.endswith(";100,00"), last)
        self.assertEqual(self.desk.ebok_balance, 100)
        self.assertEqual(self.payer.ebok_balance, self.payer.pwik_balance)

    def pay(self, move, amount):
        """A transfer for the invoice, booked by the office."""
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        claim = move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        entry = self.env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": "2026-01-20",
                "line_ids": [
                    Command.create({"account_id": journal.default_account_id.id, "debit": amount}),
                    Command.create(
                        {
                            "account_id": claim.account_id.id,
                            "partner_id": claim.partner_id.id,
                            "credit": amount,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        (claim | entry.line_ids.filtered(lambda line: line.account_id == claim.account_id)).reconcile()

    def test_the_company_links_itself_by_an_invoice_of_its_contact(self):
        form = {
            "customer_number": self.payer.pwik_customer_number,
            "invoice_number": self.paid.name,
            "amount": f"{self.paid.amount_total:.2f}",
            "role": "owner",
        }
        links = self.env["pwik.ebok.link"].with_user(self.nobody)
        link, errors = links._claim_by_invoice(form, "10.0.0.1")
        self.assertFalse(errors)
        self.assertEqual(link.partner_id, self.payer)

    def test_told_are_the_company_and_the_contact(self):
        self.env["pwik.notice.kind"]._get_by_code("invoice").active = True
        self.env.cr.execute(
            "UPDATE account_move SET invoice_date = CURRENT_DATE WHERE id = %s", [self.paid.id]
        )
        self.paid.invalidate_recordset()
        notices = self.env["pwik.notice"]
        for _twice in range(2):
            notices._collect_invoices()
        told = notices.search([("res_model", "=", "account.move"), ("res_id", "=", self.paid.id)])
        self.assertEqual(told.recipient_id, self.paying.partner_id | self.at_desk.partner_id)
        self.assertEqual(len(told), 2)

    def test_copies_of_the_data(self):
        def invoices(customer, user):
            copy = {code: records for code, _title, records in customer._pwik_copy_records(user)}
            return copy["invoices"]

        self.assertEqual(invoices(self.payer, self.paying), self.paid | self.elsewhere)
        self.assertEqual(invoices(self.desk, self.at_desk), self.paid)

    def test_nothing_is_erased_while_a_contact_pays(self):
        reasons = " ".join(block.what for block in self.payer._pwik_get_contract_blocks())
        self.assertIn(self.contract.number, reasons)

    def test_an_invoice_to_a_contact_of_the_customer_is_an_open_item(self):
        contact = self.env["res.partner"].create({"name": "Na ręce córki", "parent_id": self.customer.id})
        mine = self.make_issued(contact, 3)
        self.authenticate("owner", PASSWORD)
        self.assertIn(f'href="/my/invoices/{mine.id}"', self.url_open("/my/balance").text)

    def test_the_start_page_names_no_payment_of_somebody_else(self):
        """The customer owes nothing before March; what another payer has to pay by January is not his next payment."""
        self.env.cr.execute(
            "UPDATE account_move SET invoice_date_due = '2099-03-15' WHERE id = %s", [self.invoice.id]
        )
        self.env.cr.execute(
            "UPDATE account_move_line SET date_maturity = '2099-03-15' WHERE move_id = %s", [self.invoice.id]
        )
        self.env.cr.execute(
            "UPDATE account_move SET invoice_date_due = '2099-01-12' WHERE id = %s", [self.paid.id]
        )
        self.env.invalidate_all()
        self.authenticate("owner", PASSWORD)
        start = self.url_open("/my").text
        due = start.split("overview_use")[0]
        self.assertIn("15.03.2099", due)
        self.assertNotIn("12.01.2099", due)

    def test_the_list_tells_which_invoices_another_pays(self):
        self.authenticate("owner", PASSWORD)
        for page in ("/my", "/my/invoices"):
            self.assertEqual(self.url_open(page).text.count("wystawiona na innego płatnika"), 2, page)
        self.authenticate("paying", PASSWORD)
        self.assertNotIn("wystawiona na innego płatnika", self.url_open("/my/invoices").text)
