"""A login of one's own: by a proven e-mail address, without telling who has one."""

import re
from datetime import timedelta

from odoo import fields, http
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestSignup(EbokCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate(None, None)

    def post(self, path, **values):
        return self.url_open(
            path, data={"csrf_token": http.Request.csrf_token(self), **values}, allow_redirects=False
        )

    def ask(self, email="nowa@example.com", name="Nowa Osoba", **values):
        """The answer, and the address in the letter."""
        before = self.env["mail.mail"].search([], order="id desc", limit=1).id or 0
        answer = self.post("/ebok/signup", email=email, name=name, **values)
        letters = self.env["mail.mail"].search([("id", ">", before)])
        body = letters[:1].body_html or ""
        path = "/ebok/signup/confirm" + body.partition("/ebok/signup/confirm")[2].partition('"')[0]
        return answer, letters, path.replace("&amp;", "&")

    def confirm(self, path, password=PASSWORD, again=PASSWORD):
        query = dict(part.split("=", 1) for part in path.partition("?")[2].split("&"))
        return self.post("/ebok/signup/confirm", password=password, confirm_password=again, **query)

    def test_from_the_form_to_the_first_page(self):
        answer, letters, path = self.ask()
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(letters.email_to, "nowa@example.com")
        self.assertFalse(self.env["res.users"].search([("login", "=", "nowa@example.com")]))
        page = self.url_open(path)
        self.assertEqual(page.status_code, 200)
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertFalse(
            self.env["res.users"].search([("login", "=", "nowa@example.com")]), "a GET opens nothing"
        )
        done = self.confirm(path)
        self.assertEqual(done.status_code, 303, done.text[:500])
        self.assertIn("/my/link", done.headers["Location"])
        user = self.env["res.users"].search([("login", "=", "nowa@example.com")])
        self.assertTrue(user._is_portal())
        self.assertFalse(user._is_internal())
        self.assertFalse(user.partner_id.parent_id)
        self.assertEqual(self.url_open("/my/link").status_code, 200)
        self.assertFalse(self.env["pwik.contract"].with_user(user).search([]))
        self.assertTrue(
            self.env["pwik.audit.event"].search([("kind", "=", "sign_up"), ("user_ref", "=", user.id)])
        )

    def test_the_link_works_once_and_for_a_day(self):
        _answer, _letters, path = self.ask()
        signup = self.env["pwik.ebok.signup"].search([], limit=1)
        signup.valid_until = fields.Datetime.now() - timedelta(seconds=1)
        self.assertEqual(self.url_open(path).status_code, 404)
        signup.valid_until = fields.Datetime.now() + timedelta(hours=1)
        self.assertEqual(self.confirm(path).status_code, 303)
        self.authenticate(None, None)
        self.assertEqual(self.url_open(path).status_code, 404)
        self.assertEqual(self.confirm(path).status_code, 404)
        self.assertEqual(self.url_open("/ebok/signup/confirm?token=zgadnij").status_code, 404)

    def test_one_answer_whoever_has_a_login(self):
        self.owner.write({"login": "mam@example.com", "email": "mam@example.com"})
        known, letters, path = self.ask("mam@example.com")
        unknown, _letters, _path = self.ask("niemam@example.com")
        changing = re.compile(r'csrf_token: "\w+"|nonce="[\w-]+"')
        self.assertEqual(
            changing.sub("", known.text).replace("mam@example.com", "X"),
            changing.sub("", unknown.text).replace("niemam@example.com", "X"),
        )
        self.assertNotIn("token", path)
        self.assertIn("/web/login", letters.body_html)

    def test_three_letters_a_day_to_one_address(self):
        sent = [len(self.ask()[1]) for _number in range(5)]
        self.assertEqual(sent, [1, 1, 1, 0, 0])

    def test_a_weak_password_and_a_form_with_mistakes(self):
        self.env["ir.config_parameter"].set_param("auth_password_policy.minlength", 8)
        self.assertEqual(self.ask(email="bez małpy")[0].status_code, 422)
        self.assertEqual(self.ask(name="  ")[0].status_code, 422)
        _answer, _letters, path = self.ask()
        for password, again in (("krótkie", "krótkie"), (PASSWORD, PASSWORD + "x"), ("", "")):
            self.assertEqual(self.confirm(path, password, again).status_code, 422)
        self.assertFalse(self.env["res.users"].search([("login", "=", "nowa@example.com")]))

    def test_only_the_named_fields_are_taken(self):
        _answer, _letters, path = self.ask(group_ids="1", login="admin", company_id="99")
        query = dict(part.split("=", 1) for part in path.partition("?")[2].split("&"))
        self.post(
            "/ebok/signup/confirm",
            password=PASSWORD,
            confirm_password=PASSWORD,
            login="inny@example.com",
            group_ids=self.env.ref("base.group_system").id,
            partner_id=self.customer.id,
            **query,
        )
        user = self.env["res.users"].search([("login", "=", "nowa@example.com")])
        self.assertEqual(user.group_ids, self.env.ref("base.group_portal"))
        self.assertNotEqual(user.partner_id, self.customer)

    def test_the_invitation_is_remembered(self):
        _answer, _letters, path = self.ask(invitation="a" * 43)
        done = self.confirm(path)
        self.assertIn("/ebok/invitation/" + "a" * 43, done.headers["Location"])
        self.authenticate(None, None)
        _answer, _letters, path = self.ask("druga@example.com", invitation="//example.com")
        self.assertNotIn("example.com", self.confirm(path).headers["Location"].replace(self.base_url(), ""))

    def test_old_requests_are_forgotten(self):
        self.ask()
        signup = self.env["pwik.ebok.signup"].search([], limit=1)
        signup.valid_until = fields.Datetime.now() - timedelta(days=3)
        with self.enter_registry_test_mode():
            self.env.ref("pwik_ebok.ir_cron_retention").method_direct_trigger()
        self.assertFalse(signup.exists())
