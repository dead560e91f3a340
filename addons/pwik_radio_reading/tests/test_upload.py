import gzip
import io
import json
import socket
import zipfile
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME
from odoo.tools import mute_logger

from .common import RadioCommon

READER = "pwik_meters.pwik_meters_group_reader"
MEGABYTE = 1 << 20
UPLOAD = "/json/2/pwik.radio.dump/upload"


@tagged("post_install", "-at_install")
class UploadCommon(RadioCommon, HttpCase):
    """The collector's way in: Odoo's JSON-2 interface with an API key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls.make_user("radio-http", READER)
        cls.key = cls.make_key(cls.reader)

    @classmethod
    def make_key(cls, user, scope="rpc", days=1):
        until = fields.Datetime.now() + timedelta(days=days)
        return cls.env["res.users.apikeys"].with_user(user)._generate(scope, "collector", until)

    def post(self, bearer=None, path=UPLOAD, **body):
        headers = {"Authorization": f"bearer {self.key if bearer is None else bearer}"}
        with mute_logger("odoo.http", "odoo.sql_db", "werkzeug"):
            return self.url_open(path, json=body, headers=headers)

    def send(self, content, filename="tour.jsonl", **more):
        return self.post(filename=filename, content=self.encode(content), **more)

    def dump_of(self, answer):
        self.assertEqual(answer.status_code, 200, answer.text)
        return self.dumps.browse(answer.json()["id"])


@tagged("post_install", "-at_install")
class TestUpload(UploadCommon):
    def test_with_a_key(self):
        dump = self.dump_of(self.send(self.tour))
        self.assertEqual((dump.create_uid, dump.source), (self.reader, "upload"))

    def test_the_same_twice_and_packed_is_one_dump(self):
        first = self.send(self.tour)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("renamed.jsonl", self.tour)
        for again in (self.tour, gzip.compress(self.tour), packed.getvalue()):
            answer = self.send(again, filename="another name.gz")
            self.assertEqual(self.dump_of(answer), self.dump_of(first))
            self.assertTrue(answer.json()["duplicate"])
        self.assertFalse(first.json()["duplicate"])


@tagged("post_install", "-at_install")
class TestUploadAttacked(UploadCommon):
    def setUp(self):
        super().setUp()
        self.before = self.dumps.search([])

    def refused(self, answer, *codes):
        self.assertIn(answer.status_code, codes, answer.text[:500])
        self.assertEqual(self.dumps.search([]), self.before)
        self.assertNotIn("Traceback", json.loads(answer.text).get("message", ""))

    def test_without_a_key_or_with_a_wrong_one(self):
        revoked = self.make_key(self.reader)
        self.env["res.users.apikeys"].sudo().search([("user_id", "=", self.reader.id)])[-1]._remove()
        self.assertEqual(
            self.send(self.tour[:0] or b"x", filename="y").status_code, 200, "the other key is kept"
        )
        self.before = self.dumps.search([])
        wrong = {
            "none": "",
            "made up": "0" * 40,
            "cut": self.key[:-1],
            "turned round": self.key[::-1],
            "revoked": revoked,
            "for something else": self.make_key(self.reader, scope="auth_totp"),
            "password": self.reader.login,
        }
        for what, key in wrong.items():
            with self.subTest(what):
                self.refused(self.post(key, filename="x", content=self.encode(self.tour)), 401)

    def test_without_the_role(self):
        for groups in ("base.group_user", "base.group_portal"):
            user = new_test_user(self.env, f"radio-http {groups}", groups=groups)
            answer = self.post(self.make_key(user), filename="x", content=self.encode(self.tour))
            self.refused(answer, 403)

    def test_the_key_opens_nothing_else(self):
        """Whoever finds the laptop hands in dumps, and reads neither keys nor customers nor makes readings."""
        module = self.modules[1]
        for model, method, body in (
            ("pwik.radio.dump", "_take_in", {"data": "x", "filename": "x", "source": "upload"}),
            ("pwik.radio.dump", "create", {"vals_list": [{"name": "x", "sha256": "x"}]}),
            ("pwik.radio.module", "read", {"ids": module.ids, "fields": ["aes_key"]}),
            ("pwik.radio.module", "_get_keys", {"ids": module.ids}),
            ("pwik.radio.module", "set_key", {"ids": module.ids, "key": "0" * 32}),
            ("pwik.reading", "_import_values", {"vals_list": []}),
            ("pwik.contract", "search_read", {"domain": [], "fields": ["number"]}),
            ("account.move", "search_read", {"domain": [], "fields": ["name"]}),
        ):
            with self.subTest(f"{model}.{method}"):
                self.refused(self.post(path=f"/json/2/{model}/{method}", **body), 403, 404)

    def test_arguments_of_another_shape(self):
        content = self.encode(self.tour)
        for body in (
            {"filename": "x"},
            {"filename": "x", "content": 7},
            {"filename": "x", "content": [content]},
            {"filename": "x", "content": {"a": content}},
            {"filename": "x", "content": "ą"},
            {"filename": "x", "content": ""},
            {"filename": ["x"], "content": content},
            {"filename": {"a": "x"}, "content": content},
            {"filename": 7, "content": content},
            {"filename": "x", "content": content, "source": "drop"},
            {"filename": "x", "content": content, "company_id": 1},
        ):
            with self.subTest(str(body)[:60]):
                self.refused(self.post(**body), 400, 422)

    def test_names(self):
        for number, (given, kept) in enumerate(
            (
                ("../../../etc/passwd", "passwd"),
                ("..\\..\\windows\\system.ini", "system.ini"),
                ("/abs/olute.jsonl", "olute.jsonl"),
                ("a\x00b\nc.jsonl", "abc.jsonl"),
                ("\u202egnp.exe", "gnp.exe"),
                ("x" * 10_000, "x" * 200),
                ("../", None),
                (False, None),
            )
        ):
            with self.subTest(str(given)[:30]):
                dump = self.dump_of(self.send(b"%d" % number + self.tour, filename=given))
                self.assertEqual(dump.name, kept or dump.name)
                self.assertTrue(dump.name.strip())
                self.assertEqual(dump.attachment_id.name, dump.name)

    def test_more_than_is_allowed(self):
        limit = self.dumps._get_max_size()
        self.assertEqual(limit, 100 * MEGABYTE)
        self.env["ir.config_parameter"].sudo().set_param("pwik_radio_reading.max_file_mb", "1")
        self.refused(self.send(b"x" * (MEGABYTE + 1)), 422)

    def test_a_body_larger_than_the_server_takes(self):
        """Told by its length already: nothing of it is read."""
        status = self.talk(b'{"filename": "x"', length=200 * MEGABYTE)
        self.assertEqual(status, 413)
        self.assertEqual(self.dumps.search([]), self.before)

    def test_half_a_body(self):
        body = json.dumps({"filename": "x", "content": self.encode(self.tour)}).encode()
        self.assertIn(self.talk(body[: len(body) // 2], length=len(body)), (None, 400))
        self.assertEqual(self.dumps.search([]), self.before)
        self.assertTrue(self.dump_of(self.send(self.tour)))

    def talk(self, body, length):
        """Send a request that announces ``length`` bytes, and end it. :return: the status answered, or None"""
        url = urlsplit(self.base_url())
        with mute_logger("odoo.http", "werkzeug"), self.allow_requests():
            head = (
                f"POST {UPLOAD} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: bearer {self.key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n"
                f"Cookie: {TEST_CURSOR_COOKIE_NAME}={self.http_request_key}\r\n\r\n"
            )
            with socket.create_connection((url.hostname, url.port), timeout=60) as line:
                line.sendall(head.encode() + body)
                line.shutdown(socket.SHUT_WR)
                answer = b""
                while part := line.recv(65536):
                    answer += part
        self.assertNotIn(b"ignored during test", answer)
        return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else None

    def test_bombs(self):
        """Three hundred megabytes in a few kilobytes: what is a dump as far as it goes, and what is none at all."""
        row = (
            json.dumps({"ts": "2025-04-01T06:00:00Z", "filler": "0" * 50_000, "telegram": "00"}).encode()
            + b"\n"
        )
        for line, error in ((row, "archive_limit"), (bytes(50_000), "binary_file")):
            plain = line * (300 * MEGABYTE // len(line))
            bomb = gzip.compress(plain, 9)
            self.assertLess(len(bomb), MEGABYTE)
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("../../../tmp/tour.jsonl", plain)
            del plain
            for content in (bomb, packed.getvalue()):
                dump = self.dump_of(self.send(content))
                dump._process()
                self.assertEqual((dump.state, dump.error), ("error", error))
                self.assertFalse(dump.done_count)
