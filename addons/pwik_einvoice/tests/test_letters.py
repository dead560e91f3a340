"""A letter is delivered when the post has it: until then it lies in the list of letters to be posted."""

from ast import literal_eval
from datetime import date, timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.modules.migration import load_script
from odoo.tests import Form, new_test_user, tagged

from .delivery_case import DeliveryCase


@tagged("post_install", "-at_install")
class TestLetters(DeliveryCase):
    def print_all(self):
        run = self.start()
        run._process_all()
        return run, run.delivery_ids.filtered(lambda row: row.channel == "paper")

    def post(self, records, day=None, number=False):
        action = records.action_post()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        self.assertTrue(form.letter_count)
        if day:
            form.date = day
        form.number = number
        form.save().action_post()

    def test_printed_is_not_delivered(self):
        run, letters = self.print_all()
        self.assertEqual(run.state, "done", "a pile of paper holds no run open")
        self.assertEqual((set(letters.mapped("state")), run.unposted_count), ({"printed"}, 2))
        self.assertFalse(any(letters.mapped("date_done")))
        self.assertEqual(set(letters.move_id.mapped("pwik_delivery_state")), {"open"})
        self.assertFalse(any(letters.move_id.mapped("is_move_sent")))
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_einvoice.pwik_delivery_action_letters")
        listed = self.env["pwik.delivery"].search(literal_eval(action["domain"]))
        self.assertEqual(listed & run.delivery_ids, letters)
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            letters.invalidate_recordset(["printed_days"])
            self.assertEqual(letters.mapped("printed_days"), [3, 3])

    def test_delivered_on_the_day_of_the_post(self):
        with freeze_time("2024-10-04 10:00:00"):
            run, letters = self.print_all()
        with freeze_time("2024-10-09 10:00:00"):
            self.post(run.batch_ids, "2024-10-07", "00259007738123456789")
        self.assertEqual(set(letters.mapped("state")), {"done"})
        self.assertEqual({moment.date() for moment in letters.mapped("date_done")}, {date(2024, 10, 7)})
        self.assertEqual(set(letters.mapped("posting_number")), {"00259007738123456789"})
        batch = run.batch_ids
        self.assertEqual(
            (batch.state, batch.mailed_on, batch.posting_number),
            ("mailed", date(2024, 10, 7), "00259007738123456789"),
        )
        self.assertEqual(set(letters.move_id.mapped("pwik_delivery_state")), {"done"})
        self.assertTrue(all(letters.move_id.mapped("is_move_sent")))
        with self.assertRaises(UserError):
            letters._post(date(2024, 10, 8))
        batch.action_mark_to_print()
        self.assertEqual((batch.state, set(letters.mapped("state"))), ("made", {"printed"}))
        self.assertFalse(any(letters.mapped("posted_on")) or any(letters.move_id.mapped("is_move_sent")))

    def test_days_that_cannot_be(self):
        with freeze_time("2024-10-04 10:00:00"):
            _run, letters = self.print_all()
            for day, words in ((date(2024, 10, 5), "future"), (date(2024, 10, 3), "printed on")):
                with self.assertRaisesRegex(UserError, words):
                    letters._post(day)
        self.assertEqual(set(letters.mapped("state")), {"printed"})

    def test_a_part_of_a_batch(self):
        run, letters = self.print_all()
        self.post(letters[0])
        self.assertEqual((letters.mapped("state"), run.batch_ids.state), (["done", "printed"], "made"))
        letters[1].action_resend()
        run._process_all()
        old, new = run.batch_ids.sorted("id")
        self.assertEqual((letters[1].batch_id, letters[1].state, old.state), (new, "printed", "made"))
        old.action_mark_mailed()
        self.assertEqual((old.state, new.state), ("mailed", "made"))
        new.action_mark_mailed()
        self.assertEqual(set(letters.mapped("state")), {"done"})

    def test_who_may_say_so(self):
        run, letters = self.print_all()
        service = new_test_user(self.env, "service", "base.group_user,pwik_meters.pwik_meters_group_user")
        clerk = new_test_user(self.env, "clerk", "base.group_user,pwik_billing.pwik_billing_group_user")
        with self.assertRaises(AccessError):
            letters.with_user(service)._post(fields.Date.today())
        letters.with_user(clerk)._post(fields.Date.context_today(letters))
        self.assertEqual(run.batch_ids.state, "mailed")

    def test_existing_letters_follow(self):
        """A database in which letters were delivered when they were printed."""
        run, letters = self.print_all()
        self.company.pwik_batch_letters = 1
        letters.write({"state": "done", "date_done": fields.Datetime.now(), "date_printed": False})
        other = letters[1].batch_id.copy({"state": "mailed", "mailed_on": "2024-10-07"})
        letters[1].batch_id = other
        self.env.flush_all()
        script = load_script("pwik_einvoice/migrations/19.0.1.3.0/post-migrate.py", "post_migrate_letters")
        script.migrate(self.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertEqual(letters.mapped("state"), ["printed", "done"])
        self.assertTrue(all(letters.mapped("date_printed")))
        self.assertEqual((letters[0].date_done, letters[1].posted_on), (False, date(2024, 10, 7)))
        self.assertEqual(letters[1].date_done.date(), date(2024, 10, 7))
