"""Events are written once: neither the program nor the database lets anybody change them, and each kind has its time."""

from datetime import timedelta

import psycopg2
from odoo import fields, http
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PASSWORD, EbokCommon


class AuditCommon(EbokCommon):
    def events(self, *kinds):
        return self.env["pwik.audit.event"].search([("kind", "in", kinds)])


@tagged("post_install", "-at_install")
class TestAudit(AuditCommon):
    def setUp(self):
        super().setUp()
        self.env["pwik.audit.event"]._record(
            "download", user=self.owner, customer=self.customer, detail="pdf"
        )
        self.event = self.events("download")[:1]
        self.event.flush_recordset()

    def test_the_program_changes_nothing(self):
        for model in (self.event, self.event.with_user(self.env.ref("base.user_admin"))):
            with self.assertRaises(UserError):
                model.write({"detail": "x"})
            with self.assertRaises(UserError):
                model.unlink()
        manager = self.make_user("manager", "pwik_meters.pwik_meters_group_manager")
        self.assertTrue(self.event.with_user(manager).read(["kind", "user_id"]))
        with self.assertRaises(UserError):
            self.env["pwik.audit.event"].with_user(manager).create({"kind": "download"})
        office = self.make_user("office", "pwik_meters.pwik_meters_group_user")
        self.assertFalse(self.env["pwik.audit.event"].with_user(office).has_access("read"))

    @mute_logger("odoo.sql_db")
    def test_the_database_changes_nothing(self):
        for statement in (
            "UPDATE pwik_audit_event SET detail = 'x' WHERE id = %s",
            "UPDATE pwik_audit_event SET keep_until = '2000-01-01' WHERE id = %s",
            "DELETE FROM pwik_audit_event WHERE id = %s",
            "TRUNCATE pwik_audit_event",
        ):
            with self.subTest(statement=statement):
                with self.assertRaises(psycopg2.errors.InsufficientPrivilege), self.cr.savepoint():
                    self.cr.execute(statement, [self.event.id] if "%s" in statement else None)

    def test_each_kind_has_its_time(self):
        months = self.env["pwik.audit.event"]._get_months
        self.assertEqual((months("download"), months("consent")), (12, 72))
        self.env["ir.config_parameter"].set_param("pwik_ebok.audit_months.download", "3")
        self.assertEqual(months("download"), 3)
        self.env["pwik.audit.event"]._record("download", user=self.owner)
        kept = self.events("download")[:1].keep_until - fields.Datetime.now()
        self.assertLess(kept, timedelta(days=94))

    def test_what_ran_out_goes_by_the_schedule_and_nothing_else(self):
        self.env.cr.execute(
            """INSERT INTO pwik_audit_event (moment, kind, keep_until) VALUES
               (now() - interval '2 years', 'download', now() - interval '1 day') RETURNING id"""
        )
        old = self.cr.fetchone()[0]
        with self.enter_registry_test_mode():
            self.env.ref("pwik_ebok.cron_audit_retention").method_direct_trigger()
        left = self.env["pwik.audit.event"].search([("id", "in", [old, self.event.id])])
        self.assertEqual(left, self.event)

    def test_an_event_outlives_the_login(self):
        self.env["pwik.audit.event"]._record("download", user=self.nobody)
        event = self.events("download")[:1]
        number = self.nobody.id
        self.nobody.unlink()
        event.invalidate_recordset()
        self.assertEqual((event.user_ref, event.user_id.id), (number, False))

    def test_search_by_login_and_customer(self):
        found = self.env["pwik.audit.event"].search([("user_id", "ilike", self.owner.name)])
        self.assertIn(self.event, found)
        found = self.env["pwik.audit.event"].search([("customer_id", "=", self.customer.id)])
        self.assertIn(self.event, found)
        self.assertEqual(self.event.customer_id, self.customer)

    def test_consent_and_data_change(self):
        self.env["pwik.einvoice.consent"].create(
            {"partner_id": self.customer.id, "email": "tajny@example.com", "channel": "office"}
        )
        event = self.events("consent")[:1]
        self.assertEqual((event.customer_id, event.detail), (self.customer, "given, office"))
        self.customer._pwik_write_changes({"phone": "+48 600 700 800", "city": "Nowe"})
        event = self.events("data_change")[:1]
        self.assertEqual((event.customer_id, event.detail), (self.customer, "city, phone"))


@tagged("post_install", "-at_install")
class TestAuditByHttp(AuditCommon, HttpCase):
    def sign_in(self, password):
        self.authenticate(None, None)
        token = http.Request.csrf_token(self)
        return self.url_open("/web/login", data={"csrf_token": token, "login": "owner", "password": password})

    def test_sign_in_right_and_wrong(self):
        before = self.events("sign_in", "sign_in_failed")
        self.sign_in("Tajne-Haslo-Obok")
        self.sign_in(PASSWORD)
        events = self.events("sign_in", "sign_in_failed") - before
        self.assertEqual(events.mapped("kind"), ["sign_in", "sign_in_failed"])
        self.assertEqual(events.user_id, self.owner)
        self.assertNotIn("Tajne", str(events.read()))

    def test_a_login_that_is_not_there_is_not_kept(self):
        self.authenticate(None, None)
        token = http.Request.csrf_token(self)
        typed = {"csrf_token": token, "login": "Moje-Haslo-W-Zlym-Polu", "password": "x"}
        self.url_open("/web/login", data=typed)
        event = self.events("sign_in_failed")[:1]
        self.assertFalse(event.user_ref)
        self.assertNotIn("Moje-Haslo", str(event.read()))

    def test_downloads(self):
        self.authenticate("owner", PASSWORD)
        for path, kind in (
            (f"/my/meters/{self.meter.id}/readings.csv", "csv"),
            (f"/my/invoices/past/{self.past_invoice.id}/pdf", "pdf"),
            (f"/my/invoices/{self.invoice.id}?report_type=pdf&download=true", "pdf"),
            (f"/my/cases/{self.case.id}/files/{self.file.id}", "plain"),
        ):
            with self.subTest(path=path):
                before = self.events("download")
                self.assertEqual(self.url_open(path).status_code, 200)
                event = self.events("download") - before
                self.assertEqual((event.user_id, event.detail), (self.owner, kind))
                self.assertTrue(event.res_id)

    def test_a_refused_download_is_none(self):
        self.authenticate("other", PASSWORD)
        before = self.events("download")
        self.url_open(f"/my/invoices/past/{self.past_invoice.id}/pdf")
        self.url_open(f"/my/invoices/{self.invoice.id}?report_type=pdf&download=true")
        self.assertEqual(self.events("download"), before)

    def test_each_sees_his_own_history(self):
        for user, address in ((self.owner, "192.0.2.11"), (self.other, "192.0.2.22")):
            self.env.cr.execute(
                """INSERT INTO pwik_audit_event (moment, kind, keep_until, user_ref, address) VALUES
                   (now() AT TIME ZONE 'utc', 'sign_in', now() + interval '1 year', %s, %s)""",
                [user.id, address],
            )
        self.authenticate("owner", PASSWORD)
        page = self.url_open("/my/history").text
        self.assertIn("192.0.2.11", page)
        self.assertNotIn("192.0.2.22", page)

    def test_a_new_password_is_told(self):
        self.authenticate("owner", PASSWORD)
        new = PASSWORD + "x"
        token = http.Request.csrf_token(self)
        self.url_open(
            "/my/security", data={"csrf_token": token, "old": PASSWORD, "new1": new, "new2": new, "op": "p"}
        )
        event = self.events("password")[:1]
        self.assertEqual(event.user_id, self.owner)
        self.assertNotIn(new, str(event.read()))
