"""The queue to KSeF waits for what passes by itself, and tells a person what does not. Against a double on a real socket."""

from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..domain import ksef_rules
from .ksef_case import KsefCase

CLOSED = {
    "exception": {"exceptionDetailList": [{"exceptionCode": 21180, "exceptionDescription": "Status sesji"}]}
}


@tagged("post_install", "-at_install")
class TestKsefFaults(KsefCase):
    def setUp(self):
        super().setUp()
        self.rows.send_by = "2099-01-01"  # what is late is told too, and has tests of its own

    def notes(self):
        """Notices to people about KSeF, oldest first."""
        return self.env["mail.message"].search(
            [("message_type", "=", "user_notification"), ("subject", "like", "KSeF")], order="id"
        )

    def in_hours(self, hours):
        return freeze_time(fields.Datetime.now() + timedelta(hours=hours))

    def test_what_ksef_wishes_is_heard(self):
        """A limit of sendings with Retry-After: nothing is sent before, whichever invoice is next."""
        self.ksef.faults = [(429, {"Retry-After": "1800"}, {})]
        self.run_cron()
        self.assertGreater(self.rows[0].next_try, fields.Datetime.now() + timedelta(minutes=28))
        self.run_cron(2)
        self.assertEqual(self.ksef.posts, 1, "left alone")
        self.assertNotIn("error", self.rows.mapped("state"))
        with self.in_hours(1):
            self.run_cron()
        self.assert_all_there_once()

    def test_a_service_that_is_down_is_left_alone_as_it_asks(self):
        self.ksef.down, self.ksef.down_headers = True, {"Retry-After": "7200"}
        self.run_cron()
        asked = self.ksef.requests
        self.run_cron(2)
        self.assertEqual(self.ksef.requests, asked)
        self.ksef.down = False
        with self.in_hours(3):
            self.run_cron()
        self.assert_all_there_once()

    def test_a_page_of_maintenance_is_no_answer(self):
        self.ksef.page = True
        self.run_cron()
        self.assertEqual(set(self.rows.mapped("state")), {"blocked"})
        self.ksef.page = False
        self.ksef.faults = [(200, {"Content-Type": "text/html"}, b"<html>Przerwa</html>"), (200, {}, b"[]")]
        self.run_cron(3)
        self.assert_all_there_once()

    def test_a_token_that_is_too_old_is_no_failure(self):
        """KSeF forgets a sign-in after seven days; the certificate signs in anew."""
        self.ksef.token, self.ksef.refresh = "another", 401
        self.run_cron()
        self.assert_all_there_once()
        company = self.company.sudo()
        self.assertEqual(
            (company.l10n_pl_edi_access_token, company.l10n_pl_edi_refresh_token), ("access-3", "refresh-3")
        )

    def test_a_renewal_that_fails_is_waited_for(self):
        self.ksef.faults, self.ksef.refresh = [401], 503
        self.run_cron()
        self.assertNotIn("error", self.rows.mapped("state"), self.rows.mapped("reason"))
        self.ksef.refresh = 200
        self.run_cron(2)
        self.assert_all_there_once()

    def test_a_certificate_that_ksef_refuses_is_told_at_once(self):
        self.ksef.token, self.ksef.refresh, self.ksef.sign_in = "another", 401, 415
        self.run_cron(2)
        self.assertEqual(set(self.rows.mapped("state")), {"blocked"})
        self.assertIn("Certyfikat odwołany", self.rows[0].reason)
        self.assertEqual(len(self.notes()), 1, "told once")
        self.assertIn("Certyfikat odwołany", self.notes().body)
        self.ksef.sign_in = 200
        self.run_cron()
        self.assert_all_there_once()

    def test_the_office_reads_polish(self):
        """The queue is worked off by nobody in particular: what it writes down is in the company's language."""
        self.company.partner_id.lang = "pl_PL"
        self.ksef.down = True
        self.run_cron()
        self.assertIn("KSeF odpowie później", self.rows[0].reason)

    def test_missing_permissions_fail_no_invoice(self):
        self.ksef.forbidden = True
        self.run_cron()
        self.assertEqual(set(self.rows.mapped("state")), {"blocked"})
        self.assertEqual(len(self.notes()), 1)
        self.ksef.forbidden = False
        self.run_cron()
        self.assert_all_there_once()
        self.assertFalse(self.company.sudo().pwik_ksef_down_since)

    def test_a_session_that_was_closed_is_replaced(self):
        self.ksef.faults = [(400, {}, CLOSED)]
        self.run_cron()
        self.assert_all_there_once()
        self.assertEqual(len(self.ksef.sessions), 2)
        self.assertEqual(len(self.ksef.invoices), 2)

    def test_what_ksef_drops_for_its_own_reasons_is_sent_again(self):
        for code in sorted(ksef_rules.SEND_AGAIN):
            with self.subTest(code=code), self.cr.savepoint() as savepoint:
                self.ksef.invoices.clear()
                self.ksef.again = {self.moves[0].name: [code]}
                self.run_cron()
                self.assertEqual(self.rows.mapped("state"), ["pending", "done"])
                self.assertGreater(self.rows[0].next_try, fields.Datetime.now() - timedelta(minutes=1))
                self.run_cron()
                self.assert_all_there_once()
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_person_is_asked_after_many_times(self):
        self.ksef.again = {self.moves[0].name: [550] * 50}
        self.run_cron(ksef_rules.MOST_SENDINGS + 2)
        self.assertEqual(self.rows.mapped("state"), ["error", "done"])
        self.assertIn("anulowana przez system", self.rows[0].reason)
        self.assertEqual(self.ksef.posts, ksef_rules.MOST_SENDINGS + 1)
        self.assertEqual(len(self.notes()), 1)

    def test_a_receipt_that_is_not_there_yet(self):
        self.ksef.no_upo = 1
        self.run_cron()
        self.assertEqual(self.rows.mapped("state"), ["sent", "done"])
        self.assertTrue(self.moves[0].l10n_pl_edi_number)
        self.run_cron()
        self.assert_all_there_once()

    def test_an_invoice_that_cannot_be_written_stops_no_other(self):
        kind = type(self.rows)
        original = kind._ksef_get_xml

        def break_one(row):
            if row == self.rows[0]:
                raise ZeroDivisionError("boom")
            return original(row)

        with (
            patch.object(kind, "_ksef_get_xml", break_one),
            mute_logger("odoo.addons.pwik_einvoice.models.pwik_delivery_ksef"),
        ):
            self.run_cron()
        self.assertEqual(self.rows.mapped("state"), ["error", "done"])
        self.assertIn("boom", self.rows[0].reason)
        self.rows[0].action_retry()
        self.run_cron()
        self.assert_all_there_once()

    def test_refused_is_told_at_once_and_once(self):
        self.ksef.reject = {self.moves[0].name: (450, "Błąd weryfikacji semantyki dokumentu faktury")}
        self.run_cron(2)
        note = self.notes()
        self.assertEqual(len(note), 1)
        self.assertIn(self.moves[0].name, note.body)
        self.assertIn("semantyki", note.body)
        self.assertIn(self.env.ref("base.user_admin").partner_id, note.notified_partner_ids)

    def test_a_queue_that_stands_is_told_after_hours(self):
        self.ksef.down = True
        with freeze_time("2026-10-05 08:00:00"):
            self.run_cron(2)
        self.assertFalse(self.notes(), "it may pass by itself")
        with freeze_time("2026-10-05 13:00:00"):
            self.run_cron(2)
        self.assertEqual(len(self.notes()), 1)
        self.assertIn("2", self.notes().subject)
        self.ksef.down = False
        with freeze_time("2026-10-05 14:00:00"):
            self.run_cron()
        self.assert_all_there_once()
        self.assertFalse(self.company.sudo().pwik_ksef_down_told, "the next time it is told again")

    def test_the_day_by_which_it_must_be_sent(self):
        """Issued on Thursday 3 October 2024."""
        self.rows._compute_send_by()
        self.assertEqual(set(self.rows.mapped("send_by")), {date(2024, 10, 4)})
        self.ksef.down = True
        with freeze_time("2024-10-03 10:00:00"):
            self.run_cron()
        self.assertFalse(self.rows[0].with_context(tz="UTC").late and self.notes())
        with freeze_time("2024-10-04 09:00:00"):
            self.company.sudo().pwik_ksef_down_told = True  # of the queue they heard
            self.run_cron(2)
            self.assertEqual(self.rows.mapped("late"), [False, False])
        self.assertEqual(len(self.notes()), 1)
        with freeze_time("2024-10-07 09:00:00"):
            self.run_cron(2)
            self.rows.invalidate_recordset(["late"])
            self.assertEqual(self.rows.mapped("late"), [True, True])
            found = self.env["pwik.delivery"].search([("late", "=", True), ("id", "in", self.rows.ids)])
            self.assertEqual(found.sorted("id"), self.rows)
        self.assertEqual(len(self.notes()), 2)
        for move in self.moves:
            self.assertIn(move.name, self.notes()[-1].body)

    def test_an_announced_outage_moves_the_day(self):
        outage = self.env["pwik.ksef.outage"].create({"kind": "failure", "date_from": "2024-10-03"})
        self.assertEqual(self.rows.mapped("send_by"), [False, False])
        outage.date_to = "2024-10-04"
        self.assertEqual(set(self.rows.mapped("send_by")), {date(2024, 10, 15)})
        outage.kind = "unavailable"
        self.assertEqual(set(self.rows.mapped("send_by")), {date(2024, 10, 7)})
        outage.unlink()
        self.assertEqual(set(self.rows.mapped("send_by")), {date(2024, 10, 4)})

    def test_offline_and_rejected_is_corrected_technically(self):
        """The buyer holds codes of the first XML: what is sent instead names its hash."""
        self.ksef.down = True
        self.run_cron()
        self.rows[0].action_issue_offline()
        self.ksef.down = False
        self.ksef.reject = {self.moves[0].name: (450, "Błąd weryfikacji semantyki dokumentu faktury")}
        self.run_cron()
        self.assertEqual(self.rows[0].state, "error")
        handed_out = self.rows[0].xml_hash
        self.ksef.reject = {}
        self.moves[0].partner_id.name = "Firma poprawiona"
        self.rows[0].action_retry()
        self.run_cron()
        self.assert_all_there_once()
        (row,) = (
            r for r in self.ksef.invoices.values() if r["number"] == self.moves[0].name and r["code"] == 200
        )
        self.assertEqual((row["offline"], row["corrects"]), (True, handed_out))
        self.assertNotEqual(row["hash"], handed_out)
