"""A forgotten password: nobody learns from it who has a login."""

import re
from unittest.mock import patch

from odoo import http
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon

PAGE = "/web/reset_password"


@tagged("post_install", "-at_install")
class TestReset(EbokCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate(None, None)
        self.owner.email = "wlasciciel@example.com"
        self.resets = self.env["pwik.ebok.reset"]

    def _ask(self, login, **values):
        data = {"csrf_token": http.Request.csrf_token(self), "login": login, **values}
        return self.url_open(PAGE, data=data)

    def _work(self):
        """Whom the scheduled action writes to: sets of logins."""
        told, users = [], type(self.env["res.users"])

        def note(self):
            told.append(set(self.mapped("login")))

        with patch.object(users, "action_reset_password", note):
            self.resets.search([])._send()
        return told

    def test_the_answer_is_the_same_for_everybody(self):
        pages = {}
        archived = self.make_login("archived")
        archived.active = False
        for login in ("owner", "wlasciciel@example.com", "nie-ma-takiego", "archived", "%", "a\N{SNOWMAN}"):
            answer = self._ask(login)
            text = re.sub(r'nonce="[^"]*"|csrf_token[^,>]*', "", answer.text)
            pages[login] = (answer.status_code, text)
        self.assertEqual(len(set(pages.values())), 1, {login: page[0] for login, page in pages.items()})
        self.assertEqual(pages["owner"][0], 200)
        self.assertEqual(self._work(), [{"owner"}, {"owner"}])
        self.assertFalse(self.resets.search([]), "what was typed is not kept")

    def test_the_letter_leads_to_a_new_password(self):
        self._ask("owner")
        letters = []  # Odoo sends and forgets: the row is gone afterwards

        def note(self, **kwargs):
            letters.extend((one.email_to, str(one.body_html)) for one in self)

        with patch.object(type(self.env["mail.mail"]), "send", note):
            self.resets.search([])._send()
        [(address, body)] = letters
        self.assertEqual(address, "wlasciciel@example.com")
        token = re.search(r"token=([\w.~-]+)", body).group(1)
        page = self._ask("", token=token, password=PASSWORD + "x", confirm_password=PASSWORD + "x")
        self.assertEqual(page.status_code, 200)
        self.authenticate("owner", PASSWORD + "x")
        self.assertEqual(self.url_open("/my").status_code, 200)

    def test_a_mailbox_is_not_flooded(self):
        for _try in range(6):
            self.assertEqual(self._ask("owner").status_code, 200)
        self.assertEqual(len(self.resets.search([])), 3)

    def test_one_that_fails_holds_up_nobody(self):
        for login in ("nie-ma-takiego", "owner"):
            self._ask(login)
        self.assertEqual(self._work(), [{"owner"}])
