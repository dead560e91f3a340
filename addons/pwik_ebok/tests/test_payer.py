"""Who pays for somebody else's contract: his invoices and his balance, and nothing else of that customer."""

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestPayer(EbokCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payer = cls._make_customer("Spółka Płacąca")
        cls.payer.write({"street": "ul. Płatnicza 1", "city": "Częstochowa", "zip": "42-200"})
        cls.contract.invoice_partner_id = cls.payer
        cls.paid_invoice = cls.make_paid_invoice(cls.payer)
        cls.paying = cls.make_login("paying", cls.payer)

    @classmethod
    def make_paid_invoice(cls, payer, day="2026-01-05"):
        """An invoice of the customer's contract that was issued to somebody else."""
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": payer.id,
                "invoice_date": day,
                "pwik_contract_id": cls.contract.id,
                "invoice_line_ids": [
                    (0, 0, {"name": "Woda", "quantity": 31, "price_unit": 4.76, "tax_ids": False})
                ],
            }
        )
        move.action_post()
        return move

    def see(self, user, model):
        return self.env[model].with_user(user).search([])

    def test_the_payer_sees_his_invoices_and_nothing_else(self):
        self.assertEqual(self.see(self.paying, "account.move"), self.paid_invoice)
        self.paid_invoice.with_user(self.paying).read(["name", "amount_total", "payment_state"])
        self.assertEqual(self.see(self.paying, "res.partner") & self.customer, self.env["res.partner"])
        for model in (
            *("pwik.contract", "pwik.contract.point", "pwik.service.point", "pwik.meter", "pwik.reading"),
            *("pwik.case", "pwik.past.invoice", "pwik.interest.note", "pwik.dunning.notice"),
        ):
            with self.subTest(model):
                self.assertFalse(self.see(self.paying, model))
        for record in (self.invoice, self.contract, self.reading, self.customer):
            with self.assertRaises(AccessError):
                record.with_user(self.paying).read(["display_name"])

    def test_the_customer_sees_what_others_pay_for_him_and_no_more_of_them(self):
        elsewhere = self.make_contract(self.payer, self.make_point("ul. Obca 5"))
        foreign = self.make_invoice(elsewhere)
        self.assertEqual(self.see(self.owner, "account.move"), self.invoice | self.paid_invoice)
        self.assertNotIn(foreign, self.see(self.owner, "account.move"))
        self.assertNotIn(self.payer, self.see(self.owner, "res.partner"))

    def test_neighbour_and_guest_see_neither(self):
        for user in (self.other, self.former, self.nobody):
            self.assertNotIn(self.paid_invoice, self.see(user, "account.move"))
        self.authenticate("other", PASSWORD)
        self.assertEqual(self.url_open(f"/my/invoices/{self.paid_invoice.id}").status_code, 404)

    def test_a_payer_of_before_keeps_what_he_was_issued(self):
        self.contract.invoice_partner_id = self.customer
        later = self.make_paid_invoice(self.customer, "2026-02-05")
        self.assertEqual(self.see(self.paying, "account.move"), self.paid_invoice)
        self.assertIn(later, self.see(self.owner, "account.move"))
        self.paying.ebok_link_ids.action_revoke()
        self.assertFalse(self.see(self.paying, "account.move"))

    def test_pages_of_the_payer(self):
        self.authenticate("paying", PASSWORD)
        page = self.url_open("/my/invoices").text
        self.assertIn(self.paid_invoice.name, page)
        self.assertNotIn(self.invoice.name, page)
        self.assertIn(self.contract.number, page)  # as on the paper
        answer = self.url_open(f"/my/invoices/{self.paid_invoice.id}")
        self.assertEqual(answer.status_code, 200)
        self.assertIn(self.contract.number, answer.text)
        self.assertNotIn(f"/my/contracts/{self.contract.id}", answer.text)
        self.assertNotIn(self.customer.name, answer.text)
        pdf = self.url_open(f"/my/invoices/{self.paid_invoice.id}?report_type=pdf&download=true")
        self.assertEqual(pdf.headers["Content-Type"], "application/pdf")
        for address in (
            *("/my", "/my/balance", "/my/pay", "/my/contracts", "/my/customer", "/my/customer/einvoice"),
            *("/my/readings", "/my/cases", "/my/cases/new?kind=complaint", "/my/notices", "/my/privacy"),
        ):
            with self.subTest(address):
                answer = self.url_open(address)
                self.assertEqual(answer.status_code, 200)
                self.assertNotIn(self.customer.name, answer.text)
        for address in (f"/my/contracts/{self.contract.id}", f"/my/meters/{self.meter.id}/readings"):
            self.assertEqual(self.url_open(address).status_code, 404)

    def test_balance_of_payer_and_customer(self):
        """What somebody else has to pay is in the list of invoices, and no item of the customer's balance."""
        self.authenticate("paying", PASSWORD)
        self.assertIn(f'href="/my/invoices/{self.paid_invoice.id}"', self.url_open("/my/balance").text)
        self.authenticate("owner", PASSWORD)
        page = self.url_open("/my/balance").text
        self.assertIn(self.invoice.name, page)
        self.assertNotIn(self.paid_invoice.name, page)
        self.assertIn(self.paid_invoice.name, self.url_open("/my/invoices").text)

    def test_case_of_a_payer_about_the_contract(self):
        """The office may take down a payer's complaint at the contract; its page names no contract that he may not open."""
        case = self.make_case(self.payer, self.contract, "Reklamacja płatnika")
        self.authenticate("paying", PASSWORD)
        answer = self.url_open(f"/my/cases/{case.id}")
        self.assertEqual(answer.status_code, 200)
        self.assertNotIn(f"/my/contracts/{self.contract.id}", answer.text)

    def test_number_of_the_payer(self):
        """It stands on each invoice, and he links himself by it."""
        newcomer = self._make_customer("Nowy Płatnik")
        self.assertFalse(newcomer.pwik_customer_number)
        self.contract.invoice_partner_id = newcomer
        self.assertTrue(newcomer.pwik_customer_number)
        third = self._make_customer("Trzeci Płatnik")
        self.make_contract(self.customer, self.make_point("ul. Nowa 7"), invoice_partner_id=third.id)
        self.assertTrue(third.pwik_customer_number)

    def test_the_payer_links_himself(self):
        links = self.env["pwik.ebok.link"].with_user(self.nobody)
        form = {
            "customer_number": self.payer.pwik_customer_number,
            "invoice_number": self.invoice.name,  # of the same contract, but issued to the customer
            "amount": f"{self.invoice.amount_total:.2f}",
            "role": "owner",
        }
        link, errors = links._claim_by_invoice(form, "10.0.0.1")
        self.assertFalse(link)
        self.assertIn("customer_number", errors)
        form |= {"invoice_number": self.paid_invoice.name, "amount": f"{self.paid_invoice.amount_total:.2f}"}
        link, errors = links._claim_by_invoice(form, "10.0.0.1")
        self.assertFalse(errors)
        self.assertEqual(link.partner_id, self.payer)

    def test_told_is_who_pays(self):
        notices = self.env["pwik.notice"]
        self.env["pwik.notice.kind"]._get_by_code("invoice").active = True
        self.env.cr.execute(
            "UPDATE account_move SET invoice_date = CURRENT_DATE WHERE id = %s", [self.paid_invoice.id]
        )
        self.paid_invoice.invalidate_recordset()
        notices._collect_invoices()
        told = notices.search([("res_model", "=", "account.move"), ("res_id", "=", self.paid_invoice.id)])
        self.assertEqual(told.recipient_id, self.paying.partner_id)

    def test_a_copy_of_the_payers_data(self):
        found = dict((code, records) for code, _title, records in self.payer._pwik_copy_records(self.paying))
        self.assertIn(self.paid_invoice, found["invoices"])
        self.assertFalse(found["readings"])
