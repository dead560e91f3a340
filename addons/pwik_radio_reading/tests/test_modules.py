import json
from datetime import datetime

from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import RadioCommon, plain_line


class TestModules(RadioCommon):
    def make(self, **values):
        return self.env["pwik.radio.module"].create(
            {"manufacturer": "apa", "serial": "123", "medium": "7", **values}
        )

    def test_address_is_written_as_it_is_sent(self):
        module = self.make(version="5")
        self.assertEqual(
            (module.manufacturer, module.serial, module.version, module.medium),
            ("APA", "00000123", "05", "07"),
        )

    def test_one_record_for_one_address(self):
        self.make()
        self.make(version="05")
        for values in ({}, {"version": "05"}):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
                self.make(**values)

    def test_wrong_addresses(self):
        for values in ({"manufacturer": "AP"}, {"manufacturer": "12A"}, {"version": "XY"}):
            with self.assertRaises(ValidationError):
                self.make(**values)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.make(serial="1234567X")

    def test_overlay_without_version_fits_all_and_the_exact_one_goes_before(self):
        exact = self.modules[3]
        vague = self.make(serial=exact.serial, medium=False)
        self.assertEqual(self.lines_by_number(self.import_dump())[4].module_id, exact)
        exact.version = "99"
        again = self.import_dump(self.tour + b"\n{}\n")
        self.assertEqual(self.lines_by_number(again)[4].module_id, vague)

    def test_one_meter_at_a_time(self):
        assignments = self.env["pwik.radio.module.assignment"]
        for values in (
            {"module_id": self.modules[1].id, "meter_id": self.meter.id},
            {"module_id": self.make().id, "meter_id": self.meters[1].id},
        ):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
                assignments.create({**values, "date_from": "2025-06-01 00:00:00"})

    def test_meter_and_overlay_know_each_other(self):
        self.assertEqual(self.modules[1].meter_id, self.meters[1])
        self.assertEqual(self.meters[1].radio_module_id, self.modules[1])
        modules = self.env["pwik.radio.module"]
        self.assertEqual(modules.search([("meter_id", "=", self.meters[1].id)]), self.modules[1])
        free = self.make()
        self.assertIn(free, modules.search([("meter_id", "=", False)]))
        self.assertNotIn(self.modules[1], modules.search([("meter_id", "=", False)]))
        self.assertEqual(
            self.env["pwik.meter"].search([("radio_module_id", "=", self.modules[1].id)]),
            self.meters[1],
        )
        self.assertIn(self.meter, self.env["pwik.meter"].search([("radio_module_id", "=", False)]))

    def test_search_by_key(self):
        modules = self.env["pwik.radio.module"]
        self.assertIn(self.modules[5], modules.search([("has_key", "=", False)]))
        self.assertIn(self.modules[1], modules.search([("has_key", "=", True)]))
        self.assertNotIn(self.modules[5], modules.search([("has_key", "=", True)]))

    def test_an_export_without_a_signal_leaves_the_last_one(self):
        self.import_dump()
        row = {
            "media": "water",
            "meter": "x",
            "id": "10000001",
            "total_m3": 130,
            "timestamp": "2025-05-01T06:00:00Z",
        }
        self.import_dump(json.dumps(row).encode() + b"\n", "export.jsonl")
        module = self.modules[1]
        self.assertEqual((module.last_seen, module.last_rssi), (datetime(2025, 5, 1, 6, 0), -61))

    def test_history_is_kept(self):
        with self.assertRaises(UserError):
            self.modules[1].unlink()
        self.make().unlink()
        dump = self.import_dump()
        with self.assertRaises(UserError):
            dump.unlink()


class TestAlarms(RadioCommon):
    """An alarm is opened once, lasts while telegrams repeat it and closes with the first that does not."""

    def observe(self, *kinds, day):
        return self.env["pwik.radio.alarm"]._observe(
            [(self.modules[1].id, self.meters[1].id, datetime(2025, 5, day), frozenset(kinds))]
        )

    def test_life_of_an_alarm(self):
        opened = self.observe("leak", day=1)
        self.assertEqual((opened.kind, opened.state, opened.meter_id), ("leak", "open", self.meters[1]))
        self.assertFalse(self.observe("leak", day=2))
        self.assertEqual(opened.date_last, datetime(2025, 5, 2))
        self.assertEqual(self.observe("leak", "magnet", day=3).kind, "magnet")
        self.assertEqual(self.modules[1].open_alarm_count, 2)
        self.assertFalse(self.observe("magnet", day=4))
        self.assertEqual(opened.state, "closed")
        again = self.observe("leak", "magnet", day=5)
        self.assertEqual(again.kind, "leak")
        self.assertNotEqual(again, opened)

    def test_older_telegram_closes_nothing(self):
        opened = self.observe("leak", day=10)
        self.observe(day=9)
        self.assertEqual(opened.state, "open")

    def tour_of(self, day):
        return self.import_dump(self.tour.replace(b"2025-04-01", day.encode()))

    def quiet(self, day):
        """Overlay 4 says that nothing is wrong."""
        row = {
            "media": "water",
            "meter": "x",
            "id": "10000004",
            "total_m3": 424,
            "status": "OK",
            "timestamp": f"{day}T06:00:00Z",
        }
        return self.import_dump(json.dumps(row).encode() + b"\n", "export.jsonl")

    def test_older_telegram_opens_nothing(self):
        """Tuesday's file says there is no leak; Monday's, which comes after it, is history."""
        self.quiet("2025-04-08")
        self.tour_of("2025-04-07")
        alarm = self.modules[4].alarm_ids
        self.assertEqual((alarm.kind, alarm.state, alarm.case_id.id), ("leak", "closed", False))
        self.tour_of("2025-04-09")
        self.assertEqual(
            self.modules[4].alarm_ids.filtered(lambda one: one.state == "open").case_id.state, "open"
        )

    def test_alarm_before_the_assignment_opens_its_case_afterwards(self):
        stay = self.modules[4].assignment_ids
        stay.unlink()
        dump = self.import_dump()
        alarm = self.modules[4].alarm_ids
        self.assertEqual((alarm.state, alarm.meter_id.id, alarm.case_id.id), ("open", False, False))
        self.env["pwik.radio.module.assignment"].create(
            {"module_id": self.modules[4].id, "meter_id": self.meters[4].id, "date_from": "2025-01-01"}
        )
        self.lines_by_number(dump)[5].action_run_again()
        self.assertEqual(self.modules[4].alarm_ids, alarm)
        self.assertEqual((alarm.meter_id, alarm.case_id.meter_id), (self.meters[4], self.meters[4]))
        self.assertEqual(alarm.service_point_id, self.meters[4].service_point_id)

    def test_alarm_of_a_moved_overlay_belongs_to_the_new_meter(self):
        alarms = self.env["pwik.radio.alarm"]
        first = self.observe("leak", day=1)
        first._open_cases()
        second = alarms._observe(
            [(self.modules[1].id, self.meters[2].id, datetime(2025, 5, 2), frozenset(["leak"]))]
        )
        second._open_cases()
        self.assertEqual((first.state, second.state, second.meter_id), ("closed", "open", self.meters[2]))
        self.assertEqual(second.case_id.meter_id, self.meters[2])
        self.assertNotEqual(second.case_id, first.case_id)
        self.assertFalse(self.observe("leak", day=1))
        self.assertEqual((first.state, second.state), ("closed", "open"))

    def test_closed_by_hand_with_a_reason(self):
        alarm = self.observe("leak", day=1)
        with self.assertRaises(UserError):
            alarm.action_close()
        alarm.close_reason = "pipe mended"
        alarm.action_close()
        self.assertEqual(alarm.state, "closed")
        alarm.action_reopen()
        self.assertEqual((alarm.state, alarm.close_reason), ("open", False))
        self.observe(day=2)
        with self.assertRaises(UserError):
            alarm.action_reopen()

    def test_leak_in_the_tour(self):
        dump = self.import_dump()
        alarm = self.modules[4].alarm_ids
        self.assertEqual(
            (alarm.kind, alarm.state, alarm.date_first), ("leak", "open", datetime(2025, 4, 1, 6, 0, 40))
        )
        reading = self.lines_by_number(dump)[5].reading_id
        self.assertEqual(
            (reading.state, reading.finding_codes, reading.radio_alarms), ("accepted", "V19", "leak")
        )
        self.assertIn("Leak", reading.finding_ids.message)

    def test_one_case_as_long_as_the_alarm_lasts(self):
        self.import_dump()
        case = self.modules[4].alarm_ids.case_id
        self.assertEqual(
            (case.type_id.code, case.meter_id, case.state), ("alarm_leak", self.meters[4], "open")
        )
        self.import_dump(self.tour.replace(b"2025-04-01", b"2025-04-02"))
        self.assertEqual(self.modules[4].alarm_ids.case_id, case)
        self.assertEqual(self.env["pwik.case"].search_count([("meter_id", "=", self.meters[4].id)]), 1)

    def test_each_alarm_opens_a_case_of_its_kind(self):
        opened = self.observe("leak", "burst", "tamper", "magnet", "detached", "battery_low", "dry", day=1)
        opened._open_cases()
        kinds = {alarm.kind: alarm.case_id.type_id.code for alarm in opened}
        told = dict.fromkeys(("leak", "burst"), "alarm_leak")
        looked_at = dict.fromkeys(("tamper", "magnet", "detached"), "alarm_inspection")
        self.assertEqual(kinds, {**told, **looked_at, "battery_low": "alarm", "dry": "alarm"})
        self.assertEqual(opened.case_id.partner_id, self.customer)
        said = {alarm.kind: alarm.case_id.description for alarm in opened}
        self.assertIn("Tell the customer", said["leak"])
        self.assertIn("on the spot", said["magnet"])
        self.assertEqual(len(said["dry"].splitlines()), 3)  # what, when and where; no advice
        for text in said.values():
            self.assertIn(self.meters[1].serial, text)
            self.assertIn("Radiowa 1", text)
        self.assertFalse(any(opened.case_id.type_id.mapped("portal_visible")))
        case = opened.filtered(lambda alarm: alarm.kind == "magnet").case_id
        case.action_approve()
        self.assertEqual(
            (case.work_order_id.kind, case.work_order_id.meter_id), ("inspection", self.meters[1])
        )

    def test_by_route(self):
        """An alarm counts where the meter stood when it was first heard, wherever it stands now."""
        north, south = self.env["pwik.reading.route"].create(
            [{"name": "Północ", "code": "T-N"}, {"name": "Południe", "code": "T-S"}]
        )
        first, second = (self.meters[number].service_point_id for number in (1, 2))
        first.route_id, second.route_id = north, south
        self.observe("leak", "magnet", day=1)
        exchange = self.env["pwik.meter.installation"].search([("meter_id", "=", self.meters[1].id)])
        exchange.write({"date_to": "2025-06-01", "end_value": 120})
        self.env.flush_all()
        self.install(
            self.meters[1],
            self.make_point("ul. Inna 1", route_id=south.id),
            date_from="2025-06-01",
            start_value=120,
        )
        self.observe("leak", "magnet", "dry", day=20)
        alarms = self.modules[1].alarm_ids
        self.assertEqual(alarms.service_point_id, first)
        self.assertEqual(
            self.env["pwik.radio.alarm"]._read_group(
                [("id", "in", alarms.ids)], ["route_id", "kind"], ["__count"], order="route_id, kind"
            ),
            [(north, "dry", 1), (north, "leak", 1), (north, "magnet", 1)],
        )
        self.assertEqual(self.env["pwik.radio.alarm"].search([("route_id", "=", north.id)]), alarms)
        self.assertFalse(self.env["pwik.radio.alarm"].search([("route_id", "=", south.id)]))


class TestRadioRules(RadioCommon):
    def judge(self, **values):
        reading = self.env["pwik.reading"]._import_values(
            [
                {
                    "meter_id": self.meter.id,
                    "moment": datetime(2025, 5, 1, 12),
                    "value": 110.0,
                    "source": "radio",
                    **values,
                }
            ]
        )
        return {finding.code: finding for finding in reading.finding_ids}, reading

    def test_clock(self):
        for drift, fixed, severity, state in (
            (3500, True, None, "accepted"),
            (-3700, True, "warning", "accepted"),
            (86_500, False, "error", "accepted"),
            (-86_500, True, "error", "to_review"),
        ):
            with self.subTest(drift=drift, fixed=fixed), self.env.cr.savepoint() as savepoint:
                findings, reading = self.judge(radio_clock_drift=drift, radio_fixed_day=fixed)
                found = findings.get("V05")
                self.assertEqual((found.severity if found else None, reading.state), (severity, state))
                savepoint.rollback()
            self.env.invalidate_all()

    def test_new_manipulation_warns_and_a_lasting_one_blocks(self):
        findings, reading = self.judge(radio_alarms="magnet detached")
        self.assertEqual((findings["V17"].severity, reading.state), ("warning", "accepted"))
        self.assertIn("Magnet", findings["V17"].message)
        self.env["pwik.radio.alarm"].create(
            {
                "module_id": self.modules[1].id,
                "meter_id": self.meter.id,
                "kind": "magnet",
                "date_first": "2025-05-02 00:00:00",
                "date_last": "2025-05-02 00:00:00",
            }
        )
        findings, reading = self.judge(radio_alarms="magnet", moment=datetime(2025, 6, 20), value=115.0)
        self.assertEqual((findings["V17"].severity, reading.state), ("error", "to_review"))

    def test_backflow_and_care(self):
        findings, reading = self.judge(radio_alarms="backflow battery_low burst")
        self.assertEqual(
            {code: finding.severity for code, finding in findings.items()}, {"V18": "warning", "V19": "info"}
        )
        self.assertEqual(reading.state, "accepted")

    def test_backflow_is_measured_where_the_overlay_counts_it(self):
        """More than 0.1 m³ a month warns; the alarm alone does not, when the amount is known."""
        may, june, august = (datetime(2025, month, 1, 12) for month in (5, 6, 8))
        findings, _reading = self.judge(radio_backflow=7.5, moment=may)
        self.assertNotIn("V18", findings)  # since when, nobody knows
        for moment, counted, amount in (
            (june, 7.6, None),  # 31 days: 0.098
            (june, 7.605, "0.103"),
            (datetime(2025, 5, 3), 7.601, "0.101"),  # two days are not made a month of
            (august, 7.8, None),  # three months
            (august, 7.9, "0.132"),
            (june, 7.5, None),
        ):
            with self.subTest(moment=moment, counted=counted), self.env.cr.savepoint() as savepoint:
                findings, reading = self.judge(
                    radio_backflow=counted, radio_alarms="backflow", moment=moment, value=110.5
                )
                self.assertEqual(reading.state, "accepted")
                self.assertEqual("V18" in findings, bool(amount))
                if amount:
                    self.assertIn(
                        amount.replace(".", ","), findings["V18"].with_context(lang="pl_PL").message
                    )
                savepoint.rollback()
            self.env.invalidate_all()

    def test_backflow_of_a_telegram(self):
        self.modules[5].write({"manufacturer": "DIE", "version": "35"})
        start = plain_line("10000005", 520_000, "2025-04-01T06:00:00Z", "04933C" + "0A000000")
        more = plain_line("10000005", 521_000, "2025-05-01T06:00:00Z", "04933C" + "D2000000")
        first, second = (self.import_dump(content).line_ids.reading_id for content in (start, more))
        self.assertEqual((first.radio_backflow, second.radio_backflow), (0.01, 0.21))
        self.assertFalse(first.finding_ids.filtered(lambda finding: finding.code == "V18"))
        self.assertEqual(
            second.finding_ids.filtered(lambda finding: finding.code == "V18").params["amount"],
            {"m3": "0.200"},
        )

    def test_threshold_is_data(self):
        self.env["pwik.validation.limit"].create(
            {"rule_code": "V05", "parameter": "warning_hours", "value": 3}
        )
        findings, _reading = self.judge(radio_clock_drift=7200)
        self.assertNotIn("V05", findings)

    def test_other_sources_are_not_asked(self):
        findings, _reading = self.judge(source="manual", radio_clock_drift=900_000)
        self.assertNotIn("V05", findings)
