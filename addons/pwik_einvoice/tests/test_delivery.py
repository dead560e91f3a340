"""Delivery of invoices by e-mail and on paper: each buyer is told once, whatever happens on the way."""

import base64
import io
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError
from pypdf import PdfReader

from ..models.pwik_delivery import PwikDelivery
from .delivery_case import DeliveryCase, Killed


@tagged("post_install", "-at_install")
class TestDelivery(DeliveryCase):
    def test_the_mail_asks_for_what_an_overpayment_leaves(self):
        move = self.readers[0].move_ids
        line = move.line_ids.filtered(lambda one: one.account_type == "asset_receivable")
        other = {"account_id": move.invoice_line_ids[0].account_id.id, "debit": 20}
        credit = {"account_id": line.account_id.id, "partner_id": line.partner_id.id, "credit": 20}
        entry = self.env["account.move"].create(
            {"date": "2024-10-01", "line_ids": [(0, 0, credit), (0, 0, other)]}
        )
        entry.action_post()
        (line | entry.line_ids.filtered(lambda one: one.account_id == line.account_id)).reconcile()
        self.start()._process_all()
        mail = self.mails().filtered(lambda one: move.name in one.subject)
        asked = f"{move.amount_total - 20:.2f}".replace(".", ",")
        self.assertIn(asked, mail.body_html)

    def test_each_as_agreed(self):
        run = self.plan()
        self.assertEqual((run.state, run.electronic_count, run.paper_count, run.warning), ("draft", 2, 2, ""))
        run.action_start()
        self.assertEqual((run.delivery_count, run.open_count, run.progress), (4, 4, 0))
        run._process_all()
        self.assertEqual((run.state, run.open_count, run.progress, run.unposted_count), ("done", 0, 100, 2))
        self.assertEqual(sorted(run.delivery_ids.mapped("state")), ["done", "done", "printed", "printed"])
        run.batch_ids.action_mark_mailed()
        self.assertEqual(set(run.delivery_ids.mapped("state")), {"done"})
        self.assertTrue(all(self.moves.mapped("is_move_sent")))
        mails = self.mails()
        self.assertEqual(
            sorted(mails.mapped("email_to")), sorted(f"k{home.id}@example.com" for home in self.readers)
        )
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})
        mail = mails.filtered(lambda mail: mail.email_to == f"k{self.home.id}@example.com")
        move = self.moves.filtered(lambda move: move.pwik_contract_id == self.home)
        self.assertIn(move.name, mail.subject)
        self.assertIn(f"/my/invoices/{move.id}", mail.body_html)
        self.assertIn("420,88", mail.body_html.replace("\xa0", " "))
        self.assertFalse(mail.attachment_ids, "the documents are in eBOK, behind the login")

    def test_documents_are_kept_as_delivered(self):
        self.start()._process_all()
        for move in self.moves:
            pdf = move._pwik_get_stored_pdf()
            self.assertEqual(move.invoice_pdf_report_id, pdf)
            inside = PdfReader(io.BytesIO(pdf.raw)).attachments
            self.assertEqual(list(inside.values()), [[move.pwik_signed_xml_id.raw]])
            self.assertEqual(self.company._pwik_check_file(pdf.raw).code, "ours")

    def test_letters_in_the_order_of_the_routes(self):
        run = self.start()
        run._process_all()
        batch = run.batch_ids
        self.assertEqual((len(batch), batch.letter_count, batch.state), (1, 2, "made"))
        self.assertEqual(
            batch.delivery_ids.sorted("route_order").partner_id.mapped("name"), ["Odbiorca 10", "Odbiorca 20"]
        )

        pages = self.read_pdf(base64.b64decode(batch.file))
        self.assertEqual(batch.page_count, len(pages))
        first = next(n for n, text in enumerate(pages) if "Odbiorca 10" in text)
        second = next(n for n, text in enumerate(pages) if "Odbiorca 20" in text)
        self.assertLess(first, second)
        batch.action_mark_mailed()
        self.assertEqual((batch.state, batch.mailed_by_id), ("mailed", self.env.user))
        with self.assertRaises(UserError):
            batch.action_mark_mailed()
        batch.action_mark_to_print()
        self.assertEqual(batch.state, "made")

    def test_a_batch_holds_as_many_letters_as_the_policy_says(self):
        self.company.pwik_batch_letters = 1
        run = self.start()
        run._process_all()
        self.assertEqual(run.batch_ids.mapped("letter_count"), [1, 1])

    def test_delivered_once(self):
        run = self.start()
        run._process_all()
        again = self.env["pwik.delivery.run"].create({"date_to": "2030-01-01", "date_from": "2024-10-01"})
        domain = [*again._get_move_domain(), ("id", "in", self.moves.ids)]
        self.assertFalse(self.env["account.move"].search(domain))
        self.moves.action_pwik_deliver()
        self.assertEqual(len(self.moves.pwik_delivery_ids), 4)
        values = run.delivery_ids[0].copy_data()[0]
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env["pwik.delivery"].create(values)
        with self.assertRaises(UserError):
            run.delivery_ids.unlink()
        self.assertEqual(len(self.mails()), 2)

    def test_killed_ten_times(self):
        """Killed after each step of the work in turn: in the end each buyer was told once, and each letter lies once."""
        steps = [
            ("_deliver_electronic", 1),
            ("_deliver_electronic", 2),
            ("_deliver_paper", 1),
            ("_deliver_paper", 2),
        ]
        steps += [("_run_packet", 1), ("_run_packet", 2), ("_claim_next", 1), ("_claim_next", 3)]
        steps += [("_close_runs", 1), ("_done", 2), ("_send_notices", 1), ("_tell", 1), ("_tell_all", 2)]
        for packet, (method, call) in zip((1, 2, 1, 2, 1, 3, 1, 1, 4, 2, 4, 4, 2), steps, strict=True):
            with self.subTest(method=method, call=call), self.cr.savepoint() as savepoint:
                run = self.start()
                with patch("odoo.addons.pwik_einvoice.models.pwik_delivery.PACKET", packet):
                    self.run_killed(method, call)
                    self.run_cron()
                self.assertEqual(run.state, "done")
                self.assertEqual(
                    sorted(run.delivery_ids.mapped("state")), ["done", "done", "printed", "printed"]
                )
                self.assertEqual(len(self.mails()), 2)
                self.assertEqual(sum(run.batch_ids.mapped("letter_count")), 2)
                savepoint.rollback()
            self.env.invalidate_all()

    def run_killed(self, method, call):
        original, calls = getattr(type(self.env["pwik.delivery"]), method), []

        def die(records, *args, **kwargs):
            result = original(records, *args, **kwargs)
            calls.append(1)
            if len(calls) == call:
                raise Killed
            return result

        # not assertRaises: Odoo's undoes in a savepoint what was committed before the kill
        with patch.object(type(self.env["pwik.delivery"]), method, die):
            try:
                self.run_cron()
            except Killed:
                self.env.invalidate_all()
                return
        self.fail("the job was not killed")

    def test_who_cannot_be_told_does_not_silence_the_others(self):
        run = self.start()
        bad = run.delivery_ids.filtered(lambda row: row.contract_id == self.home)
        kind = type(bad)
        original = kind._send_notices

        def send(rows, template):
            if bad in rows:
                raise ValueError("no words")
            return original(rows, template)

        with (
            patch.object(kind, "_send_notices", send),
            mute_logger("odoo.addons.pwik_einvoice.models.pwik_delivery"),
        ):
            run._process_all()
        self.assertEqual(bad.state, "error")
        self.assertIn("no words", bad.reason)
        self.assertEqual(sorted((run.delivery_ids - bad).mapped("state")), ["done", "printed", "printed"])
        self.assertEqual(len(self.mails()), 1)
        bad.action_retry()
        run._process_all()
        self.assertEqual((bad.state, bad.email), ("done", f"k{self.home.id}@example.com"))
        self.assertEqual(len(self.mails()), 2)

    def test_without_a_certificate_delivery_waits(self):
        for certificate, words in ((False, "no certificate"), (self.make_certificate(days=-1), "not valid")):
            with self.subTest(words=words), self.cr.savepoint() as savepoint:
                self.company.pwik_seal_certificate_id = certificate
                run = self.start()
                self.assertIn(words, run.warning)
                run._process_all()
                waiting = run.delivery_ids.filtered(lambda row: row.channel == "electronic")
                self.assertEqual(set(waiting.mapped("state")), {"blocked"})
                self.assertIn(words, waiting[0].reason)
                self.assertEqual(run.paper_count, 2, "letters go on without it")
                self.assertEqual((run.state, run.blocked_count, len(self.mails())), ("running", 2, 0))
                run._process_all()
                self.assertEqual(waiting.mapped("attempts"), [1, 1], "not in a circle")
                self.company.pwik_seal_certificate_id = self.make_certificate()
                self.assertEqual(set(waiting.mapped("state")), {"pending"}, "released by the certificate")
                run._process_all()
                self.assertEqual((run.state, len(self.mails())), ("done", 2))
                savepoint.rollback()
            self.env.invalidate_all()

    def test_one_bad_invoice_keeps_its_reason(self):
        bad = self.moves.filtered(lambda move: move.pwik_contract_id == self.home)
        bad.partner_id.flush_recordset()
        self.env.cr.execute(
            "UPDATE res_partner SET pwik_einvoice_email = 'to nie adres' WHERE id = %s", [bad.partner_id.id]
        )
        self.env.invalidate_all()
        run = self.start()
        run._process_all()
        row = bad.pwik_delivery_ids
        self.assertEqual((row.state, run.error_count, run.state), ("error", 1, "done"))
        self.assertIn("e-mail address", row.reason)
        row.action_deliver_on_paper()
        self.assertEqual((row.state, run.state), ("cancelled", "running"))
        run._process_all()
        self.assertEqual((run.state, run.paper_count, run.error_count), ("done", 3, 0))

    def test_unexpected_error_ends_in_the_row(self):
        def break_one(move, sign=True):
            if move.pwik_contract_id == self.home:
                raise ZeroDivisionError("boom")
            return original(move, sign)

        original = type(self.env["account.move"])._pwik_store_documents
        with (
            patch.object(type(self.env["account.move"]), "_pwik_store_documents", break_one),
            mute_logger("odoo.addons.pwik_einvoice.models.pwik_delivery"),
        ):
            run = self.start()
            run._process_all()
        self.assertEqual(run.error_count, 1)
        self.assertIn("boom", run.delivery_ids.filtered(lambda row: row.state == "error").reason)
        run.action_retry()
        run._process_all()
        self.assertEqual((run.error_count, run.state, len(self.mails())), (0, "done", 2))

    def test_sent_again_on_request(self):
        run = self.start()
        run._process_all()
        row = run.delivery_ids.filtered(lambda one: one.partner_id == self.home.partner_id)
        first = row.mail_id
        row.action_resend()
        run._process_all()
        self.assertEqual((row.state, len(self.mails())), ("done", 3))
        self.assertNotEqual(row.mail_id, first)
        letter = run.delivery_ids.filtered(lambda one: one.channel == "paper")[0]
        letter.action_resend()
        run._process_all()
        self.assertEqual(sorted(run.batch_ids.mapped("letter_count")), [1, 2])

    def test_a_single_letter_gets_its_batch(self):
        """Of a household without a consent, delivered from the invoice itself."""
        move = self.moves.filtered(lambda one: one.pwik_delivery_channel == "paper")[0]
        move.action_pwik_deliver()
        self.run_cron()
        letter = move.pwik_delivery_ids
        self.assertEqual(
            (letter.state, letter.batch_id.letter_count, letter.batch_id.run_id.id), ("printed", 1, False)
        )
        self.assertEqual(
            len(self.read_pdf(base64.b64decode(letter.batch_id.file))), letter.batch_id.page_count
        )

    def test_sent_again_after_the_run_was_cancelled(self):
        run = self.start()
        run.delivery_ids.filtered(lambda one: one.channel == "electronic")._run_packet()
        run.action_cancel()
        row = run.delivery_ids.filtered(lambda one: one.partner_id == self.home.partner_id)
        row.action_resend()
        other = run.delivery_ids - row
        other.action_deliver_on_paper()
        self.run_cron()
        self.assertEqual((row.state, len(self.mails())), ("done", 3))
        letter = other.move_id.pwik_delivery_ids - other
        self.assertEqual((letter.state, bool(letter.batch_id)), ("printed", True))

    def test_cancelled_can_be_delivered_later_and_blocks_no_run(self):
        move = self.moves.filtered(lambda one: one.pwik_delivery_channel == "electronic")[0]
        move.action_pwik_deliver()
        first = move.pwik_delivery_ids
        first.action_cancel()
        run = self.start()
        self.assertEqual(len(run.delivery_ids), 4)
        again = move.pwik_delivery_ids - first
        again.action_deliver_on_paper()
        letter = move.pwik_delivery_ids - first - again
        letter.action_cancel()
        again.state = "pending"
        again.action_deliver_on_paper()
        run._process_all()
        self.assertEqual(
            sorted(move.pwik_delivery_ids.mapped(lambda one: (one.channel, one.state))),
            [
                ("electronic", "cancelled"),
                ("electronic", "cancelled"),
                ("paper", "cancelled"),
                ("paper", "printed"),
            ],
        )

    def test_paused_and_cancelled(self):
        run = self.start()
        run.action_pause()
        run._process_all()
        self.assertEqual((run.state, run.open_count), ("paused", 4))
        run.action_resume()
        run.action_cancel()
        self.assertFalse(run.delivery_ids)
        self.assertEqual(len(self.env["account.move"].search(self.plan()._get_move_domain())), 4)

    def test_who_may_what(self):
        run = self.start()
        service = new_test_user(self.env, "service", "base.group_user,pwik_meters.pwik_meters_group_user")
        clerk = new_test_user(self.env, "clerk", "base.group_user,pwik_billing.pwik_billing_group_user")
        self.assertEqual(run.with_user(service).delivery_count, 4)
        for method in (
            run.with_user(service).action_pause,
            run.delivery_ids.with_user(service).action_cancel,
        ):
            with self.assertRaises(AccessError):
                method()
        run.with_user(clerk)._process_all()
        self.assertEqual(run.state, "done")
        with self.assertRaises(AccessError):
            self.env["pwik.delivery"].with_user(clerk).create({"move_id": self.moves[0].id})
        other = self.env["res.company"].create({"name": "Inne wodociągi"})
        stranger = new_test_user(
            self.env, "stranger", "base.group_user,pwik_billing.pwik_billing_group_user", company_id=other.id
        )
        self.assertFalse(self.env["pwik.delivery"].with_user(stranger).search([]))
        self.assertFalse(self.env["pwik.delivery.batch"].with_user(stranger).search([]))

    def test_packets_are_claimed_once(self):
        self.start()
        first = self.env["pwik.delivery"]._claim_next(limit=1)
        self.assertEqual(len(first), 1)
        self.assertTrue(issubclass(type(first), PwikDelivery))
