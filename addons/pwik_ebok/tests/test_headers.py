"""What the browser is told: whose scripts it may run, where the page may stand, that nobody stores it."""

import re

from markupsafe import Markup
from odoo import http
from odoo.addons.http_routing.tests.common import MockRequest
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PASSWORD, EbokCommon

_SCRIPT = re.compile(r"<script\b([^>]*)>", re.I)
PUBLIC = (
    "/web/login",
    "/web/reset_password",
    "/ebok/signup",
    "/ebok/signup/confirm?token=x",
    "/ebok/invitation/x",
)


@tagged("post_install", "-at_install")
class TestHeaders(EbokCommon, HttpCase):
    def pages(self):
        return (
            "/my",
            "/my/customer",
            "/my/customer/request",
            "/my/security",
            "/my/invoices",
            "/my/invoices/past",
            f"/my/invoices/{self.invoice.id}",
            "/my/balance",
            f"/my/contracts/{self.contract.id}",
            f"/my/meters/{self.meter.id}/readings",
            f"/my/meters/{self.meter.id}/submit",
            f"/my/cases/{self.case.id}",
            "/my/cases/new",
            "/my/link",
            "/my/link/invoice",
            "/my/access",
            "/my/history",
            "/my/contracts/999999999",  # not found
        )

    def policy(self, page):
        words = page.headers["Content-Security-Policy"].split("; ")
        return dict(part.partition(" ")[::2] for part in words)

    def check(self, path):
        page = self.url_open(path)
        policy = self.policy(page)
        nonce = re.search(r"'nonce-([\w-]{20,})'", policy["script-src"])[1]
        self.assertNotIn("unsafe-inline", policy["script-src"], path)
        self.assertEqual(policy["script-src-attr"], "'none'")
        self.assertEqual(policy["frame-ancestors"], "'self'")
        self.assertEqual(policy["object-src"], "'none'")
        self.assertEqual(policy["base-uri"], "'self'")
        self.assertEqual(policy["form-action"], "'self'")
        self.assertEqual(page.headers["X-Frame-Options"], "SAMEORIGIN")
        self.assertEqual(page.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("geolocation=(self)", page.headers["Permissions-Policy"])
        self.assertIn(
            page.headers["Referrer-Policy"], ("same-origin", "no-referrer", "strict-origin-when-cross-origin")
        )
        self.assertEqual(page.headers["Cache-Control"], "no-store", path)
        inline = [tag for tag in _SCRIPT.findall(page.text) if "src=" not in tag]
        self.assertTrue(inline, "Odoo's pages hold a script of their own")
        for tag in inline:
            self.assertIn(f'nonce="{nonce}"', tag, path)
        self.assertFalse(re.search(r"<[^>]+\son\w+=", page.text), f"{path}: an event handler in an attribute")
        return nonce

    def test_pages_of_the_customer(self):
        self.authenticate("owner", PASSWORD)
        nonces = []
        for path in self.pages():
            with self.subTest(path=path):
                nonces.append(self.check(path))
        self.assertEqual(len(set(nonces)), len(nonces), "each page has a nonce of its own")

    def test_pages_of_a_guest(self):
        self.authenticate(None, None)
        for path in PUBLIC:
            with self.subTest(path=path):
                self.check(path)

    def test_a_script_that_comes_in_with_a_value_bears_no_nonce(self):
        template = self.env["ir.ui.view"].create(
            {
                "type": "qweb",
                "arch": '<t t-name="x"><script>ours()</script><div t-out="value"/></t>',
            }
        )
        with MockRequest(self.env):
            html = str(
                self.env["ir.qweb"]._render(template.id, {"value": Markup("<script>theirs()</script>")})
            )
        self.assertRegex(html, r'<script type="text/javascript" nonce="[\w-]{20,}">ours')
        self.assertIn("<script>theirs()", html)
        without = str(self.env["ir.qweb"]._render(template.id, {"value": ""}))
        self.assertIn(
            '<script type="text/javascript">ours()', without, "a template outside a page needs none"
        )

    def test_a_payment_provider_is_named(self):
        self.env["ir.config_parameter"].set_param(
            "pwik_ebok.form_hosts", "https://pay.example 'unsafe' http://x"
        )
        self.authenticate("owner", PASSWORD)
        self.assertEqual(self.policy(self.url_open("/my"))["form-action"], "'self' https://pay.example")

    def test_a_file_keeps_its_own_policy(self):
        self.authenticate("owner", PASSWORD)
        answer = self.url_open(f"/my/cases/{self.case.id}/files/{self.file.id}")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertTrue(answer.headers["Content-Disposition"].startswith("attachment"))


@tagged("post_install", "-at_install")
class TestNames(EbokCommon, HttpCase):
    @mute_logger("odoo.http")
    def test_a_parameter_named_like_pythons_own_is_a_bad_request(self):
        """Odoo calls a controller with what was sent: ``self`` twice would be an error of the server."""
        self.authenticate("owner", PASSWORD)
        for name in ("self", "cls", "args", "kw", "post", "request"):
            status = 400 if name == "self" else 200
            with self.subTest(name=name):
                self.assertEqual(self.url_open(f"/my/cases?{name}=1").status_code, status)
                data = {name: "1", "csrf_token": http.Request.csrf_token(self)}
                for path in ("/my/cases/new", "/my/customer/request", "/ebok/signup"):
                    answer = self.url_open(path, data=data, allow_redirects=False)
                    self.assertLess(answer.status_code, 500)
                    if name == "self":
                        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self.env["pwik.case"].search([("submitter_id", "=", self.owner.partner_id.id)]))

    @mute_logger("odoo.http")
    def test_the_same_over_json_rpc(self):
        self.authenticate("owner", PASSWORD)
        right = {"counters": ["case_count"]}
        for name in ("self", "cls", "kw"):
            answer = self.url_open("/my/counters", json={"params": {**right, name: "1"}})
            with self.subTest(name=name):
                if name == "self":
                    self.assertEqual(answer.status_code, 400)
                else:
                    self.assertEqual(answer.json()["result"]["case_count"], 1)
        pay = f"/my/pay/transaction/{self.customer.id}/balance"
        self.assertEqual(self.url_open(pay, json={"params": {"self": 1}}).status_code, 400)
