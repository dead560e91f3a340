from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form

from .common import RadioCommon, plain_line, plain_telegram

# What the tour must give, worked out by hand from what tests/radio_fixture.py encodes.
TOUR = {
    1: ("seen", "not_best"),
    2: ("done", None),
    3: ("done", None),
    4: ("done", None),
    5: ("done", None),
    6: ("error", "bad_crc"),
    7: ("quarantine", "unknown_module"),
    8: ("error", "no_key"),
    9: ("review", "below_last"),
    10: ("error", "wrong_key"),
}


class TestChain(RadioCommon):
    """From the file to accepted readings."""

    def test_tour_gives_readings_and_each_trouble_its_reason(self):
        dump = self.import_dump()
        self.assertEqual(self.outcomes(dump), TOUR)
        self.assertEqual(dump.state, "done")
        self.assertEqual(dump.format_code, "collector")
        self.assertEqual(
            (
                dump.line_count,
                dump.done_count,
                dump.review_count,
                dump.seen_count,
                dump.quarantine_count,
                dump.error_count,
            ),
            (10, 4, 1, 1, 1, 3),
        )
        accepted = {
            reading.meter_id: (reading.value, reading.moment)
            for reading in self.radio_readings()
            if reading.state == "accepted"
        }
        self.assertEqual(
            accepted,
            {
                # the register of the month's end, 23:59:59 in Poland
                self.meters[1]: (120.0, datetime(2025, 3, 31, 21, 59, 59)),
                self.meters[2]: (223.45, datetime(2025, 4, 1, 6, 0, 20)),
                self.meters[3]: (323.456, datetime(2025, 4, 1, 6, 0, 30)),
                self.meters[4]: (423.456, datetime(2025, 4, 1, 6, 0, 40)),
            },
        )

    def test_times_without_a_zone_are_the_utilitys(self):
        telegram = plain_telegram("10000077", 5000)
        dump = self.import_dump(b"T1;1;1;2025-07-01 08:00:00.000;97;148;10000077;0x%s\n" % telegram.encode())
        self.assertEqual(dump.format_code, "rtl_wmbus")
        self.assertEqual(dump.line_ids.received, datetime(2025, 7, 1, 6, 0))

    def test_lines_keep_raw_and_what_they_gave(self):
        dump = self.import_dump()
        raw = self.tour.decode().splitlines()
        for number, line in self.lines_by_number(dump).items():
            self.assertEqual(line.raw, raw[number - 1])
        line = self.lines_by_number(dump)[2]
        self.assertEqual(line.module_id, self.modules[1])
        self.assertEqual(line.meter_id, self.meters[1])
        self.assertEqual(line.received, datetime(2025, 4, 1, 6, 0, 10))
        self.assertEqual(line.rssi, -61)
        self.assertEqual(line.value, 120.0)
        self.assertEqual(line.reading_id.radio_line_ids, line)
        self.assertEqual(self.lines_by_number(dump)[7].value, 321.987)

    def test_below_last_goes_to_review_with_the_finding(self):
        dump = self.import_dump()
        reading = self.lines_by_number(dump)[9].reading_id
        self.assertEqual(reading.state, "to_review")
        self.assertIn("V06", reading.finding_codes)
        self.assertEqual(reading.value, 90.0)

    def test_module_remembers_when_it_was_heard(self):
        self.import_dump()
        self.assertEqual(self.modules[1].last_seen, datetime(2025, 4, 1, 6, 0, 10))
        self.assertEqual(self.modules[1].last_rssi, -61)
        self.assertFalse(self.modules[5].last_seen)

    def make_timeless(self):
        """Two telegrams of overlay 5 without a clock, as a CMeX50 keeps them: no time in the file either."""
        self.modules[5].write({"manufacturer": "DIE", "version": "35"})
        rows = (
            f"10000005;DIE;35;07;0;-70;T1;{plain_telegram('10000005', litres)};"
            for litres in (515_000, 515_001)
        )
        return "\n".join(rows).encode() + b"\n"

    def test_a_file_without_times_takes_the_moment_that_was_told(self):
        dump = self.import_dump(self.make_timeless())
        self.assertEqual(dump.format_code, "elvaco_cmex50")
        self.assertEqual(set(self.outcomes(dump).values()), {("error", "no_time")})
        self.assertTrue(dump.may_tell_time)
        told = datetime(2025, 4, 2, 8, 0)
        reader = self.make_user("radio-reader", "pwik_meters.pwik_meters_group_reader")
        wizards = self.env["pwik.radio.moment.wizard"].with_user(reader).with_context(active_id=dump.id)
        with self.assertRaisesRegex(UserError, "ahead"):
            wizards.create({"recorded_at": datetime(2999, 1, 1)}).action_tell()
        wizards.create({"recorded_at": told}).action_tell()
        self.assertEqual(self.outcomes(dump), {1: ("seen", "not_best"), 2: ("done", None)})
        line = self.lines_by_number(dump)[2]
        self.assertEqual((line.reading_id.moment, line.reading_id.value), (told, 515.001))
        self.assertEqual((line.received, line.is_time_told), (False, True))
        self.assertFalse(dump.may_tell_time, "a reading rests on it")
        with self.assertRaisesRegex(UserError, "waits"):
            wizards.create({"recorded_at": datetime(2025, 4, 3)}).action_tell()

    def test_the_time_is_told_before_anybody_knows_the_overlays(self):
        row = f"77000001;DIE;35;07;0;-70;T1;{plain_telegram('77000001', 1)};\n".encode()
        dump = self.import_dump(row)
        self.assertEqual((dump.line_ids.state, dump.may_tell_time), ("quarantine", True))
        dump.tell_time(datetime(2025, 4, 2, 8, 0))
        self.assertEqual((dump.line_ids.state, dump.line_ids.is_time_told), ("quarantine", True))

    def test_the_wizard_asks_when_a_file_has_no_times(self):
        files = self.env["ir.attachment"].create(
            [
                {"name": name, "raw": content, "res_model": "pwik.radio.import.wizard"}
                for name, content in (("cmex.txt", self.make_timeless()), ("tour.jsonl", self.tour))
            ]
        )
        with Form(self.env["pwik.radio.import.wizard"]) as form:
            form.attachment_ids.add(files[1])
            self.assertFalse(form.wants_moment)
            form.attachment_ids.add(files[0])
            self.assertTrue(form.wants_moment)
            form.recorded_at = "2025-04-02 08:00:00"
        dumps = self.dumps.search(form.record.action_import()["domain"], order="name")
        self.assertEqual(dumps.mapped("recorded_at"), [datetime(2025, 4, 2, 8, 0), False])
        self.assertEqual(dumps[0].done_count, 1)
        self.assertFalse(any(dumps[1].line_ids.mapped("is_time_told")))

    def test_telegrams_from_the_future_touch_nothing(self):
        """A laptop a year ahead: its telegrams have their reason, and the true ones count as if those were not there."""
        ahead = fields.Datetime.now() + timedelta(days=365)
        moment = f"{ahead:%Y-%m-%dT%H:%M:%SZ}"
        self.modules[5].write({"manufacturer": "DIE", "version": "35"})
        dump = self.import_dump(
            plain_line("10000005", 530_000, moment) + plain_line("10000005", 520_000, "2025-04-01T06:00:00Z")
        )
        self.assertEqual(self.outcomes(dump), {1: ("error", "future"), 2: ("done", None)})
        self.assertEqual(self.modules[5].last_seen, datetime(2025, 4, 1, 6))
        self.assertEqual(dump.line_ids.reading_id.value, 520.0)

    def test_a_clock_a_lifetime_off_spoils_no_dump(self):
        """The overlay's own clock is 75 years ahead: more seconds than the column of the drift holds."""
        self.modules[5].write({"manufacturer": "DIE", "version": "35"})
        for table in ("pwik_meter_installation", "pwik_radio_module_assignment"):
            self.env.cr.execute(
                f"UPDATE {table} SET date_from = '2004-01-01' WHERE meter_id = %s", [self.meters[5].id]
            )
        self.env.invalidate_all()
        # VIF 6D, type F: 2080-12-31 23:59
        dump = self.import_dump(plain_line("10000005", 520_000, "2005-06-01T06:00:00Z", "046D" + "3B171FAC"))
        self.assertEqual((dump.state, dump.error), ("done", False))
        reading = dump.line_ids.reading_id
        self.assertEqual((reading.value, reading.radio_clock_drift), (520.0, 2**31 - 1))
