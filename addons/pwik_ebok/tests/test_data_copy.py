"""A customer's copy of his data: all that is his, nothing of other people, no notes of the office, no keys."""

import base64
import io
import json
import re
import zipfile

from odoo import http
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PASSWORD
from .test_rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestDataCopy(RpcCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager_login = cls.make_login("zarzadca.testowy", cls.customer, role="manager")
        cls.case.message_post(
            body="Odpowiedź biura dla klientki", subtype_xmlid="mail.mt_comment", message_type="comment"
        )
        cls.case.message_post(body="TAJNA notatka biura", subtype_xmlid="mail.mt_note")
        cls.case.message_post(
            body="TAJNA uwaga wewnętrzna",
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
        ).is_internal = True
        cls.case.with_user(cls.manager_login).sudo().message_post(
            body="Pisze zarządca",
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
            author_id=cls.manager_login.partner_id.id,
        )
        cls.customer.comment = "TAJNE uwagi o kliencie"
        cls.other_case.message_post(
            body="Obca wiadomość", subtype_xmlid="mail.mt_comment", message_type="comment"
        )

    def open_copy(self, content):
        archive = zipfile.ZipFile(io.BytesIO(content))
        self.assertIsNone(archive.testzip())
        return archive

    def everything(self, archive):
        """All text of the archive in one piece."""
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())

    def ask(self, login="owner", customer=None, path="/my/privacy/copy", **form):
        self.authenticate(login, PASSWORD)
        data = {
            "customer": (customer or self.customer).id,
            "csrf_token": http.Request.csrf_token(self),
            **form,
        }
        return self.url_open(path, data=data, allow_redirects=False)

    def test_the_customer_gets_his_data(self):
        answer = self.ask()
        self.assertEqual(answer.status_code, 200)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        archive = self.open_copy(answer.content)
        data = json.loads(archive.read("dane.json"))
        self.assertEqual(data["customer"][0]["name"], self.customer.name)
        self.assertEqual([row["number"] for row in data["contracts"]], [self.contract.number])
        self.assertEqual({row["value"] for row in data["readings"]}, {201.5, 230.0})
        self.assertEqual([row["name"] for row in data["invoices"]], [self.invoice.name])
        self.assertEqual([row["number"] for row in data["past_invoices"]], [self.past_invoice.number])
        self.assertEqual([row["number"] for row in data["interest_notes"]], [self.note.number])
        self.assertEqual([row["number"] for row in data["reminders"]], [self.reminder.number])
        self.assertEqual([row["meter"] for row in data["meters"]], [self.meter.serial])
        self.assertEqual(data["meters"][0]["from"], "2025-07-01", "not the former owner's time")
        self.assertIn(self.case.number, [row["number"] for row in data["cases"]])
        self.assertIn("Odpowiedź biura dla klientki", [row["text"] for row in data["messages"]])
        files = [name for name in archive.namelist() if name.startswith("pliki/")]
        self.assertEqual([archive.read(name) for name in files], [b"Tekst pliku"])
        page = archive.read("dane.html").decode()
        self.assertIn(self.contract.number, page)
        self.assertNotIn("<script", page)
        self.assertIn("csv/readings.csv", archive.namelist())

    def test_nothing_of_others_and_no_notes(self):
        archive = self.open_copy(self.ask().content)
        text = self.everything(archive)
        for secret in (
            *("TAJN", "Obca wiadomość", self.other_customer.name, self.other_contract.number),
            *(self.other_invoice.name, self.other_past_invoice.number, self.other_case.number, "77.25"),
            *(self.former_customer.name, self.former_contract.number, "150.0"),
            *(self.manager_login.login, self.manager_login.name, self.env.user.name),
        ):
            self.assertNotIn(secret, text)
        self.assertIn("Pisze zarządca", text, "what was written in his case is his, without the name")
        self.assertFalse(re.search(r'access_token|token_digest|tracking_code|"password":', text))
        self.assertNotIn(self.case.tracking_code, text)

    @mute_logger("odoo.http")
    def test_only_the_customer_himself(self):
        for login in ("other", "former", "nobody", "zarzadca.testowy"):
            with self.subTest(login=login):
                self.assertEqual(self.ask(login).status_code, 404)
        page = self.url_open("/my/privacy")  # the manager of the building
        self.assertNotIn(self.customer.name, page.text)
        self.authenticate(None, None)
        answer = self.url_open("/my/privacy/copy", data={"customer": self.customer.id}, allow_redirects=False)
        self.assertIn(answer.status_code, (303, 400))

    def test_it_is_told(self):
        self.ask()
        event = self.env["pwik.audit.event"].search([("kind", "=", "export")], limit=1)
        self.assertEqual(
            (event.user_id, event.customer_id, event.detail), (self.owner, self.customer, "zip, ebok")
        )

    def test_a_few_a_day(self):
        # The limit counts in a transaction of its own, which a test must not leave behind.
        attempts = self.env.registry["pwik.ebok.attempt"]
        self.patch(attempts, "_take", lambda model, limits: None)
        answer = self.ask()
        self.assertEqual(answer.status_code, 429)
        self.assertIn("/my/privacy/copy", answer.text)

    def test_the_office_makes_it_as_well(self):
        office = self.make_user("office", "pwik_meters.pwik_meters_group_user")
        wizard = self.env["pwik.data.copy"].with_user(office).create({"partner_id": self.customer.id})
        action = wizard.action_make()
        self.assertIn(str(wizard.id), action["url"])
        archive = self.open_copy(base64.b64decode(wizard.content))
        text = self.everything(archive)
        self.assertIn(self.contract.number, text)
        self.assertNotIn("TAJN", text)
        self.assertFalse(
            json.loads(archive.read("dane.json"))["login"], "a login is not the office's to name"
        )
        event = self.env["pwik.audit.event"].search([("kind", "=", "export")], limit=1)
        self.assertEqual((event.user_id, event.detail), (office, "zip, office"))

    def test_plain_staff_make_none(self):
        for groups in ((), ("pwik_meters.pwik_meters_group_reader",)):
            plain = self.make_user(f"plain{len(groups)}", *groups)
            with self.assertRaises(AccessError):
                self.env["pwik.data.copy"].with_user(plain).create({"partner_id": self.customer.id})
