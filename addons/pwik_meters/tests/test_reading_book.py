from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .common import PIXEL, PwikCommon


class BookCase(PwikCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls.make_user("reader", "pwik_meters.pwik_meters_group_reader")
        cls.clerk = cls.make_user("clerk", "pwik_meters.pwik_meters_group_user")
        cls.route.reader_id = cls.reader
        cls.book = cls.env["pwik.reading.book"].create({"route_id": cls.route.id, "date": "2025-02-28"})
        cls.line, cls.other_line = cls.book.line_ids


@tagged("post_install", "-at_install")
class TestReadingBook(BookCase):
    def test_book_holds_the_route_in_order(self):
        self.assertEqual(self.book.reader_id, self.reader)
        self.assertEqual(self.book.line_ids.meter_id, self.meter | self.other_meter)
        self.assertEqual(self.book.line_ids.mapped("sequence"), [1, 2])
        self.assertEqual((self.book.progress_text, self.book.missing_count), ("0 of 2 read", 2))

    def test_reader_types_and_the_finding_shows_at_once(self):
        line = Form(self.line.with_user(self.reader), "pwik_meters.pwik_reading_book_line_view_form")
        line.entered = "105,5"
        self.assertEqual((line.use, line.outcome), (105.5 - line.last_value, ""))
        line.entered = "1o5"
        self.assertIn("1o5", line.outcome)
        line.entered = "90"
        self.assertIn("went back", line.outcome)
        self.assertFalse(self.line.reading_id)
        line.entered = "105,5"
        line.save()
        reading = self.line.reading_id
        self.assertEqual((reading.value, reading.state, reading.source), (105.5, "accepted", "manual"))
        self.assertEqual((reading.contract_id, reading.date), (self.contract, date(2025, 2, 28)))
        self.assertEqual((self.book.state, self.book.read_count, self.book.missing_count), ("open", 1, 1))
        self.assertEqual(self.line.use, 5.5)

    def test_letters_are_refused_and_nothing_is_stored(self):
        for text in ("1o5", "-5", "1,2345", "1234567890"):
            with self.subTest(text), self.assertRaisesRegex(ValidationError, "Row 1.*TST-00000001"):
                self.line.with_user(self.reader).entered = text
        self.assertFalse(self.meter.reading_ids)

    def test_a_slip_of_the_fingers_makes_a_new_record(self):
        line = self.line.with_user(self.reader)
        line.entered = "150"
        first = self.line.reading_id
        line.entered = "105"
        self.assertEqual((first.value, first.superseded), (150, True))
        second = self.line.reading_id
        self.assertEqual((second.value, second.correction_of_id, second.state), (105, first, "accepted"))
        line.entered = "105.0"
        self.assertEqual(self.line.reading_id, second)
        with self.assertRaisesRegex(UserError, "emptying"):
            line.entered = False

    def test_reader_does_not_change_what_the_office_decided(self):
        line = self.line.with_user(self.reader)
        line.entered = "90"
        self.assertEqual(self.line.reading_state, "to_review")
        self.line.reading_id.with_user(self.clerk).action_correct(106, "photo")
        line.invalidate_recordset()
        with self.assertRaises(UserError):
            line.entered = "107"

    def test_line_follows_the_correction(self):
        line = self.line.with_user(self.reader)
        line.entered = "90"
        self.assertEqual(self.book.review_count, 1)
        wrong = self.line.reading_id.with_user(self.clerk)
        new = wrong.action_correct(106.5, "photo")
        self.assertEqual((self.line.reading_id, self.line.entered), (new, "106.5"))
        self.assertEqual((self.line.use, self.line.severity), (6.5, "ok"))
        self.env.invalidate_all()
        self.assertEqual((self.book.review_count, self.book.read_count), (0, 1))

    def test_line_follows_the_estimate(self):
        self.make_reading(110, "2025-02-01")
        self.line.with_user(self.reader).entered = "90"
        new = self.line.reading_id.with_user(self.clerk).action_estimate("dial unreadable")
        self.assertEqual((self.line.reading_id, self.line.entered, self.line.state), (new, False, "read"))
        self.env.invalidate_all()
        self.assertEqual(self.book.review_count, 0)

    def test_rejected_is_missing_again(self):
        line = self.line.with_user(self.reader)
        line.entered = "90"
        self.line.reading_id.with_user(self.clerk).action_reject("another meter")
        self.assertEqual(
            (self.line.reading_id.id, self.line.entered, self.line.state), (False, False, "missing")
        )
        self.env.invalidate_all()
        self.assertEqual((self.book.missing_count, self.book.review_count), (2, 0))
        with self.assertRaisesRegex(UserError, "was rejected"), self.env.cr.savepoint():
            line.entered = "90"
        line.invalidate_recordset()
        line.entered = "106"
        self.assertEqual((self.line.reading_id.value, self.line.state), (106, "read"))

    def test_reader_replaces_no_radio_reading(self):
        radio = self.make_reading(104.637, "2025-02-28", source="radio")
        self.book.action_refresh()
        self.assertEqual(self.line.reading_id, radio)
        with self.assertRaisesRegex(UserError, "meter reader"), self.env.cr.savepoint():
            self.line.with_user(self.reader).entered = "104"
        self.env.invalidate_all()
        self.assertFalse(radio.superseded)
        self.line.with_user(self.clerk).entered = "104"
        self.assertTrue(radio.superseded)

    def test_note_code_and_photo_go_with_the_reading(self):
        code = self.env.ref("pwik_meters.note_code_seal")
        self.line.with_user(self.reader).write({"entered": "105", "note_code_id": code.id, "photo": PIXEL})
        reading = self.line.reading_id.with_user(self.clerk)
        self.assertEqual(reading.note_code_id, code)
        self.assertTrue(reading.photo)

    def test_no_access_then_closed_and_ordered(self):
        with self.assertRaisesRegex(UserError, "lacks 2 meters"):
            self.book.action_done()
        self.line.with_user(self.reader).entered = "105"
        self.other_line.with_user(self.reader).note_code_id = self.env.ref("pwik_meters.note_code_broken")
        self.assertEqual((self.book.noted_count, self.book.missing_count), (1, 0))
        self.book.action_order()
        order = self.env["pwik.work.order"].search([("meter_id", "=", self.other_meter.id)])
        self.assertEqual((order.kind, order.service_point_id), ("exchange", self.other_point))
        with self.assertRaisesRegex(UserError, "not open already"):
            self.book.action_order()
        self.book.action_done()
        with self.assertRaisesRegex(UserError, "closed"):
            self.line.with_user(self.reader).entered = "106"

    def test_what_came_by_radio_needs_no_second_reading(self):
        radio = self.make_reading(104, "2025-02-28", source="radio")
        self.book.action_refresh()
        self.assertEqual(self.line.reading_id, radio)
        self.assertEqual((self.line.use, self.line.severity), (radio.consumption, "ok"))

    def test_meters_come_and_go(self):
        new = self.make_meter("TST-00000003")
        self.install(new, self.make_point("ul. Źródlana 0", route_sequence=1))
        self.other_installation.date_to = "2025-02-10"
        self.book.action_refresh()
        self.assertEqual(self.book.line_ids.sorted("sequence").meter_id, new | self.meter)

    def test_estimate_of_what_was_not_read(self):
        self.make_reading(110, "2025-01-31")
        self.line.with_user(self.reader).note_code_id = self.env.ref("pwik_meters.note_code_access")
        with self.assertRaises(UserError) as refused, self.env.cr.savepoint():
            self.book.with_user(self.clerk).action_estimate_missing()
        self.assertIn("TST-00000002", str(refused.exception))
        self.other_line.entered = "5"
        self.book.with_user(self.clerk).action_estimate_missing()
        reading = self.line.reading_id
        self.assertEqual(
            (reading.source, reading.estimate_method, reading.decided_by_id),
            ("estimate", "average", self.clerk),
        )
        self.assertAlmostEqual(reading.value, 119.18, 1)
        self.assertEqual(reading.note_code_id, self.env.ref("pwik_meters.note_code_access"))
        with self.assertRaises(AccessError):
            self.env["pwik.reading"].with_user(self.reader)._estimate_missing([])

    def test_one_book_of_a_route_and_day(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.book.copy({"date": self.book.date})
        self.book.action_cancel()
        self.book.copy({"date": self.book.date})

    def test_reader_changes_nothing_else_of_a_line(self):
        for vals in ({"meter_id": self.other_meter.id}, {"reading_id": False}, {"last_value": 1}):
            with self.subTest(vals), self.assertRaises(AccessError):
                self.line.with_user(self.reader).write(vals)

    def test_route_opens_its_book(self):
        action = self.route.with_user(self.reader).action_enter()
        self.assertEqual(action["domain"], [("book_id", "in", self.book.ids)])
        self.book.action_cancel()
        self.route.with_user(self.reader).action_enter()
        self.assertEqual(self.env["pwik.reading.book"].search_count([("route_id", "=", self.route.id)]), 2)

    def test_paper(self):
        self.line.entered = "105,5"
        self.other_line.note = "zły pies"
        text = "".join(
            self.read_pdf(self.render_pdf("pwik_meters.report_reading_book_sheet_action", self.book))
        )
        self.assertRegex(text, r"105[.,]5")
        self.assertIn("zły pies", text)
        text = "".join(
            self.read_pdf(self.render_pdf("pwik_meters.report_reading_book_missing_action", self.book))
        )
        self.assertNotIn("TST-00000001", text)
        self.assertIn("TST-00000002", text)
        self.assertIn("Not read yet", text)

    def test_queries_do_not_grow_with_the_meters(self):
        view = self.env.ref("pwik_meters.pwik_reading_book_line_view_list")
        names = [node.get("name") for node in view._get_combined_arch().iter("field")]
        for number in range(30):
            point = self.make_point(f"ul. Żółwia {number}")
            self.install(self.make_meter(f"TST-1{number:04}"), point, start_value=10)
        self.book.action_refresh()
        for line in self.book.line_ids[2:]:
            line.entered = "12"

        def count(lines):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lines.read(names)
            return self.env.cr.sql_log_count - before

        lines = self.book.line_ids.browse(self.book.line_ids.ids).with_user(self.clerk)
        count(lines)  # what is fetched once per process (access rights, translations)
        self.assertLessEqual(count(lines), count(lines[2:5]))


@tagged("post_install", "-at_install")
class TestReviewQueue(BookCase):
    def setUp(self):
        super().setUp()
        self.make_reading(110, "2025-02-01")
        self.waiting = self.make_reading(90, "2025-03-01", state="draft").with_user(self.clerk)
        self.waiting.action_validate()

    def test_estimate_replaces_the_waiting_reading(self):
        self.assertEqual(self.waiting.state, "to_review")
        new = self.waiting.action_estimate("dial unreadable")
        self.assertEqual((self.waiting.superseded, self.waiting.value), (True, 90))
        self.assertEqual(
            (new.correction_of_id, new.source, new.state), (self.waiting, "estimate", "accepted")
        )
        self.assertEqual((new.decision_reason, new.decided_by_id), ("dial unreadable", self.clerk))
        self.assertAlmostEqual(new.value, 119, 0)
        with self.assertRaisesRegex(UserError, "does not wait"):
            self.waiting.action_estimate()

    def test_inspections_in_bulk_one_a_meter(self):
        second = self.make_reading(80, "2025-03-02", state="draft").with_user(self.clerk)
        other = self.make_reading(9, "2025-02-01", meter=self.other_meter)
        other = self.make_reading(3, "2025-03-02", meter=self.other_meter, state="draft").with_user(
            self.clerk
        )
        (second | other).action_validate()
        readings = self.waiting | second | other
        wizard = (
            self.env["pwik.reading.decision"]
            .with_user(self.clerk)
            .create(
                {
                    "operation": "inspect",
                    "reading_ids": readings.ids,
                    "reason": "look",
                    "user_id": self.reader.id,
                }
            )
        )
        wizard.action_apply()
        orders = readings.work_order_id
        self.assertEqual(orders.meter_id, self.meter | self.other_meter)
        self.assertEqual((orders.user_id, set(orders.mapped("kind"))), (self.reader, {"inspection"}))
        self.assertIn("went back", orders[0].reason)
        wizard.action_apply()
        self.assertEqual(
            len(self.env["pwik.work.order"].search([("meter_id", "in", orders.meter_id.ids)])), 2
        )
        self.assertEqual(set(readings.mapped("state")), {"to_review"})

    def test_reader_estimates_nothing(self):
        with self.assertRaises(AccessError):
            self.waiting.with_user(self.reader).action_estimate("x")
        with self.assertRaises(AccessError):
            self.waiting.with_user(self.reader).action_order_inspection("x")
