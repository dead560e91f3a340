"""The queue to KSeF against a double on a real socket: each invoice is there once, whatever happens on the way."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import read_codes
from .ksef_case import KsefCase


@tagged("post_install", "-at_install")
class TestKsef(KsefCase):
    def test_sent_numbered_and_the_receipt_kept(self):
        self.assertEqual(set(self.rows.mapped("channel")), {"ksef"})
        self.run_cron()
        self.assert_all_there_once()
        self.assertEqual(self.ksef.posts, 2)
        row = next(iter(self.ksef.invoices.values()))
        self.assertEqual(
            row["xml"], self.moves[0].l10n_pl_edi_attachment_id.raw, "what was sent is what is kept"
        )
        self.run_cron(2)
        self.assertEqual(self.ksef.posts, 2)

    def test_answer_takes_its_time(self):
        self.ksef.slow = 2
        self.run_cron()
        self.assertEqual(set(self.rows.mapped("state")), {"sent"})
        self.run_cron(2)
        self.assert_all_there_once()
        self.assertEqual(self.ksef.posts, 2)

    def test_service_is_down(self):
        self.ksef.down = True
        self.run_cron(3)
        self.assertEqual(set(self.rows.mapped("state")), {"blocked"})
        self.assertEqual(self.rows.mapped("attempts"), [3, 3])
        self.assertTrue(all(self.rows.mapped("reason")))
        self.assertGreater(self.rows[0]._get_pause(), 3, "longer and longer")
        self.ksef.down = False
        self.run_cron()
        self.assert_all_there_once()

    def test_error_answers_of_a_sending(self):
        """Overload, a lost request, and an answer that is lost after the invoice was taken in: there once all the same."""
        for fault in (503, 429, "lose", "drop"):
            with self.subTest(fault=fault), self.cr.savepoint() as savepoint:
                self.ksef.invoices.clear()
                self.ksef.faults = [fault]
                self.run_cron()
                self.assertEqual(self.rows[0].state, "sending")
                self.run_cron()
                self.assert_all_there_once()
                self.assertEqual(len(self.ksef.invoices), 2, "nothing was sent twice")
                savepoint.rollback()
            self.env.invalidate_all()

    def test_refused_stays_with_its_reason_and_the_others_go_on(self):
        self.ksef.reject = {self.moves[0].name: (450, "Błąd weryfikacji semantyki dokumentu faktury")}
        self.run_cron()
        self.assertEqual(self.rows.mapped("state"), ["error", "done"])
        self.assertIn("semantyki", self.rows[0].reason)
        self.assertEqual(self.moves[0].l10n_pl_edi_status, "rejected")
        old = self.ksef.invoices["20241003-EE-0000000001"]["xml"]
        self.ksef.reject = {}
        self.moves[0].partner_id.name = "Firma poprawiona"
        self.rows[0].action_retry()
        self.run_cron()
        self.assert_all_there_once()
        self.assertNotIn(b"poprawiona", old)
        self.assertIn(b"poprawiona", self.moves[0].l10n_pl_edi_attachment_id.raw, "rendered anew")

    def test_expired_token_and_lost_session(self):
        self.ksef.token = "access-1"
        self.company.sudo().l10n_pl_edi_session_id = "20200101-SO-GONE"
        self.run_cron()
        self.assert_all_there_once()
        self.assertEqual(self.company.sudo().l10n_pl_edi_access_token, "access-2")

    def test_killed_at_each_step(self):
        Delivery, Service = (
            type(self.env["pwik.delivery"]),
            "odoo.addons.pwik_einvoice.tools.ksef_service.KsefService",
        )
        from ..tools.ksef_service import KsefService

        self.assertTrue(Service.endswith(KsefService.__name__))
        steps = [(KsefService, "send", 1), (KsefService, "send", 2), (Delivery, "_ksef_sent", 1)]
        steps += [
            (Delivery, "_ksef_get_xml", 1),
            (Delivery, "_ksef_get_xml", 2),
            (Delivery, "_ksef_accepted", 1),
        ]
        steps += [
            (Delivery, "_ksef_keep_upo", 1),
            (Delivery, "_ksef_keep_upo", 2),
            (Delivery, "_ksef_commit", 2),
        ]
        steps += [(Delivery, "_ksef_commit", 4)]
        for owner, method, call in steps:
            with self.subTest(method=method, call=call), self.cr.savepoint() as savepoint:
                self.ksef.invoices.clear()
                self.run_killed(owner, method, call)
                self.run_cron(2)
                self.assert_all_there_once()
                self.assertEqual(len(self.ksef.invoices), 2, "nothing was sent twice")
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_restored_backup_finds_the_number(self):
        """KSeF has the invoice, our record of it is lost: the duplicate's answer names the number."""
        self.run_cron()
        numbers = self.moves.mapped("l10n_pl_edi_number")
        for move in self.moves:
            move.l10n_pl_edi_upo_id.unlink()
            move.write({"l10n_pl_edi_number": False, "l10n_pl_edi_status": False, "l10n_pl_edi_ref": False})
        self.rows.write({"state": "pending", "ksef_ref": False, "ksef_session": False})
        self.run_cron()
        self.assertEqual(self.moves.mapped("l10n_pl_edi_number"), numbers)
        self.assert_all_there_once()

    def test_not_signed_in(self):
        self.company.sudo().l10n_pl_edi_access_token = False
        self.run_cron()
        self.assertEqual(set(self.rows.mapped("state")), {"blocked"})
        self.assertIn("KSeF", self.rows[0].reason)
        self.assertEqual(self.ksef.posts, 0)

    def test_correction_waits_for_the_number_of_the_original(self):
        self.ksef.slow = 1
        self.run_cron()
        correction = self.correct(self.moves[0], 105)
        correction.action_pwik_deliver()
        row = correction.pwik_delivery_ids
        self.rows |= row
        self.run_cron()
        self.assertIn(row.state, ("blocked", "sent", "done"))
        self.run_cron(2)
        self.assertEqual(row.state, "done")
        self.assertIn(self.moves[0].l10n_pl_edi_number.encode(), correction.l10n_pl_edi_attachment_id.raw)

    def test_codes_on_the_picture(self):
        self.assertFalse(self.moves[0]._pwik_get_ksef_codes())
        self.run_cron()
        move = self.moves[0]
        (code,) = move._pwik_get_ksef_codes()
        self.assertEqual(code["label"], move.l10n_pl_edi_number)
        self.assertIn("/invoice/5730003841/03-10-2024/", code["link"])
        pdf = self.render_pdf("account.account_invoices", move)
        self.assertIn(move.l10n_pl_edi_number, "".join(" ".join(self.read_pdf(pdf)).split()))
        self.assertIn(code["link"], read_codes(pdf))

    def test_who_has_an_address_is_told_the_number_once(self):
        told, silent = self.moves
        self.env["pwik.einvoice.consent"].create(
            {"partner_id": told.partner_id.id, "date": "2024-01-01", "email": "biuro@example.com"}
        )
        self.ksef.slow = 1
        self.run_cron()
        self.assertFalse(self.rows.mail_id, "nothing to tell before the number is there")
        self.run_cron(3)
        self.assertEqual(set(self.rows.mapped("state")), {"done"})
        mail = self.env["mail.mail"].search(
            [("model", "=", "pwik.delivery"), ("res_id", "in", self.rows.ids)]
        )
        self.assertEqual(len(mail), 1)
        self.assertEqual((mail.email_to, mail), ("biuro@example.com", told.pwik_delivery_ids.mail_id))
        self.assertIn(told.l10n_pl_edi_number, mail.subject)
        self.assertIn(told.l10n_pl_edi_number, mail.body_html)
        self.assertFalse(silent.pwik_delivery_ids.mail_id)

    def test_issued_offline(self):
        self.ksef.down = True
        self.run_cron()
        self.rows[0].action_issue_offline()
        move = self.moves[0]
        self.assertEqual([code["label"] for code in move._pwik_get_ksef_codes()], ["OFFLINE", "CERTYFIKAT"])
        text = " ".join(self.read_pdf(move._pwik_get_stored_pdf().raw))
        self.assertIn("OFFLINE", text)
        self.assertIn("CERTYFIKAT", text)
        links = {code["link"] for code in move._pwik_get_ksef_codes()}
        # signatures are salted: the code of the certificate is compared up to its own
        found = read_codes(move._pwik_get_stored_pdf().raw)
        self.assertEqual(
            {link.rpartition("/")[0] for link in links if "/certificate/" in link},
            {link.rpartition("/")[0] for link in found if "/certificate/" in link},
        )
        self.assertIn(next(link for link in links if "/invoice/" in link), found)
        given = move.l10n_pl_edi_attachment_id.raw
        self.ksef.down = False
        self.run_cron()
        self.assert_all_there_once()
        sent = {row["number"]: row for row in self.ksef.invoices.values()}
        self.assertEqual([sent[m.name]["offline"] for m in self.moves], [True, False])
        self.assertEqual(sent[move.name]["xml"], given, "the code leads to what was sent")
        self.assert_handed_out_with_its_number(move)
        with self.assertRaises(UserError):
            self.rows[0].action_issue_offline()

    def assert_handed_out_with_its_number(self, move):
        """Issued offline and in KSeF since: one code with the number; what was handed out before is kept inside."""
        (code,) = move._pwik_get_ksef_codes()
        self.assertEqual(code["label"], move.l10n_pl_edi_number)
        self.assertFalse(move._pwik_get_stored_pdf(), "nobody is handed the old one")
        pdf = self.render_pdf("account.account_invoices", move)
        text = "".join(" ".join(self.read_pdf(pdf)).split())
        self.assertIn(move.l10n_pl_edi_number, text)
        self.assertNotIn("OFFLINE", text)
        self.assertNotIn("CERTYFIKAT", text)
        self.assertEqual([link for link in read_codes(pdf) if "ksef" in link], [code["link"]])
        note = move.message_ids.filtered("attachment_ids")
        self.assertIn("OFFLINE", " ".join(self.read_pdf(note.attachment_ids.raw)))
        self.assertTrue(note.subtype_id.internal)

    def test_offline_documents_of_an_earlier_version(self):
        """A database in which what was issued offline and numbered since kept the PDF with two codes."""
        self.ksef.down = True
        self.run_cron()
        self.rows[0].action_issue_offline()
        self.ksef.down = False
        with patch.object(type(self.rows), "_ksef_replace_pdf", lambda _row: None):
            self.run_cron()
        self.assertTrue(self.moves[0]._pwik_get_stored_pdf())
        self.run_migration("19.0.1.4.0/post-offline.py")
        self.assert_handed_out_with_its_number(self.moves[0])

    def test_offline_needs_its_certificate(self):
        self.company.sudo().pwik_ksef_offline_certificate_id = False
        with self.assertRaisesRegex(UserError, "offline"):
            self.rows[0].action_issue_offline()
        self.assertFalse(self.rows[0].offline)
