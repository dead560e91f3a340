from datetime import date

from odoo.addons.pwik_billing.models.receivables.interest_source import late_partners
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import ExclusionViolation

from .common import exact
from .receivables_common import Killed, ReceivablesCommon

END = "2024-12-31"


@tagged("post_install", "-at_install")
class TestInterestNotes(ReceivablesCommon):
    def run_interest(self, partners=None, day=END, **values):
        run = self.make_dunning_run("interest", partners or self.customer, day, **values)
        run.action_preview()
        return run

    def notes(self, run):
        run.action_approve()
        return run.item_ids.interest_note_ids

    def test_unpaid_invoice(self):
        """420,88 × 11,25 % × 75 days / 365 = 9,73."""
        run = self.run_interest()
        self.assertEqual((run.state, run.item_count, run.pending_count), ("ready", 1, 1))
        self.assertFalse(run.item_ids.interest_note_ids)
        self.assertEqual(exact(run.item_ids.amount), exact(9.73))
        note = self.notes(run)
        self.assertEqual(run.state, "made")
        self.assertEqual(exact(note.amount), exact(9.73))
        line = note.line_ids
        self.assertEqual((line.document, line.days, line.percent), (self.invoice.name, 75, 11.25))
        self.assertEqual((str(line.date_from), str(line.date_to)), ("2024-10-18", END))

    def test_a_rate_that_may_be_out_of_date_is_told(self):
        """Nobody entered a rate of the half-year yet: the run says so before it is approved, and goes on."""
        rates = self.env["pwik.interest.rate"]
        rates.search([("kind", "=", "delay"), ("date_from", ">=", "2024-07-01")]).unlink()
        last = rates.search([("kind", "=", "delay")], limit=1)
        run = self.run_interest()
        self.assertIn(last.display_name, run.warning)
        self.assertEqual(run.pending_count, 1)
        rates.create({"kind": "delay", "date_from": "2024-07-01", "percent": last.percent})
        run.action_preview()
        self.assertNotIn(last.display_name, run.warning or "")

    def test_entry(self):
        note = self.notes(self.run_interest())
        move = note.move_id
        self.assertEqual(move.state, "posted")
        self.assertRegex(note.number, r"^NO/2024/\d{5}$")
        self.assertEqual(note.number, move.name)
        claim = note._get_claim_lines()
        self.assertEqual(exact(claim.balance), exact(9.73))
        self.assertEqual(claim.partner_id, self.customer)
        self.assertEqual(str(claim.date_maturity), "2025-01-14")
        income = move.line_ids - claim
        self.assertEqual(income.account_id, self.company.pwik_interest_account_id)
        self.assertFalse(move.line_ids.tax_ids)
        self.assertEqual((note.payment_state, exact(note.residual)), ("open", exact(9.73)))
        self.customer.invalidate_recordset()
        self.assertAlmostEqual(self.customer.pwik_balance, 430.61)

    def test_partial_payment_lowers_the_principal(self):
        self.pay(self.invoice, 300, "2024-11-16")
        note = self.notes(self.run_interest())
        self.assertEqual(
            [(exact(line.principal), line.days, exact(line.amount)) for line in note.line_ids],
            [(exact(420.88), 30, exact(3.89)), (exact(120.88), 45, exact(1.68))],
        )
        # 420,88×11,25%×30/365 + 120,88×11,25%×45/365 = 3,8917 + 1,6766
        self.assertEqual(exact(note.amount), exact(5.57))

    def test_paid_late_and_paid_in_time(self):
        other, invoice = self.owe("Punktualny")
        self.pay(invoice, 420.88, "2024-10-17")
        self.pay(self.invoice, 420.88, "2024-10-27")
        run = self.run_interest(self.customer | other)
        self.assertEqual(run.item_ids.partner_id, self.customer)
        self.assertEqual(self.notes(run).line_ids.days, 10)

    def test_a_term_on_a_saturday_ends_on_monday(self):
        """Due on Saturday 19 October 2024 (art. 115): paid on Monday is in time; on Tuesday it is a day late."""
        self.cr.execute(
            "UPDATE account_move_line SET date_maturity = '2024-10-19' WHERE move_id = %s AND date_maturity IS NOT NULL",
            (self.invoice.id,),
        )
        self.env.invalidate_all()
        other, invoice = self.owe("Wtorkowy")
        self.cr.execute(
            "UPDATE account_move_line SET date_maturity = '2024-10-19' WHERE move_id = %s AND date_maturity IS NOT NULL",
            (invoice.id,),
        )
        self.env.invalidate_all()
        self.pay(self.invoice, 420.88, "2024-10-21")
        self.pay(invoice, 420.88, "2024-10-22")
        partners = self.customer | other
        found = late_partners(self.company, date(2024, 1, 1), date(2024, 12, 31)) & partners
        self.assertEqual(found, other)
        run = self.run_interest(partners)
        self.assertEqual(run.item_ids.partner_id, other)
        line = self.notes(run).line_ids
        self.assertEqual((str(line.due), str(line.date_from), line.days), ("2024-10-19", "2024-10-22", 1))

    def test_no_day_twice(self):
        first = self.notes(self.run_interest(day="2024-11-30"))
        with self.assertRaises(UserError):
            self.run_interest(day="2024-11-30")
        second = self.notes(self.run_interest())
        self.assertEqual(str(second.line_ids.date_from), "2024-12-01")
        self.assertEqual(first.line_ids.days + second.line_ids.days, 75)

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_a_day_twice(self):
        note = self.notes(self.run_interest())
        with self.assertRaises(ExclusionViolation), self.cr.savepoint():
            note.line_ids.copy({"note_id": note.id, "date_from": "2024-12-31", "date_to": "2025-01-31"})
            self.env.flush_all()

    def test_interest_bears_no_interest(self):
        self.notes(self.run_interest())
        note = self.notes(self.run_interest(day="2025-06-30"))
        self.assertEqual(set(note.line_ids.mapped("document")), {self.invoice.name})

    def test_rate_changes_within(self):
        note = self.notes(self.run_interest(day="2025-07-31"))
        self.assertEqual(note.line_ids.mapped("percent"), [11.25, 10.75, 10.5])
        self.assertEqual(exact(sum(note.line_ids.mapped("amount"))), exact(note.amount))

    def test_companies_have_their_own_rate(self):
        self.customer.write({"is_company": True, "vat": "PL5730003841"})
        note = self.notes(self.run_interest())
        self.assertEqual((note.kind, note.line_ids.percent), ("commercial", 15.75))
        polish = note.with_context(lang=self.env["res.lang"]._activate_lang("pl_PL").code)
        kinds = dict(polish._fields["kind"]._description_selection(polish.env))
        self.assertEqual(kinds["commercial"], "Transakcje handlowe")
        self.customer.pwik_interest_kind = "delay"
        self.assertEqual(self.customer._pwik_get_interest_kind(), "delay")

    def test_missing_rate_is_said_and_stops_nobody_else(self):
        other, _invoice = self.owe("Firma", is_company=True, vat="PL5730003841")
        self.env["pwik.interest.rate"].search([("kind", "=", "commercial")]).unlink()
        run = self.run_interest(self.customer | other)
        self.assertEqual(self.item(run, other).state, "left_out")
        self.assertIn("2024", self.item(run, other).reason)
        self.assertEqual(self.item(run, self.customer).state, "pending")

    def test_small_sums_wait(self):
        self.company.pwik_interest_minimum = 10
        run = self.run_interest()
        self.assertEqual((run.item_ids.state, exact(run.item_ids.amount)), ("left_out", exact(9.73)))
        with self.assertRaises(UserError):
            run.action_approve()
        self.assertEqual(self.notes(self.run_interest(day="2025-01-10")).line_ids.days, 85)

    def test_an_unmatched_payment_is_matched_first(self):
        self.credit(self.customer, 50)
        run = self.run_interest()
        self.assertEqual(run.item_ids.state, "left_out")
        self.assertIn("50", run.item_ids.reason)

    def test_stop(self):
        stop = self.env["pwik.dunning.stop"].create(
            {
                "partner_id": self.customer.id,
                "kind": "dispute",
                "date_from": "2024-12-01",
                "date_to": "2025-01-31",
                "stop_interest": True,
            }
        )
        self.assertEqual(self.run_interest().item_ids.state, "left_out")
        stop.stop_interest = False
        self.assertEqual(self.run_interest().item_ids.state, "pending")
        stop.write({"stop_interest": True, "move_ids": [(6, 0, self.invoice.ids)]})
        run = self.make_dunning_run("interest", self.customer, END)
        run.action_preview()
        self.assertFalse(run.item_ids)
        _other, foreign = self.owe("Obca")
        with self.assertRaises(ValidationError):
            stop.move_ids = foreign

    def test_paid_between_preview_and_approval(self):
        run = self.run_interest()
        self.pay(self.invoice, 420.88, "2024-10-17")
        run.action_approve()
        self.assertFalse(run.item_ids.interest_note_ids)
        self.assertEqual(run.item_ids.state, "left_out")

    def test_cancelled_note_gives_the_days_back(self):
        note = self.notes(self.run_interest())
        note.action_cancel()
        self.assertEqual((note.state, note.payment_state), ("cancelled", "none"))
        self.assertEqual(note.reversal_id.state, "posted")
        self.customer.invalidate_recordset()
        self.assertAlmostEqual(self.customer.pwik_balance, 420.88)
        again = self.notes(self.run_interest())
        self.assertEqual(exact(again.amount), exact(9.73))
        self.assertNotEqual(again.number, note.number)

    def test_a_paid_note_is_not_cancelled(self):
        note = self.notes(self.run_interest())
        (note._get_claim_lines() | self.credit(self.customer, 5)).reconcile()
        self.assertEqual((note.payment_state, exact(note.residual)), ("partial", exact(4.73)))
        with self.assertRaises(UserError):
            note.action_cancel()

    def test_an_issued_note_and_its_entry_stay(self):
        note = self.notes(self.run_interest())
        with self.assertRaises(UserError):
            note.amount = 1
        with self.assertRaises(UserError):
            note.move_id.button_draft()
        with self.assertRaises(UserError):
            note.move_id._reverse_moves(cancel=True)
        with self.assertRaises(UserError):
            note.unlink()

    def test_sending_puts_the_pdf_into_the_mail_queue(self):
        self.customer.lang = self.env["res.lang"]._activate_lang("pl_PL").code
        run = self.run_interest()
        note = self.notes(run)
        run.action_send()
        self.assertEqual((run.state, note.state, run.item_ids.state), ("done", "sent", "sent"))
        mail = note.mail_id
        self.assertEqual((mail.state, mail.email_to), ("outgoing", "jan@example.com"))
        self.assertEqual(mail.attachment_ids, note.attachment_id)
        text = " ".join("\n".join(self.read_pdf(note.attachment_id.raw)).split())
        for expected in (
            note.number,
            "Nota odsetkowa",
            "Jan Dłużny",
            "420,88",
            "11,25",
            "9,73",
            "75",
            self.invoice.name,
        ):
            with self.subTest(expected=expected):
                self.assertIn(expected, text)

    def test_without_an_address_it_is_a_letter(self):
        self.customer.email = False
        run = self.run_interest()
        note = self.notes(run)
        self.assertEqual(note.channel, "letter")
        self.assertEqual(run.action_print_letters()["type"], "ir.actions.report")
        run.action_send()
        self.assertEqual((note.state, note.mail_id.id), ("sent", False))

    def test_one_bad_customer_stops_nobody_else(self):
        other, _invoice = self.owe("Bez konta")
        run = self.run_interest(self.customer | other)
        other.with_company(self.company).property_account_receivable_id = False
        with mute_logger("odoo.addons.pwik_billing.models.receivables.pwik_dunning_item", "odoo.sql_db"):
            run.action_approve()
        self.assertEqual(self.item(run, self.customer).state, "made")
        self.assertEqual(self.item(run, other).state, "error")
        self.assertTrue(self.item(run, other).reason)

    def test_killed_and_resumed(self):
        run = self.run_interest()
        with (
            self.assertRaises(Killed),
            self.cr.savepoint(),
            self.die_in("account.move", "_post"),
        ):
            run.action_approve()
        self.env.invalidate_all()
        self.assertFalse(run.item_ids.interest_note_ids)
        self.assertEqual(run.state, "ready")
        self.assertEqual(len(self.notes(run)), 1)
        run._process_all()
        self.assertEqual(len(run.item_ids.interest_note_ids), 1)

    def test_the_background_does_large_runs(self):
        others = self.env["res.partner"].concat(*(self.owe(f"Dłużnik {n}")[0] for n in range(3)))
        run = self.make_dunning_run("interest", self.customer | others, END)
        cron = self.env.ref("pwik_billing.ir_cron_dunning_run")
        with self.subTest("the preview waits"), self.small_packets():
            run.action_preview()
            self.assertEqual((run.state, run.pending_count), ("preview", 4))
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(run.state, "ready")
            run.action_approve()
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
        self.assertEqual(run.state, "made")
        self.assertEqual(len(run.item_ids.interest_note_ids), 4)

    def test_queries_do_not_grow_with_customers(self):
        partners = self.customer | self.env["res.partner"].concat(
            *(self.owe(f"Dłużnik {n}")[0] for n in range(6))
        )
        runs = [self.make_dunning_run("interest", some, END) for some in (self.customer, partners)]
        counts = []
        for run in runs:
            self.env["pwik.dunning.item"].create(
                [
                    {"run_id": run.id, "company_id": run.company_id.id, "partner_id": partner.id}
                    for partner in run.partner_ids
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            run.item_ids._charge_interest()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)

    def test_rights(self):
        note = self.notes(self.run_interest())
        service = self.make_user("tst_service", "pwik_meters.pwik_meters_group_user")
        self.assertEqual(exact(note.with_user(service).residual), exact(9.73))
        self.assertTrue(note.with_user(service).line_ids.mapped("document"))
        with self.assertRaises(AccessError):
            note.with_user(service).action_cancel()
        with self.assertRaises(AccessError):
            self.env["pwik.dunning.run"].with_user(service).search([])
        clerk = self.make_user("tst_clerk", "pwik_billing.pwik_billing_group_user")
        other, _invoice = self.owe("Inna")
        run = self.make_dunning_run("interest", other, END).with_user(clerk)
        run.action_preview()
        run.action_approve()
        run.action_send()
        self.assertEqual(run.item_ids.interest_note_ids.state, "sent")
        with self.assertRaises(AccessError):
            self.env["pwik.interest.rate"].with_user(clerk).create(
                {"kind": "delay", "date_from": "2030-01-01", "percent": 1}
            )
        stranger = self.make_user("tst_stranger", "pwik_billing.pwik_billing_group_user")
        company = self.env["res.company"].create({"name": "Inne wodociągi"})
        stranger.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        for records in (note, note.line_ids, run, run.item_ids):
            self.assertFalse(self.env[records._name].with_user(stranger).search([("id", "in", records.ids)]))
