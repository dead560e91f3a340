"""What a customer may not do to records that he does see: his conversation and his login are no exception."""

from odoo import http
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestOwnByRpc(EbokCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case.message_subscribe(cls.owner.partner_id.ids)
        cls.answer = cls.case.message_post(
            body="Reklamacja nie jest zasadna.",
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
            partner_ids=cls.owner.partner_id.ids,
        )

    def _rpc(self, path, **params):
        return self.url_open(path, json={"jsonrpc": "2.0", "params": params}).json()

    def test_what_the_office_wrote_stands(self):
        mine = self.answer.with_user(self.owner)
        self.assertIn("nie jest", str(mine.body), "the customer reads it")
        for values in (
            {"body": "Reklamacja jest zasadna."},
            {"author_id": self.owner.partner_id.id},
            {"subject": "Uznano"},
            {"is_internal": True},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                mine.write(values)
        with self.assertRaises(AccessError):
            mine.unlink()
        self.authenticate("owner", PASSWORD)
        changed = self._rpc(
            "/mail/message/update_content",
            message_id=self.answer.id,
            update_data={"body": "Reklamacja jest zasadna."},
        )
        self.assertIn("error", changed)
        self.assertIn("nie jest zasadna", str(self.answer.body))

    def test_what_he_wrote_himself_stands_too(self):
        self.authenticate("owner", PASSWORD)
        answer = self._rpc(
            "/mail/message/post",
            thread_model="pwik.case",
            thread_id=self.case.id,
            post_data={"body": "Nie zgadzam się.", "message_type": "comment"},
        )
        self.assertNotIn("error", answer)
        message = self.case.message_ids.filtered(lambda one: "Nie zgadzam" in str(one.body))
        self.assertEqual(message.author_id, self.owner.partner_id)
        changed = self._rpc(
            "/mail/message/update_content", message_id=message.id, update_data={"body": "Zgadzam się."}
        )
        self.assertIn("error", changed)
        self.assertIn("Nie zgadzam", str(message.body))

    def test_the_office_still_corrects_its_own(self):
        clerk = self.make_user("clerk_rpc", "pwik_meters.pwik_meters_group_user")
        note = self.case.with_user(clerk).message_post(body="Notatka", subtype_xmlid="mail.mt_note")
        note.with_user(clerk).body = "Notatka poprawiona"
        self.assertIn("poprawiona", str(note.body))

    def test_a_login_does_not_rename_itself(self):
        mine = self.owner.with_user(self.owner)
        for field, value in (
            ("name", "PWiK, obsługa klienta"),
            ("email", "obcy@example.com"),
            ("phone", "+48 600 000 000"),
            ("signature", "<p>x</p>"),
            ("image_1920", False),
            ("login", "inny"),
            ("notification_type", "inbox"),
        ):
            with self.subTest(field=field), self.assertRaises(AccessError):
                mine.write({field: value})
        self.assertEqual(self.owner.name, "Login owner")
        mine.write({"lang": "en_US", "tz": "Europe/Warsaw"})
        self.assertEqual(self.owner.lang, "en_US")

    def test_the_password_is_changed_by_its_page(self):
        self.authenticate("owner", PASSWORD)
        page = self.url_open(
            "/my/security",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "op": "password",
                "old": PASSWORD,
                "new1": "Zupelnie-Inne-Haslo-7",
                "new2": "Zupelnie-Inne-Haslo-7",
            },
        )
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("aria-invalid", page.text)
        self.authenticate("owner", "Zupelnie-Inne-Haslo-7")
        self.assertEqual(self.url_open("/my").status_code, 200)
