from odoo import http
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestClosedForms(EbokCommon, HttpCase):
    """Odoo's own forms must not let a customer change master data past a request."""

    def setUp(self):
        super().setUp()
        self.authenticate("owner", PASSWORD)

    def test_address_forms_lead_to_the_request(self):
        for path in ("/my/account", "/my/addresses", "/my/address"):
            page = self.url_open(path)
            self.assertIn("/my/customer", page.url, path)

    def test_address_submit_is_refused_and_changes_nothing(self):
        before = self.owner.partner_id.read(["name", "street", "email"])
        answer = self.url_open(
            "/my/address/submit",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "partner_id": self.owner.partner_id.id,
                "name": "Ktoś inny",
                "email": "x@example.com",
                "street": "ul. Nowa 1",
                "city": "Nowe",
                "zip": "00-000",
            },
        )
        self.assertEqual(answer.status_code, 403)
        self.assertEqual(self.owner.partner_id.read(["name", "street", "email"]), before)

    def test_archive_and_deactivation_are_refused(self):
        self.make_jsonrpc_request_refused("/my/address/archive", {"partner_id": self.owner.partner_id.id})
        for filled in ({"validation": "owner", "password": PASSWORD}, {}):
            answer = self.url_open(
                "/my/deactivate_account", data={"csrf_token": http.Request.csrf_token(self), **filled}
            )
            self.assertEqual(answer.status_code, 403, filled)
            self.assertTrue(self.owner.active)

    def make_jsonrpc_request_refused(self, path, params):
        answer = self.opener.post(
            self.base_url() + path, json={"jsonrpc": "2.0", "method": "call", "params": params}
        )
        self.assertIn("error", answer.json())
        self.assertTrue(self.owner.partner_id.active)
