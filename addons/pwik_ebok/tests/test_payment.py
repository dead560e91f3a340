from decimal import Decimal

from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon
from .paying import Paying


@tagged("post_install", "-at_install")
class TestPayment(Paying, EbokCommon, HttpCase):
    """Online payment with Odoo's pretended provider and with the promise of a transfer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_providers()
        cls.second_invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.customer.id,
                "invoice_date": "2025-11-06",
                "pwik_contract_id": cls.contract.id,
                "invoice_line_ids": [
                    (0, 0, {"name": "Woda", "quantity": 27, "price_unit": 4.76, "tax_ids": False})
                ],
            }
        )
        cls.second_invoice.action_post()

    def sign_in(self, login):
        self.authenticate(login, PASSWORD)

    def left(self, invoice):
        return Decimal(str(round(invoice.amount_residual, 2)))

    def test_the_whole_balance_becomes_zero(self):
        self.sign_in("owner")
        page = self.url_open("/my/pay").text
        self.assertIn(self.invoice.name, page)
        self.assertNotIn(self.other_invoice.name, page)
        method = self.url_open(f"/my/pay/method?customer={self.customer.id}&what=balance&amount=")
        self.assertIn("o_payment_form", method.text)
        receipt = self.pay("balance", 257.04)
        self.assertIn("alert-success", receipt)
        self.assertIn(self.invoice.name, receipt)
        self.assertEqual((self.invoice | self.second_invoice).mapped("payment_state"), ["paid", "paid"])
        self.assertEqual(self.customer.pwik_balance, 0)
        self.assertRegex(self.url_open("/my/balance").text, r"o_ebok_amount[^>]*>\s*(<[^>]*>\s*)*0,00")
        self.assertIn("/my/pay/receipt?payment=", self.url_open("/my/balance").text)

    def test_a_credit_is_taken_into_account(self):
        credit = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.customer.id,
                "invoice_date": "2025-10-10",
                "pwik_contract_id": self.contract.id,
                "invoice_line_ids": [(0, 0, {"name": "Woda", "price_unit": 100, "tax_ids": False})],
            }
        )
        credit.action_post()
        self.sign_in("owner")
        self.pay("balance", 157.04)
        self.assertEqual(self.customer.pwik_balance, 0)
        self.assertEqual(set((self.invoice | self.second_invoice | credit).mapped("payment_state")), {"paid"})

    def test_one_invoice_and_a_part_of_it(self):
        self.sign_in("owner")
        self.pay(self.invoice.id, 100)
        self.assertEqual(
            (self.left(self.invoice), self.left(self.second_invoice)), (Decimal("28.52"), Decimal("128.52"))
        )
        self.pay(self.invoice.id, 28.52)
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertEqual(Decimal(str(self.customer.pwik_balance)), Decimal("128.52"))

    def test_several_invoices_the_oldest_first(self):
        self.sign_in("owner")
        self.pay(f"{self.second_invoice.id}-{self.invoice.id}", 130)
        self.assertEqual(
            (self.left(self.invoice), self.left(self.second_invoice)), (Decimal("0"), Decimal("127.04"))
        )

    def test_the_payment_is_the_customers_not_the_logins(self):
        self.sign_in("owner")
        self.pay("balance", 257.04)
        payment = self.env["payment.transaction"].search([("pwik_login_id", "=", self.owner.id)]).payment_id
        self.assertEqual(payment.partner_id, self.customer)
        self.assertTrue(payment.move_id, "the ledger has it")
        self.assertFalse(self.env["payment.token"].search([("partner_id", "=", self.customer.id)]))

    def test_a_failed_payment_changes_nothing(self):
        self.sign_in("owner")
        for state in ("cancel", "error"):
            receipt = self.url_open(self.finish(self.begin("balance", 257.04), state)).text
            self.assertNotIn("alert-success", receipt)
        self.assertEqual(self.invoice.payment_state, "not_paid")

    def test_a_payment_in_progress_is_not_made_twice(self):
        self.sign_in("owner")
        self.finish(self.begin(self.invoice.id, 128.52), "pending")
        self.assertEqual(self.begin(self.invoice.id, 128.52), "odoo.exceptions.ValidationError")
        self.assertIn("disabled", self.url_open("/my/pay").text)

    def test_the_promise_of_a_transfer(self):
        self.sign_in("owner")
        values = self.begin(self.invoice.id, 128.52, provider=self.transfer, flow="redirect")
        self.url_open("/payment/custom/process", data={"reference": values["reference"]})
        landing = self.rpc("/payment/status/poll")["landing_route"]
        self.assertIn("alert-info", self.url_open(landing).text)
        self.assertEqual(self.invoice.payment_state, "not_paid")
        self.assertIsInstance(
            self.begin(self.invoice.id, 128.52), dict, "the promise does not stop another way"
        )

    def test_amounts_that_cannot_be(self):
        self.sign_in("owner")
        for amount in (0, -5, 257.05, 1e12, "NaN", "abc", 1.005):
            with self.subTest(amount):
                self.assertEqual(self.begin("balance", amount), "odoo.exceptions.ValidationError")
        page = self.url_open(f"/my/pay/method?customer={self.customer.id}&what=balance&amount=999")
        self.assertEqual(page.status_code, 422)
        self.assertIn('id="pay_error"', page.text)
        self.assertEqual(self.begin("1-2-x", 1), "odoo.exceptions.ValidationError")
        provider = self.env["payment.provider"].search([("state", "=", "disabled")], limit=1)
        self.assertEqual(self.begin("balance", 1, provider=provider), "odoo.exceptions.ValidationError")

    def test_another_customer_neither_pays_nor_looks(self):
        self.sign_in("owner")
        landing = self.finish(self.begin("balance", 100))
        for login in ("other", "nobody", "former"):
            self.sign_in(login)
            with self.subTest(login):
                self.assertEqual(self.begin(self.invoice.id, 1), "odoo.exceptions.ValidationError")
                self.assertEqual(self.begin("balance", 1), "werkzeug.exceptions.NotFound")
                self.assertEqual(self.url_open(landing).status_code, 404)
                self.assertEqual(self.url_open(f"/my/pay?invoice={self.invoice.id}").status_code, 404)
                page = self.url_open(f"/my/pay/method?what=invoices&invoice={self.invoice.id}")
                self.assertNotIn(self.invoice.name, page.text)
                page = self.url_open(f"/my/pay?customer={self.customer.id}")
                self.assertNotIn(self.customer.name, page.text)

    def test_odoos_own_ways_are_closed(self):
        """An invoice's token, as Odoo puts it into links, opens nothing to a guest nor to another customer."""
        token = self.invoice._portal_ensure_token()
        link = (
            self.env["payment.link.wizard"]
            .create(
                {
                    "res_model": "account.move",
                    "res_id": self.invoice.id,
                    "amount": 128.52,
                    "currency_id": self.company.currency_id.id,
                    "partner_id": self.customer.id,
                }
            )
            .link
        )
        ways = {
            f"/invoice/transaction/{self.invoice.id}": {"access_token": token},
            "/invoice/transaction/overdue": {"payment_reference": "x"},
            "/payment/transaction": {
                "amount": 1,
                "currency_id": 1,
                "partner_id": self.customer.id,
                "access_token": token,
            },
        }
        before = self.env["payment.transaction"].search_count([])
        for login in (None, "other"):
            self.authenticate(login, PASSWORD if login else None)
            with self.subTest(login):
                for url, values in ways.items():
                    self.assertEqual(self.rpc(url, **values), "werkzeug.exceptions.Forbidden", url)
                page = self.url_open(link[link.index("/", 8) :] if link.startswith("http") else link)
                self.assertNotIn(self.invoice.name, page.text)
                for url in ("/my/invoices/overdue", "/my/payment_method", "/payment/pay"):
                    self.assertNotIn(self.invoice.name, self.url_open(url).text)
        self.assertEqual(self.env["payment.transaction"].search_count([]), before)

    def test_a_guest_signs_in_first(self):
        self.authenticate(None, None)
        for url in ("/my/pay", "/my/pay/method?what=balance", "/my/pay/receipt?payment=1"):
            self.assertIn("/web/login", self.url_open(url).url)
        self.assertNotIsInstance(self.begin(self.invoice.id, 1), dict)

    def test_without_a_provider_nothing_leads_to_the_payment(self):
        (self.demo | self.transfer).state = "disabled"
        self.sign_in("owner")
        for url in ("/my", f"/my/invoices/{self.invoice.id}", "/my/balance"):
            self.assertNotIn("fa-credit-card", self.url_open(url).text, url)
        self.assertIn("/my/balance", self.url_open("/my/pay").text)
        self.assertEqual(self.begin("balance", 1), "odoo.exceptions.ValidationError")
        self.demo.state = "test"
        for url in ("/my", f"/my/invoices/{self.invoice.id}", "/my/balance"):
            self.assertIn("fa-credit-card", self.url_open(url).text, url)
