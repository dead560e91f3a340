from datetime import date, datetime

from .common import RadioCommon, dump_line, month_end_telegram

ENDS = [(date(2025, 3, 31), 516_000), (date(2025, 2, 28), 514_000), (date(2025, 1, 31), 512_000)]
LAST_MOMENTS = {  # of the months, 23:59:59 in Poland
    1: datetime(2025, 1, 31, 22, 59, 59),
    2: datetime(2025, 2, 28, 22, 59, 59),
    3: datetime(2025, 3, 31, 21, 59, 59),
}


class TestMissedMonths(RadioCommon):
    """The month-end values that an overlay keeps become readings of the months that have none."""

    def setUp(self):
        super().setUp()
        self.modules[5].write({"manufacturer": "DIE", "version": "35"})
        self.telegram = month_end_telegram("10000005", 516_500, ENDS)

    def hear(self, moment="2025-04-02T08:00:00Z", telegram=None):
        return self.import_dump(dump_line(telegram or self.telegram, moment))

    def readings(self):
        found = self.env["pwik.reading"].search([("meter_id", "=", self.meters[5].id)], order="moment")
        return [(reading.moment, reading.value) for reading in found]

    def test_each_month_gets_its_value_with_where_it_came_from(self):
        dump = self.hear()
        self.assertEqual(
            self.readings(), [(LAST_MOMENTS[1], 512.0), (LAST_MOMENTS[2], 514.0), (LAST_MOMENTS[3], 516.0)]
        )
        line = dump.line_ids
        self.assertEqual((line.state, line.value), ("done", 516.0))
        filled = line.filled_reading_ids
        self.assertEqual(sorted(filled.mapped("value")), [512.0, 514.0])
        everything = filled | line.reading_id
        self.assertEqual(set(everything.mapped("state")), {"accepted"})
        self.assertEqual(set(everything.mapped("source")), {"radio"})
        self.assertEqual(everything.sorted("moment").mapped("consumption"), [2.0, 2.0, 2.0])
        self.assertTrue(all(everything.mapped("radio_fixed_day")))
        self.assertFalse(line.reading_id.filled_from_line_id)

    def test_only_months_without_a_reading(self):
        self.make_reading(513, moment=datetime(2025, 2, 10, 9, 0), meter=self.meters[5])
        self.hear()
        self.assertEqual(
            [moment for moment, _value in self.readings()],
            [LAST_MOMENTS[1], datetime(2025, 2, 10, 9, 0), LAST_MOMENTS[3]],
        )

    def test_an_estimated_month_was_missed(self):
        """What the overlay kept settles the estimate, be it lower; the estimate stays what it was."""
        guess = self.make_reading(
            530, moment=datetime(2025, 2, 28, 11, 0), meter=self.meters[5], source="estimate"
        )
        filled = self.hear().line_ids.filled_reading_ids.sorted("moment")
        self.assertEqual(
            [(r.moment, r.value, r.state) for r in filled],
            [(LAST_MOMENTS[1], 512.0, "accepted"), (LAST_MOMENTS[2], 514.0, "accepted")],
        )
        self.assertEqual((guess.state, guess.value), ("accepted", 530))
        last = self.env["pwik.reading"].search(
            [("meter_id", "=", self.meters[5].id)], order="moment desc", limit=1
        )
        self.assertEqual((last.moment, last.consumption), (LAST_MOMENTS[3], 2.0))

    def test_once(self):
        self.hear()
        before = self.readings()
        dump = self.hear("2025-04-03T08:00:00Z")
        self.assertEqual(self.readings(), before)
        self.assertEqual(dump.line_ids.reason, "duplicate")

    def test_what_somebody_rejected_does_not_come_back(self):
        filled = self.hear().line_ids.filled_reading_ids
        filled.sorted("moment")[0].action_reject("was misread")
        self.hear("2025-04-03T08:00:00Z")
        again = self.env["pwik.reading"].search(
            [("meter_id", "=", self.meters[5].id), ("moment", "=", LAST_MOMENTS[1])]
        )
        self.assertEqual(again.mapped("state"), ["rejected"])

    def test_not_from_before_the_overlay_or_the_meter_came(self):
        self.modules[5].assignment_ids.date_from = "2025-02-10 00:00:00"
        self.hear()
        self.assertEqual([moment for moment, _value in self.readings()], [LAST_MOMENTS[2], LAST_MOMENTS[3]])

    def test_a_value_that_fits_no_series_waits_and_the_line_stands(self):
        ends = [ENDS[0], (date(2025, 2, 28), 100_000)]
        dump = self.hear(telegram=month_end_telegram("10000005", 516_500, ends))
        filled = dump.line_ids.filled_reading_ids
        self.assertEqual(filled.state, "to_review")
        self.assertIn("V06", filled.finding_codes)
        self.assertNotEqual(dump.line_ids.state, "error")

    def test_a_dump_that_filled_months_is_kept(self):
        dump = self.hear()
        dump.line_ids.write({"reading_id": False})
        with self.assertRaisesRegex(Exception, "kept"):
            dump.unlink()
