from odoo import http
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestEinvoice(EbokCommon, HttpCase):
    """Consent to e-invoices, by who may decide for the customer."""

    def setUp(self):
        super().setUp()
        self.authenticate("owner", PASSWORD)

    def _post(self, customer=None, **data):
        return self.url_open(
            "/my/customer/einvoice",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "customer": (customer or self.customer).id,
                **data,
            },
        )

    def _consents(self):
        return self.env["pwik.einvoice.consent"].search([("partner_id", "=", self.customer.id)])

    def test_given_and_withdrawn(self):
        page = self._post(action="given", email="anna@example.com", agreed="1")
        self.assertEqual(page.status_code, 200)
        consent = self._consents()
        self.assertEqual(
            (consent.action, consent.channel, consent.email, consent.user_id),
            ("given", "ebok", "anna@example.com", self.owner),
        )
        self.assertTrue(consent.address)
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.pwik_einvoice_email, "anna@example.com")
        self.assertIn("anna@example.com", self.customer.message_ids[0].body)
        self.assertEqual(self.customer.message_ids[0].author_id, self.owner.partner_id)
        self._post(action="given", email="anna@example.com", agreed="1")
        self.assertEqual(len(self._consents()), 1, "what holds is not recorded twice")
        self._post(action="withdrawn")
        self._post(action="withdrawn")
        self.assertEqual(self._consents().mapped("action"), ["withdrawn", "given"])
        self.customer.invalidate_recordset()
        self.assertFalse(self.customer.pwik_einvoice_consent_date)

    def test_mistakes_stay_in_the_form(self):
        for data, field in (
            ({"email": "anna", "agreed": "1"}, "email"),
            ({"email": "a@example.com, b@example.com", "agreed": "1"}, "email"),
            ({"email": "anna@example.com"}, "agreed"),
        ):
            with self.subTest(**data):
                page = self._post(action="given", **data)
                self.assertEqual(page.status_code, 422)
                self.assertIn(f'href="#field_{field}"', page.text)
        self.assertFalse(self._consents())

    def test_a_manager_sees_and_does_not_decide(self):
        self.make_login("manager", self.customer, role="manager")
        self.authenticate("manager", PASSWORD)
        page = self.url_open("/my/customer/einvoice")
        self.assertIn(self.customer.name, page.text)
        self.assertNotIn('name="action"', page.text)
        self.assertEqual(self._post(action="given", email="a@example.com", agreed="1").status_code, 404)
        self.assertFalse(self._consents())

    def test_a_proxy_decides(self):
        self.make_login("proxy", self.customer, role="proxy")
        self.authenticate("proxy", PASSWORD)
        self._post(action="given", email="a@example.com", agreed="1")
        self.assertEqual(self._consents().mapped("action"), ["given"])

    def test_others_decide_nothing(self):
        for login in ("other", "former", "nobody"):
            self.authenticate(login, PASSWORD)
            answer = self._post(action="given", email="a@example.com", agreed="1")
            self.assertEqual(answer.status_code, 404, login)
        self.env["pwik.ebok.link"].search([("user_id", "=", self.owner.id)]).action_revoke()
        self.authenticate("owner", PASSWORD)
        self.assertEqual(self._post(action="given", email="a@example.com", agreed="1").status_code, 404)
        self.assertFalse(self._consents())

    def test_it_needs_a_token(self):
        answer = self.url_open(
            "/my/customer/einvoice",
            data={"customer": self.customer.id, "action": "given", "email": "a@example.com", "agreed": "1"},
        )
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self._consents())
