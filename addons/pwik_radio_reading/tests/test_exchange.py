from ast import literal_eval
from datetime import date, datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import RadioCommon, dump_line, month_end_telegram, plain_line


class TestOverlayExchange(RadioCommon):
    """The overlay of a meter, or the meter under an overlay, is exchanged in one step, and a mistake can be taken back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls.make_user("radio-office", "pwik_meters.pwik_meters_group_user")
        cls.reader = cls.make_user("radio-reader", "pwik_meters.pwik_meters_group_reader")
        cls.spare = cls.env["pwik.radio.module"].create(
            {"manufacturer": "DIE", "serial": "77000001", "version": "35", "medium": "07"}
        )
        cls.at = fields.Datetime.now() - timedelta(hours=2)

    def stays(self, module):
        return [
            (stay.meter_id, stay.date_from, stay.date_to or None)
            for stay in module.assignment_ids.sorted("date_from")
        ]

    def exchange(self, record, user=None, **values):
        wizard = (
            self.env["pwik.radio.exchange.wizard"]
            .with_user(user or self.office)
            .with_context(active_model=record._name, active_id=record.id)
        )
        with Form(wizard) as form:
            for name, value in values.items():
                form[name] = value
        form.record.action_apply()

    def exchange_meter(self, old, **values):
        wizard = (
            self.env["pwik.meter.exchange"]
            .with_user(self.office)
            .with_context(active_model="pwik.meter", active_id=old.id)
        )
        with Form(wizard) as form:
            for name, value in values.items():
                form[name] = value
        form.record.action_apply()

    def test_new_overlay_on_the_meter(self):
        meter, old = self.meters[1], self.modules[1]
        kept = self.import_dump(
            plain_line("77000001", 123_456, f"{self.at + timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}")
        )
        self.assertEqual(kept.line_ids.reason, "not_assigned")
        self.exchange(meter, new_module_id=self.spare, moment=self.at, reason="battery")
        self.assertEqual(self.stays(old), [(meter, datetime(2025, 1, 1), self.at)])
        self.assertEqual(self.stays(self.spare), [(meter, self.at, None)])
        self.assertEqual(meter.radio_module_id, self.spare)
        self.assertEqual(kept.line_ids.meter_id, meter)  # its telegram ran again
        for module in old | self.spare:
            self.assertIn("battery", module.message_ids[0].body)

    def test_overlay_taken_off_and_put_on_elsewhere(self):
        self.exchange(self.modules[1], moment=self.at)
        self.assertFalse(self.modules[1].meter_id)
        self.exchange(self.modules[1], meter_id=self.meter, moment=self.at + timedelta(minutes=1))
        self.assertEqual(self.modules[1].meter_id, self.meter)

    def test_nothing_to_do_and_the_future_are_refused(self):
        with self.assertRaises(UserError):
            self.exchange(self.meter)
        with self.assertRaises(UserError):
            self.exchange(self.meters[1], new_module_id=self.spare, moment=self.at + timedelta(days=1))
        with self.assertRaises(AccessError):
            self.exchange(self.meters[1], user=self.reader, new_module_id=self.spare)

    def test_meter_under_the_overlay(self):
        old, new, module = self.meters[1], self.make_meter("NEW-1"), self.modules[1]
        day = fields.Date.today()
        self.exchange_meter(old, new_meter_id=new, end_value=150.0, start_value=0.0, date=day)
        moment = old._get_moment(day)
        self.assertEqual(new.radio_module_id, module)
        self.assertEqual([stay[0] for stay in self.stays(module)], [old, new])
        self.assertEqual(self.stays(module)[0][2], self.stays(module)[1][1])
        self.assertLess(abs(self.stays(module)[1][1] - moment), timedelta(minutes=1))

    def test_meter_exchanged_with_its_overlay(self):
        old, new, module = self.meters[1], self.make_meter("NEW-1"), self.modules[1]
        self.exchange_meter(
            old, new_meter_id=new, end_value=150.0, overlay_step="off", new_module_id=self.spare
        )
        self.assertFalse(module.meter_id)
        self.assertEqual(new.radio_module_id, self.spare)

    def test_kept_telegrams_of_the_new_overlay_run_again(self):
        old, new, day = self.meters[1], self.make_meter("NEW-1"), fields.Date.today() - timedelta(days=1)
        later = old._get_moment(day) + timedelta(hours=1)
        kept = self.import_dump(plain_line("77000001", 1_000, f"{later:%Y-%m-%dT%H:%M:%SZ}")).line_ids
        self.assertEqual((kept.state, kept.reason), ("quarantine", "not_assigned"))
        self.exchange_meter(
            old, new_meter_id=new, end_value=150.0, date=day, overlay_step="off", new_module_id=self.spare
        )
        self.assertEqual((kept.reading_id.meter_id, kept.reading_id.value), (new, 1.0))

    def test_telegrams_of_the_moved_overlay_whose_reading_was_rejected_run_again(self):
        """The meter was exchanged a day ago and the overlay spoke for the old one until somebody saw it."""
        old, module, day = self.meters[5], self.modules[5], fields.Date.today() - timedelta(days=1)
        module.write({"manufacturer": "DIE", "version": "35"})
        later = old._get_moment(day) + timedelta(hours=1)
        line = self.import_dump(plain_line("10000005", 1_000, f"{later:%Y-%m-%dT%H:%M:%SZ}")).line_ids
        wrong = line.reading_id
        self.assertEqual((wrong.meter_id, wrong.state), (old, "to_review"))
        wrong.action_reject("of the new meter")
        new = self.make_meter("NEW-1")
        self.exchange_meter(old, new_meter_id=new, end_value=530.0, date=day)
        self.assertEqual((line.meter_id, line.reading_id.meter_id, line.reading_id.value), (new, new, 1.0))
        self.assertEqual(wrong.state, "rejected")

    def test_meter_taken_out_takes_the_overlay_off(self):
        self.exchange_meter(self.meters[1], operation="remove", end_value=150.0)
        self.assertFalse(self.modules[1].meter_id)
        self.assertTrue(self.modules[1].assignment_ids.date_to)

    def test_moment_lies_on_the_day(self):
        with self.assertRaisesRegex(UserError, "day of the exchange"):
            self.exchange_meter(
                self.meters[1],
                new_meter_id=self.make_meter("NEW-1"),
                end_value=150.0,
                overlay_moment=fields.Datetime.now() - timedelta(days=3),
            )

    def test_taken_back(self):
        meter, old = self.meters[1], self.modules[1]
        self.exchange(meter, new_module_id=self.spare, moment=self.at)
        with self.assertRaises(AccessError):
            self.spare.assignment_ids.with_user(self.reader).action_take_back()
        self.spare.assignment_ids.with_user(self.office).action_take_back()
        self.assertFalse(self.spare.assignment_ids)
        self.assertEqual(self.stays(old), [(meter, datetime(2025, 1, 1), None)])
        self.assertEqual(meter.radio_module_id, old)

    def test_an_end_is_taken_back(self):
        self.exchange(self.modules[1], moment=self.at)
        self.modules[1].assignment_ids.with_user(self.office).action_take_back()
        self.assertEqual(self.stays(self.modules[1]), [(self.meters[1], datetime(2025, 1, 1), None)])

    def test_an_older_one_is_not_taken_back_before_a_newer_one(self):
        self.exchange(self.meters[1], new_module_id=self.spare, moment=self.at)
        with self.assertRaisesRegex(UserError, "newest"):
            self.modules[1].assignment_ids.action_take_back()

    def test_what_gave_a_reading_is_not_taken_back(self):
        self.import_dump()
        line = self.env["pwik.radio.dump.line"].search(
            [("module_id", "=", self.modules[1].id), ("reading_id", "!=", False)], limit=1
        )
        self.assertTrue(line)
        with self.assertRaisesRegex(UserError, "reading"):
            self.modules[1].assignment_ids.action_take_back()
        with self.assertRaisesRegex(UserError, "reading"):
            self.exchange(
                self.meters[1], new_module_id=self.spare, moment=line.received - timedelta(minutes=1)
            )

    def test_an_exchange_is_done_once(self):
        """Two forms, or one that is sent twice: the second exchanges nothing, whatever the first did."""
        meter, old = self.meters[1], self.modules[1]
        wizard = (
            self.env["pwik.radio.exchange.wizard"]
            .with_user(self.office)
            .with_context(active_model="pwik.meter", active_id=meter.id)
        )
        with Form(wizard) as first:
            first.new_module_id = self.spare
            first.moment = self.at
        with Form(wizard) as second:
            second.moment = self.at + timedelta(minutes=1)
        first.record.action_apply()
        stays = self.stays(old), self.stays(self.spare)
        for form in (first, second):
            with self.assertRaisesRegex(UserError, "meanwhile"):
                form.record.action_apply()
        self.assertEqual((self.stays(old), self.stays(self.spare)), stays)

    def test_what_the_form_showed_comes_with_it(self):
        """The meter got its overlay after the form was opened and before it was saved."""
        wizard = (
            self.env["pwik.radio.exchange.wizard"]
            .with_user(self.office)
            .with_context(active_model="pwik.meter", active_id=self.meter.id)
        )
        form = Form(wizard)
        form.new_module_id = self.spare
        self.env["pwik.radio.module.assignment"]._put_on(
            self.spare.copy({"serial": "77000002"}), self.meter, self.at - timedelta(hours=1)
        )
        form.save()
        with self.assertRaisesRegex(UserError, "meanwhile"):
            form.record.action_apply()

    def test_the_same_overlay_is_no_exchange(self):
        with self.assertRaisesRegex(UserError, "already"):
            self.exchange(self.meters[1], new_module_id=self.modules[1])

    def test_taken_back_beside_a_stay_of_no_time(self):
        meter, old = self.meters[1], self.modules[1]
        assignments = self.env["pwik.radio.module.assignment"]
        assignments.create(
            {"module_id": self.spare.id, "meter_id": meter.id, "date_from": self.at, "date_to": self.at}
        )
        other = self.spare.copy({"serial": "77000002"})
        self.exchange(meter, new_module_id=other, moment=self.at)
        other.assignment_ids.with_user(self.office).action_take_back()
        self.env.flush_all()
        self.assertEqual(self.stays(old), [(meter, datetime(2025, 1, 1), None)])
        self.assertEqual(self.stays(self.spare), [(meter, self.at, self.at)])

    def test_only_meters_that_hang_somewhere_are_offered(self):
        view = self.env["pwik.radio.exchange.wizard"].with_user(self.office)
        domain = view.fields_get(["meter_id"])["meter_id"]["domain"]
        stock = self.make_meter("STOCK-1")
        offered = self.env["pwik.meter"].search(literal_eval(domain))
        self.assertIn(self.meters[1], offered)
        self.assertNotIn(stock, offered)


class TestStay(RadioCommon):
    """No time that a reading came of falls out of a stay, by whichever way, and who changes a stay is told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls.make_user("radio-office", "pwik_meters.pwik_meters_group_user")
        cls.module, cls.on = cls.modules[5], cls.meters[5]
        cls.module.write({"manufacturer": "DIE", "version": "35"})
        cls.stay = cls.module.assignment_ids

    def assert_refused(self, **vals):
        with self.assertRaisesRegex(UserError, "reading"):
            self.stay.with_user(self.office).write(vals)

    def test_edited_in_the_list(self):
        """Heard on 1 April at 6:00: the end may come after it, not before; and not another meter."""
        reading = self.import_dump(plain_line("10000005", 520_000)).line_ids.reading_id
        self.assertEqual(reading.state, "accepted")
        for record, name in ((self.module, "assignment_ids"), (self.on, "radio_assignment_ids")):
            with Form(record.with_user(self.office)) as form:
                with getattr(form, name).edit(0) as row:
                    row.date_to = "2025-03-01 00:00:00"
                with self.assertRaisesRegex(UserError, "reading"):
                    form.save()
                with getattr(form, name).edit(0) as row:
                    row.date_to = "2025-05-01 00:00:00"
        self.assertEqual(self.stay.date_to, datetime(2025, 5, 1))
        self.assert_refused(meter_id=self.meter.id)
        self.assert_refused(module_id=self.modules[6].id)
        self.assert_refused(date_from="2025-04-01 06:00:01")
        self.assert_refused(date_to="2025-04-01 06:00:00")
        self.stay.with_user(self.office).write(
            {"date_from": "2025-04-01 06:00:00", "date_to": "2025-04-01 06:00:01"}
        )
        reading.action_reject("wrong meter")
        self.stay.with_user(self.office).write({"meter_id": self.meter.id})
        self.assertEqual(self.stay.meter_id, self.meter)

    def test_alarms_end_with_the_stay(self):
        """Nothing will deny them any more; what an older file brings afterwards is history."""
        alarms = self.env["pwik.radio.alarm"]

        def observe(day):
            return alarms._observe(
                [(self.module.id, self.on.id, datetime(2025, 4, day), frozenset(["magnet"]))]
            )

        alarm = observe(1)
        self.stay.with_user(self.office).date_to = fields.Datetime.now() + timedelta(days=3)
        self.assertEqual(alarm.state, "open")
        self.stay.date_to = False
        self.env["pwik.radio.module.assignment"]._take_off(self.module, self.on, datetime(2025, 5, 1))
        self.assertEqual(alarm.state, "closed")
        self.assertFalse(observe(20))
        self.assertFalse(self.module.alarm_ids.filtered(lambda one: one.state == "open"))

    def test_alarms_end_with_a_stay_that_never_was(self):
        alarm = self.env["pwik.radio.alarm"]._observe(
            [(self.module.id, self.on.id, datetime(2025, 4, 1), frozenset(["leak"]))]
        )
        self.stay.with_user(self.office).action_take_back()
        self.assertEqual(alarm.state, "closed")

    def test_a_wider_stay_is_free(self):
        self.import_dump(plain_line("10000005", 520_000))
        self.stay.date_to = "2025-05-01 00:00:00"
        self.stay.write({"date_from": "2024-12-01 00:00:00", "date_to": False})
        self.assertEqual((self.stay.date_from, self.stay.date_to), (datetime(2024, 12, 1), False))

    def test_a_file_that_gave_no_time(self):
        """The telegram's own time counts, which is on the line as the moment of the value."""
        line = self.import_dump(plain_line("10000005", 520_000)).line_ids
        # as dump_packet leaves a line of a file without times
        line.received = False
        self.assertEqual(line.value_moment, datetime(2025, 4, 1, 6, 0))
        self.assert_refused(date_to="2025-04-01 06:00:00")
        with self.assertRaisesRegex(UserError, "reading"):
            self.env["pwik.radio.module.assignment"]._take_off(
                self.module, self.on, datetime(2025, 4, 1, 5, 0)
            )
        self.stay.date_to = "2025-04-01 06:00:01"

    def test_a_month_filled_in(self):
        """A reading of February out of a telegram of April, whose own reading was rejected."""
        telegram = month_end_telegram("10000005", 520_000, [(date(2025, 2, 28), 515_000)])
        line = self.import_dump(dump_line(telegram)).line_ids
        filled = line.filled_reading_ids
        self.assertEqual((len(filled), filled.date), (1, date(2025, 2, 28)))
        line.reading_id.action_reject("x")
        self.assert_refused(date_to="2025-03-15 00:00:00")  # the telegram falls out of it
        self.assert_refused(date_from="2025-03-15 00:00:00")  # the end of February does
        filled.action_reject("x")
        self.stay.date_to = "2025-03-15 00:00:00"

    def test_another_stay_of_the_same_two_counts_for_itself(self):
        self.stay.date_to = "2025-03-01 00:00:00"
        again = self.stay.copy({"date_from": "2025-03-15 00:00:00", "date_to": False})
        self.import_dump(plain_line("10000005", 520_000))
        self.stay.date_to = "2025-02-01 00:00:00"
        self.stay.unlink()
        with self.assertRaisesRegex(UserError, "reading"):
            again.unlink()

    def test_changes_are_told(self):
        stay = self.stay.with_user(self.office).with_context(tracking_disable=False)
        stay.date_to = "2025-05-01 00:00:00"
        told = self.module.message_ids[0]
        self.assertIn("01.05.2025 00:00:00", told.body)
        self.assertEqual(told.author_id, self.office.partner_id)
        stay.module_id = self.modules[6].copy({"serial": "10000066"})
        for module in (self.module, stay.module_id):
            self.assertIn("10000066", module.message_ids[0].body)
        self.assertEqual(len(self.module.message_ids.filtered(lambda one: "→" in one.body)), 2)

    def test_an_exchange_of_the_meter_is_told(self):
        """Once when the overlay leaves the old meter, once when it sits on the new one; by the office's own form."""
        new = self.make_meter("NEW-1")
        wizard = (
            self.env["pwik.meter.exchange"]
            .with_user(self.office)
            .with_context(active_model="pwik.meter", active_id=self.on.id, tracking_disable=False)
        )
        with Form(wizard) as form:
            form.new_meter_id = new
            form.end_value = 530.0
        before = self.module.message_ids
        form.record.action_apply()
        told = self.module.message_ids - before
        self.assertEqual(len(told), 2)
        self.assertIn("NEW-1", told[0].body)
        self.assertIn(self.on.serial, told[1].body)

    def test_taken_off_before_an_end_to_come(self):
        """An end that was entered beforehand does not keep the overlay on the meter."""
        now = fields.Datetime.now()
        self.stay.date_to = now + timedelta(days=10)
        assignments = self.env["pwik.radio.module.assignment"]
        assignments._take_off(self.module, self.on, now - timedelta(days=1))
        self.assertEqual(self.stay.date_to, now - timedelta(days=1))
        with self.assertRaisesRegex(UserError, "did not sit"):
            assignments._take_off(self.module, self.on, now)
        with self.assertRaisesRegex(UserError, "did not sit"):
            assignments._take_off(self.module, self.meter, now)
        with self.assertRaisesRegex(UserError, "since"):
            assignments._take_off(self.module, self.on, datetime(2024, 12, 1))
