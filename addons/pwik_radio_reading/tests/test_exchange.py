from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import RadioCommon, plain_line


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
