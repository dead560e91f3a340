"""The paperclip of a conversation: what a customer may send, and how it is handed out."""

import struct
import zlib

from odoo import http
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PASSWORD, PDF, EbokCommon


def _chunk(kind, body=b""):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\0"))
    + _chunk(b"IEND")
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
GOOD = {
    "pismo.pdf": PDF,
    "zdjęcie.png": PNG,
    "zdjecie.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40) + b"\xff\xd9",
    "zdjecie.heic": struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(64),
    "uwagi.txt": "Zażółć gęślą jaźń".encode(),
}
BAD = {
    "strona.html": HTML,
    "strona.txt": HTML,
    "rysunek.svg": SVG,
    "rysunek.png": SVG,
    "rysunek.pdf": SVG,
    "podwojny.svg.png": SVG,
    "program.exe": b"MZ" + bytes(200),
    "program.txt": b"MZ" + bytes(200),
    "skrypt.js": b"alert(1)",
    "dane.xml": b"<?xml version='1.0'?><x/>",
    "strona.xhtml": b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
    "obraz.png": PNG + HTML,
    "pusty.txt": b"",
    "archiwum.zip": b"PK\x03\x04" + bytes(60),
    "obraz.gif": b"GIF89a<script>alert(1)</script>",
    "pismo.docm": b"PK\x03\x04" + bytes(60),
}


@tagged("post_install", "-at_install")
class TestUploads(EbokCommon, HttpCase):
    def upload(self, name, content, record=None, mimetype="image/png"):
        record = record or self.case
        return self.url_open(
            "/mail/attachment/upload",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "thread_id": record.id,
                "thread_model": record._name,
                "is_pending": "true",
            },
            files={"ufile": (name, content, mimetype)},
        )

    def files(self):
        return self.env["ir.attachment"].search([("create_uid", "=", self.owner.id)])

    def test_what_may_be_sent(self):
        self.authenticate("owner", PASSWORD)
        for name, content in GOOD.items():
            with self.subTest(name=name):
                answer = self.upload(name, content, mimetype="text/html")
                file = self.env["ir.attachment"].browse(answer.json()["data"]["attachment_id"])
                self.assertEqual(file.raw, content)
                self.assertNotIn("html", file.mimetype)
                for path in (f"/web/content/{file.id}", f"/web/image/{file.id}"):
                    served = self.url_open(f"{path}?access_token={file.generate_access_token()[0]}")
                    if served.status_code == 200:
                        self.assertTrue(
                            (served.headers.get("Content-Disposition") or "").startswith("attachment"), path
                        )
                        self.assertEqual(served.headers["X-Content-Type-Options"], "nosniff")

    def test_what_may_not(self):
        self.authenticate("owner", PASSWORD)
        before = self.files()
        for name, content in BAD.items():
            for mimetype in ("image/png", "text/plain"):
                with self.subTest(name=name, mimetype=mimetype):
                    answer = self.upload(name, content, mimetype=mimetype)
                    self.assertTrue(answer.json().get("error"))
        self.assertEqual(self.files(), before)

    def test_a_name_is_cleaned(self):
        self.authenticate("owner", PASSWORD)
        answer = self.upload('../../<img src=x onerror="alert(1)">.txt', b"tekst")
        name = self.env["ir.attachment"].browse(answer.json()["data"]["attachment_id"]).name
        for sign in '<>"/\\':
            self.assertNotIn(sign, name)

    def test_a_request_without_a_file_is_a_bad_one(self):
        self.authenticate("owner", PASSWORD)
        form = {
            "csrf_token": http.Request.csrf_token(self),
            "thread_id": self.case.id,
            "thread_model": "pwik.case",
        }
        self.assertEqual(self.url_open("/mail/attachment/upload", data=form).status_code, 400)
        file = {"ufile": ("plik.txt", b"tekst", "text/plain")}
        form = {"csrf_token": form["csrf_token"]}
        self.assertEqual(self.url_open("/mail/attachment/upload", data=form, files=file).status_code, 400)

    def test_too_big_is_refused_by_its_length(self):
        self.authenticate("owner", PASSWORD)
        answer = self.upload("duzy.txt", b"a" * (11 * 1024 * 1024))
        self.assertEqual(answer.status_code, 413)

    def test_413_leads_back(self):
        self.authenticate("owner", PASSWORD)
        for path, size in (
            ("/my/cases/new", 13),
            (f"/my/meters/{self.meter.id}/submit", 13),
            ("/my/check-file", 7),
        ):
            with self.subTest(path=path):
                answer = self.url_open(
                    path,
                    data={"csrf_token": http.Request.csrf_token(self), "name": "Temat"},
                    files={"files": ("duzy.txt", b"a" * (size * 1024 * 1024), "text/plain")},
                )
                self.assertEqual(answer.status_code, 413)
                self.assertIn(f'href="{path}"', answer.text)
                self.assertNotIn("Oops", answer.text)

    def test_a_form_that_is_shown_again_tells_that_files_are_forgotten(self):
        self.authenticate("owner", PASSWORD)
        form = {"csrf_token": http.Request.csrf_token(self), "kind": "remark"}
        told = "Przeglądarka zapomina wybrane pliki"
        answer = self.url_open(
            "/my/cases/new", data=form, files={"files": ("uwaga.txt", b"tekst", "text/plain")}
        )
        self.assertEqual(answer.status_code, 422)
        self.assertIn(told, answer.text)
        answer = self.url_open("/my/cases/new", data=form)
        self.assertEqual(answer.status_code, 422)
        self.assertNotIn(told, answer.text)

    def rpc(self, path, **params):
        answer = self.opener.post(
            self.base_url() + path, json={"jsonrpc": "2.0", "method": "call", "params": params}
        )
        return answer.json()

    def post_message(self, *files):
        """The owner's message with these pending files; returns it."""
        answer = self.rpc(
            "/mail/message/post",
            thread_model="pwik.case",
            thread_id=self.case.id,
            post_data={
                "body": "Zdjęcie wycieku",
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
                "attachment_ids": [file.id for file in files],
                "attachment_tokens": [file._get_ownership_token() for file in files],
            },
        )
        return self.env["mail.message"].browse(answer["result"]["message_id"])

    @mute_logger("odoo.http")
    def test_what_was_sent_is_not_deleted(self):
        self.authenticate("owner", PASSWORD)
        sent, pending = (
            self.env["ir.attachment"].browse(
                self.upload("uwagi.txt", b"tekst").json()["data"]["attachment_id"]
            )
            for _turn in range(2)
        )
        message = self.post_message(sent)
        self.assertEqual((message.attachment_ids, sent.res_id), (sent, self.case.id))
        fetched = self.rpc("/mail/chatter_fetch", thread_model="pwik.case", thread_id=self.case.id)
        self.assertIn("uwagi.txt", str(fetched))
        self.assertNotIn("ownership_token", str(fetched))
        for file in (sent, self.file):
            answer = self.rpc(
                "/mail/attachment/delete", attachment_id=file.id, access_token=file._get_ownership_token()
            )
            self.assertIn("error", answer)
            self.assertTrue(file.exists())
        self.rpc(
            "/mail/attachment/delete", attachment_id=pending.id, access_token=pending._get_ownership_token()
        )
        self.assertFalse(pending.exists(), "what is not sent yet may go")

    def test_uploads_of_a_day_are_counted(self):
        self.env["ir.config_parameter"].set_param("pwik_ebok.limit_upload_login", "2")
        self.authenticate("owner", PASSWORD)
        for _turn in range(2):
            self.assertIn("data", self.upload("uwagi.txt", b"tekst").json())
        self.assertIn("error", self.upload("uwagi.txt", b"tekst").json())

    def test_nothing_to_a_strangers_case(self):
        self.authenticate("owner", PASSWORD)
        self.assertEqual(self.upload("uwagi.txt", b"tekst", record=self.other_case).status_code, 404)
        self.authenticate(None, None)
        self.assertEqual(self.upload("uwagi.txt", b"tekst").status_code, 404)
        kept = [("res_id", "=", self.other_case.id), ("res_model", "=", "pwik.case")]
        self.assertFalse(self.env["ir.attachment"].search(kept))

    def test_staff_send_what_they_need(self):
        self.make_user("urzednik", "pwik_meters.pwik_meters_group_user").password = PASSWORD
        self.authenticate("urzednik", PASSWORD)
        self.assertTrue(self.upload("umowa.docx", b"PK\x03\x04" + bytes(60)).json()["data"]["attachment_id"])
