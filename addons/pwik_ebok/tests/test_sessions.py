"""Where a login is signed in: its own sessions and nobody else's."""

import time
from datetime import datetime, timedelta

from odoo import http
from odoo.tests import HttpCase, tagged

from .common import PASSWORD, EbokCommon


@tagged("post_install", "-at_install")
class TestSessions(EbokCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.telephone = self._make_session(self.owner, "a" * 42, "android", "203.0.113.7")
        self.foreign = self._make_session(self.other, "b" * 42, "windows", "198.51.100.9")
        self.authenticate("owner", PASSWORD)

    def _make_session(self, user, identifier, platform, address):
        log = self.env["res.device.log"].create(
            {
                "session_identifier": identifier,
                "platform": platform,
                "browser": "firefox",
                "ip_address": address,
                "device_type": "mobile" if platform == "android" else "computer",
                "user_id": user.id,
                "first_activity": datetime.now() - timedelta(days=1),
                "last_activity": datetime.now(),
            }
        )
        self.env.flush_all()
        return log

    def _end(self, session, **data):
        return self.url_open(
            "/my/security/sessions/end",
            data={"csrf_token": http.Request.csrf_token(self), "session": session, **data},
            allow_redirects=False,
        )

    def test_the_page_shows_own_sessions_only(self):
        page = self.url_open("/my/security").text
        self.assertIn("Android Firefox", page)
        self.assertIn("203.0.113.7", page)
        self.assertNotIn("198.51.100.9", page)
        self.assertNotIn("a" * 42, page, "who knows the name of a session is close to having it")

    def test_an_own_session_is_ended_and_told(self):
        self.assertEqual(self._end(self.telephone.id).status_code, 303)
        self.telephone.invalidate_recordset()
        self.assertTrue(self.telephone.revoked)
        self.assertNotIn("203.0.113.7", self.url_open("/my/security?ended=1").text)
        event = self.env["pwik.audit.event"].search([("kind", "=", "session_ended")], limit=1)
        self.assertEqual(event.user_ref, self.owner.id)

    def test_a_foreign_session_stays(self):
        for session in (self.foreign.id, "0", "²", "", "9" * 30):
            with self.subTest(session=session):
                self.assertEqual(self._end(session).status_code, 404)
        self.foreign.invalidate_recordset()
        self.assertFalse(self.foreign.revoked)

    def test_a_link_ends_nothing(self):
        answer = self.url_open(f"/my/security/sessions/end?session={self.telephone.id}")
        self.assertIn(answer.status_code, (404, 405))
        forged = self.url_open(
            "/my/security/sessions/end", data={"session": self.telephone.id}, allow_redirects=False
        )
        self.assertEqual(forged.status_code, 400)
        self.telephone.invalidate_recordset()
        self.assertFalse(self.telephone.revoked)

    def test_a_wrong_password_is_told_beside_its_field(self):
        page = self.url_open(
            "/my/security",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "op": "password",
                "old": "Nie-To-Haslo-2026",
                "new1": "Nowe-Haslo-2026-x",
                "new2": "Nowe-Haslo-2026-x",
            },
        ).text
        self.assertRegex(page, r'id="current"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*id="current"')
        self.assertIn('id="error_current"', page)

    def test_idle_and_old_sessions_of_customers_end(self):
        self.assertEqual(self.url_open("/my/security", allow_redirects=False).status_code, 200)
        hour = 3600
        for key, age, over in (
            ("pwik_used_at", 0.9 * hour, False),
            ("pwik_used_at", 1.1 * hour, True),
            ("pwik_began_at", 11.9 * hour, False),
            ("pwik_began_at", 12.1 * hour, True),
        ):
            with self.subTest(key=key, age=age):
                session = self.authenticate("owner", PASSWORD)
                session.update(
                    {"pwik_began_at": time.time(), "pwik_used_at": time.time(), key: time.time() - age}
                )
                http.root.session_store.save(session)
                answer = self.url_open("/my/security", allow_redirects=False)
                self.assertEqual("/web/login" in answer.headers.get("Location", ""), over)

    def test_the_office_sets_when_sessions_end(self):
        limits = self.env["ir.http"]._pwik_session_limits
        self.assertEqual(limits(), (60, 12), "as installed")
        form = self.env["res.config.settings"].create({})
        self.assertEqual((form.pwik_session_idle_minutes, form.pwik_session_hours), (60, 12))
        form.write({"pwik_session_idle_minutes": 0, "pwik_session_hours": 5})
        form.execute()
        self.assertEqual(limits(), (0, 5), "0: never")
        self.env["ir.config_parameter"].set_param("pwik_ebok.session_hours", "długo")
        self.assertEqual(limits(), (0, 12), "no customer is kept out by a slip")

    def test_staff_keep_their_sessions(self):
        self.make_user("clerk", "pwik_meters.pwik_meters_group_user")
        session = self.authenticate("clerk", "clerk")
        session.update({"pwik_began_at": 1, "pwik_used_at": 1})
        http.root.session_store.save(session)
        self.assertNotIn(
            "/web/login", self.url_open("/odoo", allow_redirects=False).headers.get("Location", "")
        )
