"""Whoever is no employee makes the server open no address: not of the internet, not of the utility's own network."""

from unittest.mock import patch

from odoo.addons.mail.models.mail_link_preview import MailLinkPreview
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon

EDITOR = ("/html_editor/", "/web_editor/", "/web_unsplash/")


@tagged("post_install", "-at_install")
class TestOutward(EbokCommon, HttpCase):
    def call(self, address, **params):
        answer = self.url_open(address, json={"jsonrpc": "2.0", "method": "call", "params": params, "id": 1})
        return answer.json() if answer.status_code == 200 else {"error": {"code": answer.status_code}}

    def test_the_tools_of_the_editor_are_the_offices(self):
        """Every one that Odoo has, also those that it may get: taken from the map of addresses."""
        rules = [
            rule.rule
            for rule in self.env["ir.http"].routing_map().iter_rules()
            if rule.rule.startswith(EDITOR) and not rule.arguments and "POST" in (rule.methods or {"POST"})
        ]
        self.assertIn("/html_editor/link_preview_external", rules)
        self.assertIn("/html_editor/attachment/add_url", rules)
        for login in ("", "owner"):
            if login:
                self.authenticate(login, PASSWORD)
            for rule in rules:
                with self.subTest(rule, login=login):
                    error = self.call(rule, preview_url="http://127.0.0.1:1/", url="http://127.0.0.1:1/").get(
                        "error"
                    )
                    # 100: a guest is sent to sign in where the address wants that
                    self.assertIn((error or {}).get("code"), (404,) if login else (404, 100))

    def test_a_link_in_a_message_is_not_opened(self):
        self.authenticate("owner", PASSWORD)
        message = self.case.message_post(
            body="http://127.0.0.1:1/",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.owner.partner_id.id,
        )
        self.assertTrue(self.env["mail.message"].with_user(self.owner).search([("id", "=", message.id)]))
        with patch.object(MailLinkPreview, "_create_from_message_and_notify") as opened:
            self.call("/mail/link_preview", message_id=message.id)
        opened.assert_not_called()
