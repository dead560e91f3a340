from datetime import datetime, timedelta
from decimal import Decimal

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import PwikCommon


@tagged("post_install", "-at_install")
class TestValidation(PwikCommon):
    """From the start value 100 m³ on 2025-01-01; 10 m³ a month are the custom here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.history = cls.make_reading(110, "2025-01-31") | cls.make_reading(120, "2025-02-28")

    def validated(self, value, day="2025-03-31", **values):
        reading = self.make_reading(value, day, state="draft", **values)
        reading.action_validate()
        return reading

    def test_ordinary_reading_is_accepted(self):
        reading = self.validated(130)
        self.assertEqual((reading.state, reading.finding_codes, reading.consumption), ("accepted", False, 10))

    def test_high_use_waits(self):
        reading = self.validated(150)
        self.assertEqual((reading.state, reading.finding_codes), ("to_review", "V09"))
        self.assertTrue(reading.blocks_billing)
        self.assertEqual(reading.consumption, 30)
        self.assertRegex(reading.finding_ids.message, r"30[.,]000 m³")

    def test_low_use_is_noted_and_accepted(self):
        reading = self.validated(121)
        self.assertEqual(
            (reading.state, reading.finding_codes, reading.blocks_billing), ("accepted", "V11", False)
        )

    def test_negative_cannot_be_accepted(self):
        reading = self.validated(110)
        self.assertEqual((reading.state, reading.finding_codes), ("to_review", "V06"))
        with self.assertRaisesRegex(UserError, "went back"):
            reading.action_accept()
        reading.action_reject("misread")
        self.assertEqual((reading.state, reading.decision_reason), ("rejected", "misread"))

    def test_message_in_the_language_of_who_looks(self):
        finding = self.validated(110).finding_ids
        self.assertRegex(finding.message, r"120[.,]000 m³")
        self.assertNotEqual(finding.with_context(lang="pl_PL").message, finding.message)

    def test_below_the_start_value(self):
        fresh = self.make_meter("TST-9")
        self.install(fresh, self.make_point("ul. Nowa 1"), start_value=50)
        reading = self.validated(49, meter=fresh)
        self.assertIn("V06", reading.finding_codes)

    def test_rollover_counts_after_a_person_said_so(self):
        meter = self.make_meter("TST-9", register_digits=4)
        point = self.make_point("ul. Nowa 1")
        self.make_contract(self.customer, point)
        self.install(meter, point, start_value=9990)
        self.make_reading(9995, "2025-02-28", meter=meter)
        reading = self.validated(2, meter=meter)
        self.assertEqual((reading.state, reading.finding_codes), ("to_review", "V07"))
        reading.action_accept()
        self.assertEqual((reading.state, reading.consumption), ("accepted", 7))
        following = self.validated(8, "2025-04-30", meter=meter)
        self.assertEqual((following.state, following.consumption), ("accepted", 6))

    def test_rollover_accepted_on_two_readings_counts_once(self):
        meter = self.make_meter("TST-9")
        point = self.make_point("ul. Nowa 1")
        self.make_contract(self.customer, point)
        self.install(meter, point, start_value=99935)
        self.make_reading(99975, "2025-02-28", meter=meter)
        both = self.validated(5, "2025-03-31", meter=meter) | self.validated(20, "2025-04-30", meter=meter)
        self.assertEqual(both.mapped("finding_codes"), ["V07", "V07"])
        both.action_accept()
        self.assertEqual(both.mapped("state"), ["accepted", "accepted"])
        self.assertEqual(both.mapped("consumption"), [30, 15])
        self.assertFalse(self.validated(35, "2025-05-31", meter=meter).finding_codes)

    def test_no_contract(self):
        meter = self.make_meter("TST-9")
        self.install(meter, self.make_point("ul. Pusta 1"), start_value=0)
        self.assertEqual(self.validated(0, meter=meter).state, "accepted")
        self.assertIn("V13", self.validated(1, "2025-04-30", meter=meter).finding_codes)

    def test_not_installed_on_that_day(self):
        reading = self.validated(130, "2024-12-01")
        self.assertEqual(reading.finding_codes, "V16")

    def test_future(self):
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        self.assertIn("V04", self.validated(130, moment=tomorrow).finding_codes)

    def test_two_values_of_different_sources_at_one_moment(self):
        moment = datetime(2025, 3, 31, 12)
        self.make_reading(130, moment=moment, source="radio")
        self.assertEqual(self.validated(130, moment=moment).finding_codes, "V02")
        self.make_reading(139, moment=moment + timedelta(days=30), source="radio")
        self.assertIn("V03", self.validated(140, moment=moment + timedelta(days=30)).finding_codes)

    def test_two_sources_of_one_noon_count_once(self):
        noon = datetime(2025, 3, 31, 10)
        reader, customer = (
            self.validated(130, moment=noon),
            self.validated(130, moment=noon, source="customer"),
        )
        self.assertEqual((customer.state, customer.finding_codes), ("accepted", "V02"))
        self.assertEqual((reader.consumption, customer.consumption), (10, 0))
        later = self.validated(140, "2025-04-30")
        self.assertEqual(later.consumption, 10)
        reader.action_reject("of another meter")
        self.assertEqual((customer.consumption, later.consumption), (10, 10))

    def test_of_two_values_of_one_noon_one_stays(self):
        noon = datetime(2025, 3, 31, 10)
        reader = self.validated(130, moment=noon)
        customer = self.validated(135, moment=noon, source="customer")
        self.assertEqual((customer.state, customer.finding_codes), ("to_review", "V03"))
        self.assertEqual(customer.consumption, 15)
        third = self.validated(134, moment=noon, source="radio")
        with self.assertRaisesRegex(UserError, "contradict"):
            (customer | third).action_accept()
        customer.action_accept("photo")
        self.assertEqual((customer.state, customer.consumption), ("accepted", 15))
        self.assertEqual((reader.superseded, reader.decision_reason), (True, "photo"))
        self.assertEqual(customer.correction_of_id, reader)
        self.assertEqual(self.validated(145, "2025-04-30").consumption, 10)

    def test_a_corrected_value_frees_what_it_had_made_wrong(self):
        wrong = self.validated(136)
        self.assertEqual(wrong.state, "accepted")
        later = [
            self.validated(value, f"2025-04-{day}", source="radio") for value, day in ((131, "05"), (133, 12))
        ]
        self.assertEqual([reading.finding_codes for reading in later], ["V06", "V06 V21"])
        wrong.action_correct(130, "photo")
        self.assertEqual(
            [(reading.state, reading.finding_codes) for reading in later], [("accepted", False)] * 2
        )
        self.assertEqual([reading.consumption for reading in later], [1, 2])

    def test_an_error_holds_the_following_until_it_is_resolved(self):
        wrong = self.validated(115)
        following = self.validated(140, "2025-04-30")
        self.assertEqual((following.state, following.finding_codes), ("to_review", "V21"))
        right = wrong.action_correct(130, "digits swapped")
        self.assertEqual((right.state, right.correction_of_id, right.consumption), ("accepted", wrong, 10))
        self.assertEqual(
            (following.state, following.finding_codes, following.consumption), ("accepted", False, 10)
        )

    def test_readings_of_one_batch_count_for_each_other(self):
        readings = self.make_reading(150, "2025-05-31", state="draft") | self.make_reading(130, state="draft")
        readings.action_validate()
        self.assertEqual(readings.mapped("state"), ["accepted", "accepted"])
        self.assertEqual(readings.mapped("consumption"), [20, 10])

    def test_main_meter_below_its_sub_meters(self):
        flat = self.make_meter("TST-FLAT", meter_kind="unit")
        self.install(flat, self.make_point("ul. Źródlana 1/1", parent_id=self.point.id, point_kind="unit"))
        self.make_reading(0, "2025-02-28", meter=flat)
        self.make_reading("10.3", "2025-03-31", meter=flat)
        self.assertEqual(self.validated(130).finding_codes, "V22")
        self.assertFalse(self.validated("130.2", moment=datetime(2025, 3, 31, 13)).finding_codes)

    def test_thresholds_are_data(self):
        self.env["pwik.validation.limit"].create(
            {"rule_code": "V09", "parameter": "min_over", "value": 25, "meter_kind": "main"}
        )
        self.assertEqual(self.validated(150).state, "accepted")

    def test_threshold_of_another_kind_or_time_does_not_count(self):
        limit = self.env["pwik.validation.limit"]
        limit.create({"rule_code": "V09", "parameter": "min_over", "value": 25, "meter_kind": "unit"})
        self.assertEqual(self.validated(150).state, "to_review")
        with self.assertRaises(ValidationError):
            limit.create({"rule_code": "V09", "parameter": "nonsense", "value": 1})

    def test_limits_of_the_data_are_the_defaults_of_the_domain(self):
        from ..domain.validation import DEFAULTS

        records = self.env["pwik.validation.limit"].search([("meter_kind", "=", False)])
        told = {(record.rule_code, record.parameter): Decimal(str(record.value)) for record in records}
        self.assertEqual({key: told.get(key) for key in DEFAULTS}, dict(DEFAULTS))

    def test_queries_do_not_grow_with_the_readings(self):
        def drafts(number, day):
            made = self.env["pwik.reading"]
            for index in range(number):
                meter = self.make_meter(f"N-{day}-{index}")
                self.install(meter, self.make_point(f"ul. Długa {index}"))
                made |= self.make_reading(index % 7 * 9, day, meter=meter, state="draft")
            self.env.flush_all()
            self.env.invalidate_all()
            return made

        counts = []
        for number, day in ((5, "2025-03-30"), (60, "2025-03-31")):
            readings = drafts(number, day)
            before = self.env.cr.sql_log_count
            readings.action_validate()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, "more readings, same number of queries")


@tagged("post_install", "-at_install")
class TestReadingIsKept(PwikCommon):
    def test_raw_value_is_never_overwritten(self):
        reading = self.make_reading(130)
        for vals in (
            {"value": 131},
            {"moment": "2025-03-30 12:00:00"},
            {"meter_id": self.other_meter.id},
            {"source": "customer"},
            {"register": "two"},
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, "never overwritten"):
                reading.write(vals)
        reading.write({"value": 130.0, "note": "the same again is harmless"})

    def test_a_draft_may_be_changed(self):
        reading = self.make_reading(130, state="draft")
        reading.value = 131
        self.assertEqual(reading.value, 131)

    def test_correction_keeps_the_old_record(self):
        reading = self.make_reading(130)
        new = reading.action_correct(128, "typing error")
        self.assertEqual((reading.value, reading.state, reading.superseded), (130, "accepted", True))
        self.assertEqual((new.value, new.state, new.correction_of_id), (128, "accepted", reading))
        self.assertEqual(reading.decision_reason, "typing error")
        with self.assertRaises(UserError):
            reading.action_correct(127)

    def test_validated_reading_cannot_be_deleted(self):
        with self.assertRaises(UserError):
            self.make_reading(130).unlink()

    def test_import_again_changes_nothing(self):
        vals = [
            {
                "meter_id": self.meter.id,
                "moment": datetime(2025, 3, 31, 6),
                "value": 109.5,
                "source": "radio",
            },
            {
                "meter_id": self.other_meter.id,
                "moment": datetime(2025, 3, 31, 6),
                "value": 5.0,
                "source": "radio",
            },
        ]
        imports = self.env["pwik.reading"]._import_values
        first = imports(vals)
        self.assertEqual(first.mapped("state"), ["accepted", "accepted"])
        self.assertEqual(imports(list(reversed(vals))).ids, list(reversed(first.ids)))
        self.assertEqual(imports(vals + vals).ids, first.ids + first.ids)

    def test_import_of_a_conflicting_value_loses_nothing(self):
        vals = {
            "meter_id": self.meter.id,
            "moment": datetime(2025, 3, 31, 6),
            "value": 109.5,
            "source": "radio",
        }
        imports = self.env["pwik.reading"]._import_values
        first = imports([vals])
        conflict = imports([{**vals, "value": 111.0}])
        self.assertNotEqual(conflict, first)
        self.assertEqual((conflict.state, conflict.finding_codes), ("rejected", "V03"))
        self.assertRegex(conflict.finding_ids.message, r"109[.,]500")
        self.assertEqual(imports([{**vals, "value": 111.0}]), conflict)
        self.assertEqual(first.state, "accepted")

    def test_import_does_not_bring_back_what_was_rejected_or_corrected(self):
        vals = {
            "meter_id": self.meter.id,
            "moment": datetime(2025, 3, 31, 6),
            "value": 109.5,
            "source": "radio",
        }
        imports = self.env["pwik.reading"]._import_values
        first = imports([vals])
        first.action_correct(108.5)
        self.assertEqual(imports([vals]), first)
        first.correction_ids.action_reject("was right after all")
        self.assertEqual(imports([vals]), first)

    def test_import_twice_in_one_batch(self):
        vals = {
            "meter_id": self.meter.id,
            "moment": datetime(2025, 3, 31, 6),
            "value": 109.5,
            "source": "radio",
        }
        found = self.env["pwik.reading"]._import_values([vals, vals, {**vals, "value": 1.0}])
        self.assertEqual(found[0], found[1])
        self.assertEqual([reading.state for reading in found], ["accepted", "accepted", "rejected"])

    def test_outcome_is_not_set_by_hand(self):
        clerk = self.make_user("clerk", "pwik_meters.pwik_meters_group_user")
        reading = self.make_reading(130, state="draft").with_user(clerk)
        for vals in (
            {"state": "accepted"},
            {"blocks_billing": False},
            {"consumption": 1},
            {"superseded": True},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                reading.write(vals)
        with self.assertRaises(AccessError):
            reading.create({"meter_id": self.meter.id, "value": 1, "state": "accepted"})
        reading.action_validate()
        self.assertEqual(reading.state, "accepted")
