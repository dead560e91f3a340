import threading
import time
from unittest.mock import patch

from odoo.http import Request, request, root
from odoo.tests import HttpCase, tagged
from odoo.tools import config

from ..models.ir_http_replica import REPLICA_PATIENCE
from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestReplica(EbokCommon, HttpCase):
    """Pages that only read may come from a replica, but not before it has what their reader has sent."""

    def setUp(self):
        super().setUp()
        self.seen = []
        http = type(self.env["ir.http"])
        dispatch = http._dispatch

        def listen(endpoint):
            self.seen.append((request.httprequest.path, threading.current_thread().cursor_mode))
            return dispatch(endpoint)

        self.startPatcher(patch.object(http, "_dispatch", listen))
        self.startPatcher(patch.dict(config.options, {"db_replica_host": "replica.example.com"}))
        self.authenticate("owner", PASSWORD)

    def mode(self, path):
        """How the page's cursor was opened: `ro`, `rw`, or `ro->rw` where it wrote."""
        self.url_open(path).raise_for_status()
        return dict(self.seen)[path]

    def send(self):
        form = {
            "kind": "remark",
            "name": "Uwaga",
            "description": "Opis",
            "csrf_token": Request.csrf_token(self),
        }
        return self.url_open("/my/cases/new", data=form)

    def test_what_was_sent_is_seen_at_once(self):
        self.assertEqual(self.mode("/my/cases"), "ro")
        answer = self.send()
        self.assertIn("Uwaga", answer.text)
        case = self.env["pwik.case"].search([("name", "=", "Uwaga")])
        self.assertIn((f"/my/cases/{case.id}", "rw"), self.seen)
        self.assertEqual(self.mode("/my/cases"), "rw")

    def test_after_a_while_pages_come_from_the_replica_again(self):
        self.send()
        session = root.session_store.get(self.session.sid)
        self.assertGreater(session["pwik_sent_at"], time.time() - REPLICA_PATIENCE)
        session["pwik_sent_at"] -= REPLICA_PATIENCE + 1
        root.session_store.save(session)
        self.assertEqual(self.mode("/my/cases"), "ro")

    def test_a_download_which_is_noted_is_no_page_that_only_reads(self):
        for path in (
            f"/my/balance/notes/{self.note.id}/pdf",
            f"/my/balance/reminders/{self.reminder.id}/pdf",
            "/my/balance.csv",
            f"/my/meters/{self.meter.id}/months.csv",
            f"/my/meters/{self.meter.id}/readings.csv",
            f"/my/invoices/past/{self.past_invoice.id}/pdf",
            f"/my/cases/{self.case.id}/files/{self.file.id}",
        ):
            self.assertEqual(self.mode(path), "rw", path)

    def test_signing_in_is_no_sending(self):
        self.authenticate(None, None)
        form = {"login": "owner", "password": PASSWORD, "csrf_token": Request.csrf_token(self)}
        self.url_open("/web/login", data=form).raise_for_status()
        self.assertEqual(self.mode("/my/cases"), "ro")

    def test_without_a_replica_nothing_is_noted(self):
        with patch.dict(config.options, {"db_replica_host": None}):
            self.send()
        self.assertNotIn("pwik_sent_at", root.session_store.get(self.session.sid))
        self.assertEqual(self.mode("/my/cases"), "ro")
