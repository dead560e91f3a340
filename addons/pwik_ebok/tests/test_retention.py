"""Each kind of record goes when its period is over, and what the law keeps stays whatever the period says."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import EbokCommon


class RetentionCommon(EbokCommon):
    def period(self, code):
        return self.env["pwik.retention"]._get_by_code(code)

    def let_go(self, code):
        """Run the scheduled action with this kind alone."""
        self.env["pwik.retention"].search([("code", "!=", code)]).active = False
        self.period(code).active = True
        with self.enter_registry_test_mode():
            self.env.ref("pwik_ebok.ir_cron_retention").method_direct_trigger()
        self.env.invalidate_all()

    def due(self, code):
        retention = self.period(code)
        model, domain = retention._get_due()
        return model.search(domain)

    def close(self, case, years=7, days=0):
        case.sudo().write(
            {"resolution": "Odpowiedź", "description": "Tekst sprawy", "email_from": "anna@example.pl"}
        )
        case.action_done()
        case.sudo().date_closed = fields.Datetime.now() - relativedelta(years=years, days=days)
        case.flush_recordset()

    def pay(self, invoice):
        """Nothing is left to pay."""
        self.assertGreater(invoice.amount_residual, 0)
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        register.create({"journal_id": journal.id, "payment_date": "2025-10-20"})._create_payments()


@tagged("post_install", "-at_install")
class TestRetention(RetentionCommon):
    def test_every_kind_can_be_asked(self):
        """Each kind has its period, its query and its list."""
        kinds = self.env["pwik.retention"].with_context(active_test=False).search([])
        codes = {code for code, _label in kinds._fields["code"].selection}
        self.assertEqual(set(kinds.mapped("code")), codes)
        for kind in kinds:
            with self.subTest(kind=kind.code):
                self.assertGreaterEqual(kind.due_count, 0)
                self.assertTrue(kind.basis)
                self.assertTrue(hasattr(kind, f"_let_go_{kind.code}"))
                self.assertEqual(kind.action_preview()["res_model"], kind._get_due()[0]._name)

    def test_old_closed_case_is_masked(self):
        self.pay(self.invoice)
        case = self.case
        case.message_post(body="Telefon klientki 600 100 200", subtype_xmlid="mail.mt_comment")
        self.close(case)
        self.assertIn(case, self.due("case"))
        self.let_go("case")
        self.assertFalse(case.description or case.resolution or case.submitter_id or case.message_ids)
        self.assertFalse(case.answer_sent or case.email_from)
        office = self.company._pwik_get_office_lang()
        self.assertEqual(case.name, case.type_id.with_context(lang=office).name)
        self.assertTrue(case.number and case.date_closed and case.pwik_erased_on)
        self.assertFalse(self.file.exists())
        self.assertFalse(self.due("case"), "once")
        event = self.env["pwik.audit.event"].search([("kind", "=", "erasure")], limit=1)
        self.assertEqual(event.detail, "case: 1")

    def test_what_is_open_or_young_stays(self):
        self.pay(self.invoice)
        open_case, young = self.case, self.make_case(self.customer, self.contract, "Młoda sprawa")
        self.close(young, years=5, days=300)
        self.assertFalse(self.due("case") & (open_case | young))
        self.let_go("case")
        self.assertEqual((open_case.description, young.name), ("Cieknie przy liczniku", "Młoda sprawa"))

    def test_an_open_balance_keeps_the_cases(self):
        self.close(self.case)
        self.assertNotIn(self.case, self.due("case"), "the invoice is not paid")
        self.pay(self.invoice)
        self.assertIn(self.case, self.due("case"))

    def test_files_go_before_the_case(self):
        self.pay(self.invoice)
        self.close(self.case, years=4)
        self.assertEqual(self.due("case_file"), self.file)
        self.let_go("case_file")
        self.assertFalse(self.file.exists())
        self.assertEqual(self.case.description, "Tekst sprawy")

    def test_documents_of_the_tax_law(self):
        """Five years from the end of the year in which the tax was due: nothing shorter can be entered."""
        old = self.make_past_invoice(self.former_contract, "FV/STARA/1")
        year = fields.Date.today().year
        old.sudo().date = f"{year - 6}-12-01"  # the tax was due in the year after
        self.assertNotIn(old, self.due("past_invoice"))
        old.sudo().date = f"{year - 6}-11-30"
        self.assertIn(old, self.due("past_invoice"))
        self.let_go("past_invoice")
        self.assertFalse(old.exists())
        self.assertTrue(self.past_invoice.exists())
        for code in ("past_invoice", "invoice_file"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.period(code).period = 4
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.period(code).write({"period": 60, "unit": "month"})

    def test_files_of_invoices(self):
        file = self.env["ir.attachment"].create(
            {
                "name": "FV.pdf",
                "raw": b"%PDF-1.4",
                "res_model": "account.move",
                "res_id": self.invoice.id,
            }
        )
        self.assertNotIn(file, self.due("invoice_file"))
        self.pay(self.invoice)
        self.env.flush_all()
        day = fields.Date.today() - relativedelta(years=8)
        self.cr.execute(
            "UPDATE account_move SET date = %s, invoice_date_due = %s WHERE id = %s",
            [day, day, self.invoice.id],
        )
        self.env.invalidate_all()
        self.assertIn(file, self.due("invoice_file"))
        self.let_go("invoice_file")
        self.assertFalse(file.exists())
        self.assertEqual(self.invoice.state, "posted")

    def test_notices_photos_and_telegrams(self):
        photo = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        self.former_reading.photo = self.reading.photo = photo
        self.cr.execute(
            "UPDATE pwik_reading SET date = %s WHERE id = %s",
            [fields.Date.today() - relativedelta(years=3, days=1), self.former_reading.id],
        )
        self.env.invalidate_all()
        self.let_go("reading_photo")
        self.assertFalse(self.former_reading.photo)
        self.assertTrue(self.reading.photo)
        notice = self.env["pwik.notice"].create(
            {
                "kind_id": self.env.ref("pwik_ebok.notice_kind_invoice").id,
                "recipient_id": self.owner.partner_id.id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "key": "invoice:1",
                "state": "queued",
            }
        )
        self.cr.execute(
            "UPDATE pwik_notice SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - relativedelta(years=2, days=1), notice.id],
        )
        self.let_go("notice")
        self.assertFalse(notice.exists())

    def test_telegrams_as_received(self):
        dump = self.env["pwik.radio.dump"].create(
            {
                "name": "a.txt",
                "sha256": "0" * 64,
                "state": "done",
                "date_done": fields.Datetime.now() - relativedelta(years=3, days=1),
                "attachment_id": self.env["ir.attachment"].create({"name": "a.txt", "raw": b"x"}).id,
                "line_ids": [
                    (0, 0, {"number": 1, "raw": "2E44", "telegram": "2E44", "state": "seen"}),
                    (0, 0, {"number": 2, "raw": "2E45", "telegram": "2E45", "state": "review"}),
                ],
            }
        )
        file = dump.attachment_id
        self.let_go("dump_line")
        self.let_go("dump_file")
        self.assertEqual(dump.line_ids.mapped("raw"), [False, "2E45"], "what waits for somebody stays")
        self.assertFalse(file.exists() or dump.attachment_id)
        self.assertEqual(len(dump.line_ids), 2)

    def test_attempts_are_kept_as_long_as_they_count(self):
        with self.assertRaises(ValidationError):
            self.period("attempt").period = 1
        attempts = self.env["pwik.ebok.attempt"]
        old = attempts.create({"key": "a", "moment": fields.Datetime.now() - timedelta(days=4)})
        young = attempts.create({"key": "a", "moment": fields.Datetime.now() - timedelta(days=1)})
        self.let_go("attempt")
        self.assertEqual((old | young).exists(), young)

    def test_the_schedule_applies_what_is_switched_on(self):
        self.pay(self.invoice)
        self.close(self.case)
        self.period("case").active = False
        with self.enter_registry_test_mode():
            self.env.ref("pwik_ebok.ir_cron_retention").method_direct_trigger()
        self.assertEqual(self.case.description, "Tekst sprawy")
        self.period("case").active = True
        with self.enter_registry_test_mode():
            self.env.ref("pwik_ebok.ir_cron_retention").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(self.case.description)
        self.assertEqual(self.period("case").last_count, 1)

    def test_who_may_see_and_set(self):
        manager = self.make_user("manager", "pwik_meters.pwik_meters_group_manager")
        office = self.make_user("office", "pwik_meters.pwik_meters_group_user")
        plain = self.make_user("plain", "base.group_user")
        self.pay(self.invoice)
        self.close(self.case)
        retention = self.period("case").sudo(False)
        preview = retention.with_user(manager).action_preview()
        found = self.env["pwik.case"].with_user(manager).search(preview["domain"])
        self.assertEqual(found, self.case)
        retention.with_user(manager).period = 8
        with self.assertRaises(AccessError):
            retention.with_user(office).period = 1
        for login in (plain, self.owner):
            with self.assertRaises(AccessError):
                retention.with_user(login).action_preview()
            with self.assertRaises(AccessError):
                retention.with_user(login).read(["name"])
