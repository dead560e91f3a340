from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import exact
from .receivables_common import ReceivablesCommon

REST = [("2024-10-01", "2024-12-31", 1280), ("2025-01-01", "2025-03-31", 1300)]


@tagged("post_install", "-at_install")
class TestCutoff(ReceivablesCommon):
    """The reminder was received on 5 November 2024; two quarters after it are unpaid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("pl_PL")
        cls.today = fields.Date.context_today(cls.company)
        partners = cls.env["res.partner"]
        cls.municipality.write(
            {
                "inspector_id": partners.create(
                    {"name": "Sanepid Testowy", "city": "Źródła", "email": "sanepid@example.com"}
                ).id,
                "mayor_id": partners.create({"name": "Wójt Gminy Źródła", "city": "Źródła"}).id,
            }
        )
        cls.substitute = cls.env["pwik.substitute.point"].create(
            {
                "name": "Hydrant przy remizie",
                "directions": "codziennie 6–22",
                "municipality_id": cls.municipality.id,
            }
        )
        meter = cls.home.point_ids.meter_ids
        for start, end, value in REST:
            cls.make_reading(value, end, meter=meter)
            cls.bill(cls.home, start, end)
        run = cls.env["pwik.dunning.run"].create(
            {
                "kind": "reminder",
                "date": "2024-10-31",
                "issue_date": "2024-10-31",
                "partner_ids": [(6, 0, cls.customer.ids)],
            }
        )
        run.action_preview()
        run.action_approve()
        run.action_send()
        cls.reminder = run.item_ids.notice_ids
        cls.reminder.delivered_on = "2024-09-30"

    def make_order(self, **values):
        return self.env["pwik.cutoff.order"].create(
            {
                "contract_id": self.home.id,
                "planned_date": self.today + timedelta(days=30),
                "substitute_point_id": self.substitute.id,
                **values,
            }
        )

    def announced(self, received=None, **values):
        order = self.make_order(**values)
        order.action_announce()
        order.action_send_notices()
        if received:
            order.notice_ids.delivered_on = received
        return order

    def test_the_reminder_and_the_point_are_found(self):
        order = self.make_order()
        self.assertEqual(order.reminder_id, self.reminder)
        self.assertEqual(order.service_point_id, self.home.point_ids)
        self.assertEqual(order.unpaid_count, 2)
        self.assertFalse(order.obstacles)
        self.assertEqual(exact(order.overdue), exact(sum(self.home.move_ids.mapped("amount_residual"))))

    def test_without_a_received_reminder(self):
        self.reminder.delivered_on = False
        order = self.make_order()
        self.assertFalse(order.reminder_id)
        self.assertTrue(order.obstacles)
        with self.assertRaises(UserError):
            order.action_announce()

    def test_two_full_periods_after_it(self):
        """The quarter in which the reminder was received does not count."""
        self.reminder.delivered_on = "2024-10-15"
        order = self.make_order()
        self.assertEqual(order.unpaid_count, 1)
        with self.assertRaises(UserError):
            order.action_announce()

    def test_a_disputed_invoice_is_no_ground(self):
        self.env["pwik.dunning.stop"].create(
            {
                "partner_id": self.customer.id,
                "date_from": "2025-01-01",
                "move_ids": [(6, 0, self.home.move_ids.sorted("id")[-1:].ids)],
            }
        )
        self.assertEqual(self.make_order().unpaid_count, 1)

    def test_substitute_point_and_day_are_wanted(self):
        for missing in ("substitute_point_id", "planned_date"):
            with self.subTest(missing), self.cr.savepoint():
                order = self.make_order(**{missing: False})
                with self.assertRaises(UserError):
                    order.action_announce()
                order.unlink()
        with self.assertRaises(UserError):
            self.make_order(planned_date=self.today + timedelta(days=19)).action_announce()

    def test_three_notices(self):
        order = self.announced()
        self.assertEqual(order.state, "announced")
        self.assertEqual(
            order.notice_ids.mapped(lambda notice: (notice.who, notice.channel, notice.state)),
            [("customer", "letter", "sent"), ("inspector", "email", "sent"), ("mayor", "letter", "sent")],
        )
        self.assertEqual(order.notice_ids.mail_id.email_to, "sanepid@example.com")
        planned = fields.Date.to_string(order.planned_date)
        for notice in order.notice_ids:
            text = " ".join("\n".join(self.read_pdf(notice.attachment_id.raw)).split())
            expected = [notice.number, "Hydrant przy remizie", "codziennie 6–22", self.home.number]
            expected.append(".".join(reversed(planned.split("-"))))
            expected.append(notice.partner_id.name)
            for word in expected:
                with self.subTest(who=notice.who, word=word):
                    self.assertIn(word, text)
            self.assertEqual(self.invoice.name in text, notice.who == "customer")

    def test_the_municipality_has_no_addresses(self):
        self.municipality.mayor_id = False
        with self.assertRaises(UserError):
            self.make_order().action_announce()

    def test_twenty_days_after_the_last_receipt(self):
        order = self.announced(self.today)
        self.assertEqual(order.earliest_date, self.today + timedelta(days=20))
        order.notice_ids[0].delivered_on = False
        with self.assertRaises(UserError):
            order.action_order()
        order.notice_ids[0].delivered_on = self.today + timedelta(days=11)
        with self.assertRaises(UserError):
            order.action_order()
        order.notice_ids[0].delivered_on = self.today + timedelta(days=10)
        order.action_order()
        self.assertEqual(order.state, "ordered")

    def in_the_field(self):
        """An order whose notices were received long ago, handed to the field for today."""
        order = self.announced(self.today)
        self.cr.execute(
            "UPDATE pwik_cutoff_order SET planned_date = %s WHERE id = %s", (self.today, order.id)
        )
        order.invalidate_recordset()
        order.notice_ids.delivered_on = self.today - relativedelta(days=25)
        order.action_order()
        return order

    def test_cut_and_reconnected(self):
        order = self.in_the_field()
        work = order.work_order_ids
        self.assertEqual((work.kind, work.state, work.date_due), ("cutoff", "planned", self.today))
        self.assertEqual(work.meter_id, self.home.point_ids.meter_ids)
        worker = self.make_user("tst_worker", "pwik_meters.pwik_meters_group_reader")
        work.user_id = worker
        work.with_user(worker).result = "Zamknięto zawór, założono plombę."
        work.with_user(worker).action_done()
        self.assertEqual((order.state, order.cut_on), ("cut", self.today))
        self.assertTrue(self.home.is_cut_off)
        order._cron_follow_payments()
        self.assertEqual(order.state, "cut")
        for move in self.home.move_ids:
            self.pay(move, move.amount_residual, self.today)
        order._cron_follow_payments()
        self.assertEqual(order.state, "reconnecting")
        back = order.work_order_ids - work
        self.assertEqual((back.kind, back.state), ("reconnection", "planned"))
        back.result = "Otwarto."
        back.action_done()
        self.assertEqual((order.state, order.reconnected_on), ("closed", self.today))
        self.home.invalidate_recordset()
        self.assertFalse(self.home.is_cut_off)

    def test_paid_at_the_last_moment(self):
        """The worker at the valve cannot report what the law no longer allows."""
        order = self.in_the_field()
        self.pay(self.home.move_ids.sorted("id")[-1:], 10, self.today)
        order.work_order_ids.result = "Zamknięto."
        with self.assertRaises(UserError):
            order.work_order_ids.action_done()
        order._cron_follow_payments()
        self.assertEqual((order.state, order.work_order_ids.state), ("cancelled", "cancelled"))
        self.assertEqual(set(order.notice_ids.mapped("state")), {"cancelled"})

    def test_not_before_its_day(self):
        order = self.announced(self.today)
        order.action_order()
        order.work_order_ids.result = "Zamknięto."
        with self.assertRaises(UserError):
            order.work_order_ids.action_done()

    def test_another_day(self):
        order = self.announced(self.today)
        order.action_back_to_draft()
        order.planned_date = self.today + timedelta(days=40)
        order.action_announce()
        valid = order.notice_ids.filtered(lambda notice: notice.state != "cancelled")
        self.assertEqual(len(valid), 3)
        self.assertEqual(set(valid.mapped("planned_date")), {order.planned_date})
        self.assertEqual(len(set(order.notice_ids.mapped("number"))), 6)

    def complain(self, **values):
        """An open complaint of the customer about this contract, as eBOK makes it."""
        kind = self.env["pwik.case.type"].search([("handler", "=", "complaint")], limit=1)
        return self.env["pwik.case"].create(
            {
                "type_id": kind.id,
                "partner_id": self.customer.id,
                "contract_id": self.home.id,
                "description": "Za dużo",
                **values,
            }
        )

    def test_a_complaint_is_no_payment(self):
        """It holds an announced cut-off, cancels nothing and calls nothing paid; its end lets the cut-off go on."""
        order = self.announced(self.today)
        order.action_order()
        case = self.complain()
        for _again in range(2):
            order._cron_follow_payments()
        order.invalidate_recordset()
        self.assertEqual((order.state, order.is_held), ("ordered", True))
        self.assertEqual(set(order.notice_ids.mapped("state")), {"sent"})
        self.assertEqual(order.unpaid_count, 0)
        self.assertEqual(exact(order.overdue), exact(sum(self.home.move_ids.mapped("amount_residual"))))
        self.assertIn("Disputed", order.obstacles)
        told = [message for message in order.message_ids if "held" in (message.body or "")]
        self.assertEqual(len(told), 1)
        self.assertTrue(any("held" in (message.body or "") for message in order.work_order_ids.message_ids))
        with self.assertRaises(UserError):
            order._check_law(order.planned_date)
        case._close("done", decision="rejected")
        order._cron_follow_payments()
        self.assertEqual((order.state, order.is_held), ("ordered", False))

    def test_a_complaint_reconnects_nobody(self):
        order = self.in_the_field()
        order.work_order_ids.result = "Zamknięto."
        order.work_order_ids.action_done()
        self.complain()
        order._cron_follow_payments()
        order.invalidate_recordset()
        self.assertEqual(order.state, "cut")
        self.assertTrue(order.overdue)

    def test_a_draft_waits_while_he_owes(self):
        """Entered before there are two periods: nobody calls it paid."""
        self.reminder.delivered_on = "2024-10-15"
        order = self.make_order()
        order._cron_follow_payments()
        self.assertEqual(order.state, "draft")
        for move in self.home.move_ids:
            self.pay(move, move.amount_residual, self.today)
        order._cron_follow_payments()
        self.assertEqual(order.state, "cancelled")

    def test_an_open_credit_is_no_arrears(self):
        """Money that nobody matched stands against each step, and ends a cut-off that it covers."""
        order = self.in_the_field()
        owed = sum(self.home.move_ids.mapped("amount_residual"))
        credit = self.credit(self.customer, 100, self.today)
        order.invalidate_recordset()
        self.assertEqual(exact(order.overdue), exact(owed - 100))
        self.assertIn("100,00 zł", order.obstacles)
        order.work_order_ids.result = "Zamknięto."
        with self.assertRaises(UserError), self.cr.savepoint():
            order.work_order_ids.action_done()
        oldest = self.home.move_ids.sorted("id")[:1].line_ids.filtered(
            lambda line: line.account_id == credit.account_id
        )
        (oldest | credit).reconcile()
        order.work_order_ids.action_done()
        self.assertEqual(order.state, "cut")
        self.credit(self.customer, owed - 100, self.today)
        order._cron_follow_payments()
        self.assertEqual(order.state, "reconnecting")

    def test_an_open_credit_lets_nobody_announce(self):
        self.credit(self.customer, 5000)
        order = self.make_order()
        self.assertFalse(order.overdue)
        with self.assertRaises(UserError):
            order.action_announce()

    def test_correction_upwards_is_no_second_period(self):
        """One quarter since the reminder, with an invoice and its correction upwards: both unpaid, one period."""
        self.reminder.delivered_on = "2024-10-15"
        last = self.home.move_ids.sorted("id")[-1:]
        correction = self.correct(last, 1305, "2025-05-05")
        self.assertEqual((correction.move_type, correction.pwik_is_correction), ("out_invoice", True))
        order = self.make_order()
        self.assertEqual(order.unpaid_count, 1)
        self.pay(correction, 1, "2025-05-06")
        order.invalidate_recordset()
        self.assertEqual(order.unpaid_count, 0)

    def test_rights(self):
        order = self.announced()
        service = self.make_user("tst_service", "pwik_meters.pwik_meters_group_user")
        self.assertTrue(order.with_user(service).overdue)
        with self.assertRaises(AccessError):
            order.with_user(service).action_cancel()
        reader = self.make_user("tst_reader", "pwik_meters.pwik_meters_group_reader")
        with self.assertRaises(AccessError):
            order.with_user(reader).read(["number"])
        clerk = self.make_user("tst_clerk", "pwik_billing.pwik_billing_group_user")
        order.with_user(clerk).action_back_to_draft()
        order.with_user(clerk).action_announce()
        order.with_user(clerk).action_send_notices()
        stranger = self.make_user("tst_stranger", "pwik_billing.pwik_billing_group_user")
        company = self.env["res.company"].create({"name": "Inne wodociągi"})
        stranger.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        for records in (order, order.notice_ids, self.substitute):
            self.assertFalse(self.env[records._name].with_user(stranger).search([("id", "in", records.ids)]))
