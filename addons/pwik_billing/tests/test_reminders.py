from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .common import exact
from .receivables_common import Killed, ReceivablesCommon

DUE_PLUS_7 = "2024-10-24"
DUE_PLUS_21 = "2024-11-07"


@tagged("post_install", "-at_install")
class TestReminders(ReceivablesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("pl_PL")
        cls.levels = cls.env["pwik.dunning.level"]
        cls.levels.search([]).active = False
        cls.first, cls.second, cls.third = cls.levels.create(
            [
                {
                    "name": name,
                    "sequence": number,
                    "days_overdue": days,
                    "wait_days": wait,
                    "minimum": 10,
                    "channel": channel,
                    "what_next": what_next,
                    "title": name,
                    "text": "Zaległość {amount} ({documents}), zapłać {total} do {pay_by}.\n\nKonto {account}.",
                }
                for number, (name, days, wait, channel, what_next) in enumerate(
                    [
                        ("Upomnienie", 7, 0, "auto", "step"),
                        ("Wezwanie", 21, 14, "letter", "step"),
                        ("Zapowiedź", 45, 14, "letter", "cutoff"),
                    ]
                )
            ]
        )

    def remind(self, day=DUE_PLUS_7, partners=None, **values):
        run = self.make_dunning_run("reminder", partners or self.customer, day, **values)
        run.action_preview()
        return run

    def reminded(self, day=DUE_PLUS_7, partners=None):
        """A run that was approved and sent. :return: its notices"""
        run = self.remind(day, partners)
        run.action_approve()
        notices = run.item_ids.notice_ids
        run.action_send()
        notices.sent_on = day
        return notices

    def test_preview_says_who_how_much_and_which_step(self):
        run = self.remind()
        self.assertEqual((run.state, run.pending_count), ("ready", 1))
        item = run.item_ids
        self.assertEqual(
            (item.level_id, exact(item.amount), item.document_count), (self.first, exact(420.88), 1)
        )
        self.assertFalse(item.notice_ids)

    def test_too_early(self):
        run = self.remind("2024-10-23")
        self.assertEqual(run.item_ids.state, "left_out")
        self.assertRegex(run.item_ids.reason, "10/24/2024|24.10.2024")
        with self.assertRaises(UserError):
            self.remind("2024-10-17")

    def test_steps_one_by_one(self):
        self.assertEqual(self.reminded().level_id, self.first)
        self.assertEqual(self.remind("2024-10-25").item_ids.state, "left_out")
        second = self.reminded(DUE_PLUS_21)
        self.assertEqual((second.level_id, second.channel), (self.second, "letter"))
        self.assertEqual(self.reminded("2024-12-10").level_id, self.third)
        self.assertIn("pracownik", self.remind("2025-03-01").item_ids.reason)

    def test_words_are_filled(self):
        self.customer.lang = "pl_PL"
        notice = self.reminded()
        for expected in (
            "420,88 zł",
            self.invoice.name,
            "31.10.2024",
            self.customer.pwik_payment_account_display or "",
        ):
            self.assertIn(expected, notice.text.replace("\xa0", " "))
        with self.assertRaises(ValidationError):
            self.first.text = "{nonsense}"

    def test_document(self):
        self.customer.lang = "pl_PL"
        notice = self.reminded()
        text = " ".join("\n".join(self.read_pdf(notice.attachment_id.raw)).split()).replace("\xa0", " ")
        for expected in (
            "Upomnienie",
            notice.number,
            "Jan Dłużny",
            "420,88",
            self.invoice.name,
            "17.10.2024",
            "Dokument",
        ):
            with self.subTest(expected=expected):
                self.assertIn(expected, text)

    def test_mail_queue_and_history(self):
        notice = self.reminded()
        self.assertEqual((notice.state, notice.channel), ("sent", "email"))
        self.assertEqual((notice.mail_id.state, notice.mail_id.email_to), ("outgoing", "jan@example.com"))
        self.assertEqual(notice.mail_id.attachment_ids, notice.attachment_id)
        self.assertEqual(self.customer.pwik_notice_count, 1)
        self.assertTrue(
            self.customer.message_ids.filtered(lambda message: notice.number in (message.body or ""))
        )

    def test_without_an_address_it_is_said(self):
        self.customer.write({"email": False, "street": False})
        run = self.remind()
        with mute_logger("odoo.addons.pwik_billing.models.receivables.pwik_dunning_item"):
            run.action_approve()
        self.assertEqual(run.item_ids.state, "error")
        self.assertTrue(run.item_ids.reason)
        self.customer.street = "ul. Lipowa 3"
        run.action_retry()
        self.assertEqual((run.item_ids.state, run.item_ids.notice_ids.channel), ("made", "letter"))

    def test_exactly_once(self):
        """Two runs previewed before either was approved: the second finds what the first did."""
        first, second = self.remind(), self.remind()
        first.action_approve()
        second.action_approve()
        self.assertEqual(len(self.customer.pwik_notice_ids), 1)
        self.assertEqual(second.item_ids.state, "left_out")

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_a_step_twice(self):
        notice = self.reminded()
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            notice.line_ids.copy({"notice_id": notice.id})
            self.env.flush_all()

    def test_killed_and_resumed(self):
        run = self.remind()
        run.action_approve()
        with (
            self.assertRaises(Killed),
            self.cr.savepoint(),
            self.die_in("pwik.dunning.notice", "_queue_mail"),
        ):
            run.action_send()
        self.env.invalidate_all()
        self.assertEqual((run.state, run.item_ids.notice_ids.state), ("made", "ready"))
        run.action_send()
        run._process_all()
        mails = self.env["mail.mail"].search(
            [("model", "=", "pwik.dunning.notice"), ("res_id", "in", run.item_ids.notice_ids.ids)]
        )
        self.assertEqual(len(mails), 1)

    def test_taken_back_before_it_is_sent(self):
        run = self.remind()
        run.action_approve()
        notice = run.item_ids.notice_ids
        notice.action_cancel()
        again = self.remind()
        self.assertEqual(again.item_ids.state, "pending")
        run.action_send()
        self.assertEqual((run.state, run.item_ids.state), ("done", "left_out"))
        self.assertFalse(notice.mail_id)
        sent = self.reminded()
        with self.assertRaises(UserError):
            sent.action_cancel()
        with self.assertRaises(UserError):
            sent.text = "inaczej"

    def test_cancelled_run_takes_all_back(self):
        run = self.remind()
        run.action_approve()
        run.action_cancel()
        self.assertEqual(run.item_ids.notice_ids.state, "cancelled")
        self.assertEqual(self.remind().item_ids.state, "pending")

    def test_open_complaint(self):
        case = self.env["pwik.case"].create(
            {
                "type_id": self.env.ref("pwik_cases.pwik_case_type_complaint").id,
                "name": "Za dużo",
                "description": "Faktura jest za wysoka.",
                "partner_id": self.customer.id,
                "contract_id": self.home.id,
                "disputed_move_id": self.invoice.id,
            }
        )
        run = self.remind()
        self.assertEqual(run.item_ids.state, "left_out")
        self.assertIn(case.number, run.item_ids.reason)
        case._close("rejected", decision="rejected")
        self.assertEqual(self.remind().item_ids.state, "pending")

    def test_stop_until_a_day(self):
        self.env["pwik.dunning.stop"].create(
            {
                "partner_id": self.customer.id,
                "kind": "instalments",
                "date_from": "2024-10-01",
                "date_to": "2024-10-31",
            }
        )
        self.assertEqual(self.remind().item_ids.state, "left_out")
        self.assertEqual(self.remind("2024-11-01").item_ids.state, "pending")

    def test_one_disputed_document_of_two(self):
        self.make_reading(1300, "2024-12-31", meter=self.home.point_ids.meter_ids)
        other = self.bill_one(self.home, "2024-10-01", "2024-12-31")
        self.env["pwik.dunning.stop"].create(
            {
                "partner_id": self.customer.id,
                "date_from": "2024-10-01",
                "move_ids": [(6, 0, self.invoice.ids)],
            }
        )
        notice = self.reminded("2025-03-01")
        self.assertEqual(notice.line_ids.move_line_id.move_id, other)
        self.assertEqual(exact(notice.amount), exact(other.amount_total))

    def test_open_payments_count(self):
        self.credit(self.customer, 400)
        self.assertEqual(exact(self.remind().item_ids.amount), exact(20.88))
        self.credit(self.customer, 20.88)
        self.assertEqual(self.remind().item_ids.state, "left_out")

    def test_paid_between_preview_and_approval(self):
        run = self.remind()
        self.pay(self.invoice, 420.88, "2024-10-20")
        run.action_approve()
        self.assertFalse(run.item_ids.notice_ids)
        self.assertEqual(run.item_ids.state, "left_out")

    def test_only_some_steps(self):
        self.assertEqual(self.remind(level_ids=[(6, 0, self.second.ids)]).item_ids.state, "left_out")
        self.assertEqual(self.remind(level_ids=[(6, 0, self.first.ids)]).item_ids.state, "pending")

    def test_fee_is_charged_when_it_is_sent(self):
        self.first.fee = 8.5
        run = self.remind()
        run.action_approve()
        notice = run.item_ids.notice_ids
        self.assertFalse(notice.fee_move_id)
        run.action_send()
        self.assertEqual(notice.fee_move_id.state, "posted")
        self.assertFalse(notice.fee_move_id.line_ids.tax_ids)
        self.customer.invalidate_recordset()
        self.assertAlmostEqual(self.customer.pwik_balance, 429.38)

    def test_a_person_leaves_somebody_out(self):
        run = self.remind()
        run.item_ids.action_leave_out()
        self.assertEqual((run.item_ids.state, run.pending_count), ("left_out", 0))

    def test_queries_do_not_grow_with_customers(self):
        partners = self.customer | self.env["res.partner"].concat(
            *(self.owe(f"Dłużnik {n}")[0] for n in range(6))
        )
        counts = []
        for some in (self.customer, partners):
            run = self.remind(partners=some)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            run.item_ids._find_steps()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)

    def test_rights(self):
        notice = self.reminded()
        service = self.make_user("tst_service", "pwik_meters.pwik_meters_group_user")
        self.assertTrue(notice.with_user(service).text)
        self.assertEqual(exact(notice.with_user(service).still_open), exact(420.88))
        with self.assertRaises(AccessError):
            notice.with_user(service).action_send()
        clerk = self.make_user("tst_clerk", "pwik_billing.pwik_billing_group_user")
        other, _invoice = self.owe("Inna", email="inna@example.com")
        run = self.make_dunning_run("reminder", other, DUE_PLUS_7).with_user(clerk)
        run.action_preview()
        run.action_approve()
        run.action_send()
        self.assertEqual(run.item_ids.notice_ids.state, "sent")
        with self.assertRaises(AccessError):
            self.first.with_user(clerk).days_overdue = 1
        stranger = self.make_user("tst_stranger", "pwik_billing.pwik_billing_group_user")
        company = self.env["res.company"].create({"name": "Inne wodociągi"})
        stranger.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        for records in (notice, notice.line_ids):
            self.assertFalse(self.env[records._name].with_user(stranger).search([("id", "in", records.ids)]))
