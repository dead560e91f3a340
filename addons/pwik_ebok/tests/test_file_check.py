import base64
from datetime import timedelta

from odoo import fields, http
from odoo.addons.pwik_einvoice.domain.fa3 import NAMESPACE
from odoo.addons.pwik_einvoice.domain.signature import sign
from odoo.addons.pwik_einvoice.tests.common import make_certificate
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon

INVOICE = (
    f"<Faktura xmlns='{NAMESPACE}'><Fa><P_1>2026-10-05</P_1><P_2>FV/7</P_2><P_15>420.88</P_15></Fa></Faktura>"
)


@tagged("post_install", "-at_install")
class TestFileCheck(EbokCommon, HttpCase):
    """The page for everybody who holds an invoice, without a login and with one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        certificate = cls.company.pwik_seal_certificate_id = make_certificate(cls.env)
        moment = fields.Datetime.now().astimezone() - timedelta(hours=1)
        cls.signed = sign(
            INVOICE.encode(),
            base64.b64decode(certificate.private_key_id.pem_key),
            base64.b64decode(certificate.pem_certificate),
            moment=moment,
        )

    def upload(self, content, name="faktura.xml"):
        return self.url_open(
            "/my/check-file",
            data={"csrf_token": http.Request.csrf_token(self)},
            files={"file": (name, content, "application/xml")},
        )

    def count(self):
        return self.env["ir.attachment"].search_count([])

    def test_anybody_learns_whether_a_file_is_ours(self):
        for login in (None, "owner"):
            self.authenticate(login, login and PASSWORD)
            before = self.count()
            self.assertEqual(self.url_open("/my/check-file").status_code, 200)
            page = self.upload(self.signed, "<b>faktura</b>.xml")
            self.assertEqual(page.status_code, 200)
            self.assertIn("alert-success", page.text)
            self.assertIn("FV/7", page.text)
            self.assertNotIn("<b>faktura", page.text)
            page = self.upload(self.signed.replace(b"420.88", b"4.88"))
            self.assertIn("alert-danger", page.text)
            self.assertNotIn("FV/7", page.text)
            self.assertEqual(self.count(), before, "nothing is stored")

    def test_tries_of_one_address(self):
        self.env["ir.config_parameter"].set_param("pwik_ebok.limit_check_address", "3")
        self.authenticate(None, None)
        self.assertEqual([self.upload(self.signed).status_code for _turn in range(4)], [200, 200, 200, 429])
        self.assertNotIn("FV/7", self.upload(self.signed).text)

    def test_refusals_are_said_in_the_form(self):
        self.authenticate(None, None)
        for content in (
            b"",
            b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
            b"x" * (5 * 1024 * 1024 + 1),
            b"\x00",
        ):
            page = self.upload(content)
            self.assertEqual(page.status_code, 422)
            self.assertIn('href="#field_file"', page.text)
        page = self.url_open("/my/check-file", data={"csrf_token": http.Request.csrf_token(self)})
        self.assertEqual(page.status_code, 422)
        self.assertEqual(self.upload(b"x" * (7 * 1024 * 1024)).status_code, 413)

    def test_without_a_token_nothing_is_looked_at(self):
        self.authenticate("owner", PASSWORD)
        answer = self.url_open("/my/check-file", data={}, files={"file": ("f.xml", self.signed)})
        self.assertEqual(answer.status_code, 400)

    def test_signed_xml_is_the_owners(self):
        self.invoice.pwik_signed_xml_id = self.env["ir.attachment"].create(
            {"name": "FV.xml", "raw": self.signed, "res_model": "account.move", "res_id": self.invoice.id}
        )
        self.authenticate("owner", PASSWORD)
        answer = self.url_open(f"/my/invoices/{self.invoice.id}/xml")
        self.assertEqual(answer.content, self.signed)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        for login in ("other", "former", "nobody"):
            self.authenticate(login, PASSWORD)
            self.assertEqual(self.url_open(f"/my/invoices/{self.invoice.id}/xml").status_code, 404)
        self.authenticate(None, None)
        self.assertNotIn(b"Signature", self.url_open(f"/my/invoices/{self.invoice.id}/xml").content)
