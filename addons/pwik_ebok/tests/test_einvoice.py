import re
from datetime import date, datetime, timedelta

from freezegun import freeze_time
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

    def _holds(self):
        self.env.invalidate_all()
        return self.customer.pwik_einvoice_email, self.customer._pwik_get_delivery(
            date(2026, 10, 5), self.env.company
        )

    def _give(self):
        self.env["pwik.einvoice.consent"].create(
            {"partner_id": self.customer.id, "date": "2026-01-01", "email": "stara@example.com"}
        )

    def _letters(self):
        """Letters that ask to confirm an address, oldest first."""
        return self.env["mail.mail"].search([("model", "=", "pwik.einvoice.consent")], order="id")

    def _get_link(self, letter):
        return re.search(r"/ebok/einvoice/confirm\?token=[\w-]+", letter.body_html)[0]

    def _confirm(self, link):
        token = link.partition("token=")[2]
        return self.url_open(
            "/ebok/einvoice/confirm", data={"csrf_token": http.Request.csrf_token(self), "token": token}
        )

    def test_the_old_address_holds_until_the_new_one_is_confirmed(self):
        self._give()
        page = self._post(action="given", email="nowa@example.com", agreed="1")
        self.assertIn("nowa@example.com", page.text)
        self.assertEqual(self._holds(), ("stara@example.com", "electronic"))
        letter = self._letters()
        self.assertEqual(letter.email_to, "nowa@example.com")
        link = self._get_link(letter)
        self.authenticate(None, None)  # read on another device
        self.assertEqual(self.url_open(link).status_code, 200)
        self.assertEqual(
            self._holds()[0], "stara@example.com", "a program that looks at links confirms nothing"
        )
        self.assertEqual(self._confirm(link).status_code, 200)
        self.assertEqual(self._holds(), ("nowa@example.com", "electronic"))
        self.assertEqual(str(self.customer.pwik_einvoice_consent_date), "2026-01-01", "no new consent")
        self.assertEqual(self._confirm(link).status_code, 404, "used up")
        self.assertEqual(self._consents().mapped("action"), ["given", "change", "given"])

    def test_an_old_address_that_is_lost_gets_nothing(self):
        self._give()
        self._post(action="given", email="nowa@example.com", agreed="1", old_lost="1")
        self.assertEqual(self._holds(), (False, "paper"))
        self.assertIn("nowa@example.com", self.url_open("/my/customer/einvoice").text)
        self._confirm(self._get_link(self._letters()))
        self.assertEqual(self._holds(), ("nowa@example.com", "electronic"))

    def test_only_the_last_link_confirms(self):
        self._give()
        self._post(action="given", email="nowa@example.com", agreed="1")
        self._post(action="given", email="nowsza@example.com", agreed="1")
        first, second = map(self._get_link, self._letters())
        self.assertEqual(self._confirm(first).status_code, 404)
        with freeze_time(datetime.now() + timedelta(days=8)):
            self.assertFalse(
                self.env["pwik.einvoice.consent"]._ebok_find_change(second.partition("token=")[2])
            )
        self._post(action="given", email="stara@example.com", agreed="1")
        self.assertEqual(self._confirm(second).status_code, 404, "he decided for the old one")
        self.assertEqual(self._holds()[0], "stara@example.com")
        for token in ("", "a" * 43, "AQ", "\u0105"):
            self.assertEqual(self._confirm(f"token={token}").status_code, 404)

    def test_letters_to_unconfirmed_addresses_are_few(self):
        self._give()
        for number in range(7):
            page = self._post(action="given", email=f"obcy{number}@example.com", agreed="1")
        self.assertEqual(page.status_code, 422)
        self.assertEqual(len(self._letters()), 5)

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

    def test_a_login_without_a_customer(self):
        self.authenticate("nobody", PASSWORD)
        self.assertEqual(self.url_open("/my/customer/einvoice").status_code, 200)
