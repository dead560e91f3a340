import gzip
import json
import random
from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form

from ..wizard import pwik_radio_assign_wizard
from .common import RadioCommon, dump_line, plain_line


class TestQuarantine(RadioCommon):
    """Telegrams of unknown overlays wait until somebody says whose they are, then they run again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls.make_user("radio-office", "pwik_meters.pwik_meters_group_user")

    def wizard(self, lines):
        return Form(
            self.env["pwik.radio.assign.wizard"]
            .with_user(self.office)
            .with_context(
                active_model="pwik.radio.dump.line",
                active_ids=lines.ids,
            )
        )

    def test_assigned_in_bulk_and_run_again(self):
        content = b"".join(plain_line(f"7700000{number}", 150_000 + number) for number in (1, 1, 2, 3))
        lines = self.import_dump(content).line_ids.sorted("number")
        self.assertEqual(set(lines.mapped("reason")), {"unknown_module"})
        self.assertEqual(lines.mapped("value"), [150.001, 150.001, 150.002, 150.003])
        with self.wizard(lines) as form:
            self.assertEqual(len(form.line_ids), 3)
            with form.line_ids.edit(0) as row:
                self.assertEqual(
                    (row.ident, row.telegram_count, row.last_value), ("DIE 77000001 35 07", 2, 150.001)
                )
                row.meter_id = self.meter
                # since the meter hangs there, so that month-end values from before the first tour count too
                self.assertEqual(row.date_from, datetime(2025, 1, 1))
            with form.line_ids.edit(1) as row:
                row.meter_id = self.other_meter
        form.record.action_assign()
        self.assertEqual(
            [(line.state, line.reason or None) for line in lines],
            [
                ("seen", "not_best"),
                ("done", None),
                ("done", None),
                ("quarantine", "unknown_module"),
            ],
        )
        self.assertEqual(self.meter.radio_module_id.serial, "77000001")
        self.assertEqual(lines[1].reading_id.value, 150.001)
        self.assertEqual(lines.dump_id.state, "done")

    def test_without_a_selection_all_that_wait_are_offered(self):
        content = b"".join(plain_line(f"7700000{number}", 150_000 + number) for number in (1, 2, 2, 3))
        self.import_dump(content)
        none = self.env["pwik.radio.dump.line"]
        form = self.wizard(none)
        offered = []
        for place in range(len(form.line_ids)):
            with form.line_ids.edit(place) as row:
                offered.append((row.ident, row.telegram_count))
        self.assertEqual(
            offered, [("DIE 77000001 35 07", 1), ("DIE 77000002 35 07", 2), ("DIE 77000003 35 07", 1)]
        )
        self.assertEqual(form.left_count, 0)
        with patch.object(pwik_radio_assign_wizard, "MOST_ROWS", 1):
            form = self.wizard(none)
        self.assertEqual((len(form.line_ids), form.left_count), (1, 2))
        with form.line_ids.edit(0) as row:
            self.assertEqual(row.ident, "DIE 77000002 35 07")  # heard most

    def test_newest_value_and_first_moment(self):
        moments = ("2025-04-01T06:00:00Z", "2025-04-03T06:00:00Z", "2025-04-02T06:00:00Z")
        self.import_dump(
            b"".join(plain_line("77000001", 1000 + n, moment) for n, moment in enumerate(moments))
        )
        (count, first, line), *others = self.env["pwik.radio.assign.wizard"]._get_heard()[0]
        self.assertEqual((count, first, line.value), (3, datetime(2025, 4, 1, 6, 0), 1.001))
        self.assertFalse(others)

    def test_as_many_queries_and_lines_whatever_waits(self):
        wizard = self.env["pwik.radio.assign.wizard"].with_context(active_model="pwik.radio.dump.line")
        key_wizard = self.env["pwik.radio.key.wizard"].create({"module_ids": [(6, 0, self.modules[5].ids)]})
        wizard.default_get(["line_ids"])  # what Odoo keeps of the models from then on
        counts, waiting = [], []
        for number, lines in enumerate((2, 60)):
            content = b"".join(
                plain_line(serial, 150_000, f"2025-04-0{1 + number}T06:00:{n:02d}Z")
                for n in range(lines)
                for serial in ("77000001", "77000002", "10000005")
            )
            self.import_dump(content)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = wizard.default_get(["line_ids"])["line_ids"]
            counts.append([self.env.cr.sql_log_count - before])
            self.assertEqual(len(rows), 3)
            loaded = self.env["pwik.radio.dump.line"]._fields["value"]._get_all_cache_ids(self.env)
            self.assertEqual(len(loaded), 3, "one line of each overlay is loaded")
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            waiting.append(key_wizard.waiting_count)
            counts[-1].append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertEqual([row[2]["telegram_count"] for row in rows], [62, 62, 62])
        self.assertEqual(waiting, [2, 62])

    def test_meter_with_the_same_number_is_proposed(self):
        meter = self.make_meter("77000009")
        lines = self.import_dump(plain_line("77000009", 1000)).line_ids
        with self.wizard(lines) as form, form.line_ids.edit(0) as row:
            self.assertEqual(row.meter_id, meter)

    def test_nothing_chosen(self):
        lines = self.import_dump(plain_line("77000001", 1000)).line_ids
        with self.wizard(lines) as form:
            pass
        with self.assertRaises(UserError):
            form.record.action_assign()

    def test_known_overlay_on_no_meter(self):
        assignment = self.modules[1].assignment_ids
        assignment.date_to = "2025-02-01 00:00:00"
        dump = self.import_dump()
        line = self.lines_by_number(dump)[2]
        self.assertEqual(
            (line.state, line.reason, line.module_id), ("quarantine", "not_assigned", self.modules[1])
        )
        assignment.date_to = False
        self.modules[1].with_user(self.office).action_rerun_lines()
        self.assertEqual(line.state, "done")

    def test_key_entered_later(self):
        dump = self.import_dump()
        line = self.lines_by_number(dump)[8]
        self.assertEqual(line.reason, "no_key")
        self.modules[5].set_key("505152535455565758595A5B5C5D5E5F")
        self.modules[5].with_user(self.office).action_rerun_lines()
        self.assertEqual((line.state, line.reading_id.value), ("done", 520.0))
        self.assertEqual(dump.state, "done")

    def test_what_was_rejected_runs_again(self):
        """A reading that was rejected for its meter, and the overlay moved to the right one."""
        dump = self.import_dump()
        line = self.lines_by_number(dump)[5]
        reading = line.reading_id
        self.assertEqual((line.state, reading.state, reading.meter_id), ("done", "accepted", self.meters[4]))
        reading.action_reject("another meter")
        self.modules[4].assignment_ids.meter_id = self.meter
        self.assertEqual(line.reading_state, "rejected")
        line.with_user(self.office).action_run_again()
        self.assertEqual((line.state, line.reading_id.meter_id), ("done", self.meter))
        self.assertNotEqual(line.reading_id, reading)
        self.assertEqual(reading.state, "rejected")

    def test_after_a_rejection_the_next_best_is_taken(self):
        """Of two that contradict each other the older was taken; somebody knows better."""
        content = plain_line("77000001", 9_999_900) + plain_line("77000001", 123_800, "2025-04-01T06:01:00Z")
        self.put_on(self.meter, "77000001")
        lines = self.import_dump(content).line_ids.sorted("number")
        wrong = lines[0].reading_id
        self.assertEqual((wrong.value, lines[1].reason), (9999.9, "not_best"))
        wrong.action_reject("absurd")
        lines[0].with_user(self.office).action_run_again()
        self.assertEqual((lines[0].state, lines[0].reason, lines[0].reading_id), ("seen", "duplicate", wrong))
        self.assertEqual((wrong.state, lines[1].reading_id.value), ("rejected", 123.8))
        self.assertIn(lines[1].state, ("done", "review"))

    def put_on(self, meter, serial, maker="DIE", **address):
        return self.env["pwik.radio.module"].create(
            {
                **{"manufacturer": maker, "serial": serial, **address},
                "assignment_ids": [(0, 0, {"meter_id": meter.id, "date_from": "2025-01-01 00:00:00"})],
            }
        )

    def test_lines_of_a_cut_archive_run_again(self):
        noise = random.Random(2)
        filler = b"".join(dump_line(noise.randbytes(80).hex()) for _number in range(400))
        packed = gzip.compress(plain_line("77000001", 150_000) + filler)
        dump = self.import_dump(packed[: len(packed) // 2], "tour.jsonl.gz")
        self.assertEqual((dump.state, dump.error), ("error", "bad_archive"))
        line = self.lines_by_number(dump)[1]
        self.assertEqual(line.reason, "unknown_module")
        with self.wizard(line) as form, form.line_ids.edit(0) as row:
            row.meter_id = self.meter
        form.record.action_assign()
        self.assertEqual((line.state, line.reading_id.value), ("done", 150.0))
        self.assertEqual((dump.state, dump.error, dump.new_count), ("error", "bad_archive", 0))

    def hear_export(self, serial, total):
        row = {"meter": "apator162", "id": serial, "total_m3": total, "timestamp": "2025-04-01T06:00:00Z"}
        return self.import_dump(json.dumps({"_": "telegram", **row}).encode() + b"\n").line_ids

    def test_export_without_maker_is_assigned(self):
        """Of an overlay that nobody entered, of one on no meter, and of one that was taken off before."""
        fresh = self.hear_export("77000001", 150.5)
        self.assertEqual((fresh.ident, fresh.state), ("? 77000001 ? ?", "quarantine"))
        loose = self.env["pwik.radio.module"].create({"manufacturer": "APA", "serial": "77000002"})
        known = self.hear_export("77000002", 150.25)
        self.assertEqual((known.reason, known.module_id), ("not_assigned", loose))
        with self.wizard(fresh | known) as form:
            self.assertTrue(form.asks_maker)
            with form.line_ids.edit(0) as row:
                self.assertTrue(row.asks_maker)
                row.meter_id = self.meter
                row.manufacturer = "kam"
            with form.line_ids.edit(1) as row:
                self.assertFalse(row.asks_maker)
                row.meter_id = self.other_meter
        form.record.action_assign()
        self.assertEqual(self.meter.radio_module_id.display_name, "KAM 77000001")
        self.assertEqual(self.other_meter.radio_module_id, loose)
        self.assertEqual(fresh.reading_id.value, 150.5)
        self.assertEqual(known.reading_id.value, 150.25)

    def test_dumps_run_again_oldest_first(self):
        """However they were selected: lists show the newest first, and of an alarm the newest telegram has the last word."""
        dumps = self.dumps
        for day in (1, 8, 15):
            dumps |= self.import_dump(plain_line("77000001", 150_000 + day, f"2025-04-{day:02d}T06:00:00Z"))
        lines = self.env["pwik.radio.dump.line"].search([("dump_id", "in", dumps.ids)])
        self.assertEqual(lines.dump_id.ids, sorted(dumps.ids, reverse=True))
        process, order = type(dumps)._process_one, []

        def note(dump):
            order.append(dump.id)
            return process(dump)

        with patch.object(type(dumps), "_process_one", note):
            lines.with_user(self.office).action_run_again()
        self.assertEqual(order, sorted(dumps.ids))

    def rivals(self, serial="77000004"):
        """Two overlays of one number on two meters, and an export's telegram of that number."""
        modules = [
            self.put_on(self.meter, serial, "APA", version="05", medium="07"),
            self.put_on(self.other_meter, serial, "KAM"),
        ]
        return *modules, self.hear_export(serial, 150.5)

    def test_a_number_of_several_overlays_is_chosen_and_read(self):
        first, second, line = self.rivals()
        self.assertEqual((line.state, line.reason), ("quarantine", "unknown_module"))
        self.assertEqual(line.detail_text, "several overlays have this number: APA 77000004, KAM 77000004")
        with self.wizard(line) as form:
            self.assertTrue(form.asks_module)
            self.assertFalse(form.asks_maker)
            with form.line_ids.edit(0) as row:
                self.assertEqual(row.candidate_ids[:], first | second)
                self.assertFalse(row.module_id)
                row.module_id = second
                self.assertEqual(row.meter_id, self.other_meter)
        form.record.action_assign()
        self.assertEqual((line.module_id, line.meter_id), (second, self.other_meter))
        self.assertEqual((line.ident, line.reading_id.value), ("KAM 77000004 ? 07", 150.5))
        self.assertIn("77000004", line.raw)
        self.assertEqual(len(second.assignment_ids), 1)
        # the next file asks again: what was told counts for the telegrams it was told of
        self.assertEqual(self.hear_export("77000004", 151.5).state, "quarantine")

    def test_a_number_of_several_overlays_is_no_third_one(self):
        *_modules, line = self.rivals()
        wizard = self.env["pwik.radio.assign.wizard"].with_user(self.office)
        context = {"active_model": "pwik.radio.dump.line", "active_ids": line.ids}
        record = wizard.with_context(**context).create(
            wizard.with_context(**context).default_get(["line_ids"])
        )
        record.line_ids.meter_id = self.meters[1]
        with self.assertRaisesRegex(UserError, "Several overlays have this number.*APA 77000004, KAM"):
            record.action_assign()
        record.line_ids.module_id = self.modules[1]  # of another number
        with self.assertRaises(UserError):
            record.action_assign()
        self.assertEqual(line.state, "quarantine")

    def hear_vendor(self, serial, value, day="02.04.2025"):
        """The same from a vendor's list, whose profile names the maker."""
        profiles = self.env["pwik.dump.profile"]
        if not profiles.search_count([("name", "=", "Inkasent")]):
            columns = (("id", "Nr"), ("total", "Stan"), ("received", "Data"))
            profiles.create(
                {
                    "name": "Inkasent",
                    "file_pattern": "ink_*.csv",
                    "date_format": "%d.%m.%Y %H:%M",
                    "manufacturer": "apa",
                    "column_ids": [
                        (0, 0, {"field_name": name, "heading": heading}) for name, heading in columns
                    ],
                }
            )
        content = f"Nr;Stan;Data\n{serial};{value};{day} 08:00\n".encode()
        return self.import_dump(content, "ink_04.csv").line_ids

    def test_the_maker_of_a_profile_says_whose_they_are(self):
        first, _second, _line = self.rivals()
        line = self.hear_vendor("77000004", "160,5")
        self.assertEqual((line.module_id, line.reading_id.value), (first, 160.5))

    def test_two_versions_of_one_maker_and_number_are_chosen_too(self):
        """An export that names the maker and no version falls on neither of them by chance."""
        first = self.put_on(self.meter, "77000005", "APA", version="05", medium="07")
        second = self.put_on(self.other_meter, "77000005", "APA", version="1A", medium="07")
        line = self.hear_vendor("77000005", "150,5")
        self.assertEqual((line.manufacturer, line.version), ("APA", False))
        self.assertEqual((line.state, line.reason), ("quarantine", "unknown_module"))
        self.assertIn("several overlays have this number", line.detail_text)
        with self.wizard(line) as form, form.line_ids.edit(0) as row:
            self.assertEqual(row.candidate_ids[:], first | second)
            row.module_id = second
        form.record.action_assign()
        self.assertEqual((line.module_id, line.ident), (second, "APA 77000005 1A 07"))
        self.assertEqual(line.reading_id.meter_id, self.other_meter)

    def test_a_row_that_cannot_be_assigned_is_named(self):
        lines = self.import_dump(plain_line("77000001", 1) + plain_line("77000002", 1)).line_ids
        with self.wizard(lines) as form:
            for place in (0, 1):
                with form.line_ids.edit(place) as row:
                    row.meter_id = self.meter
        with self.assertRaisesRegex(UserError, "DIE 77000002 35 07: This meter already has an overlay"):
            form.record.action_assign()
        bad = self.hear_export("77000003", 1)
        with self.wizard(bad) as form, form.line_ids.edit(0) as row:
            row.meter_id = self.other_meter
            row.manufacturer = "A1"
        with self.assertRaisesRegex(UserError, r"\? 77000003 .*three capital letters"):
            form.record.action_assign()

    def test_a_rejected_reading_does_not_come_again(self):
        line = self.lines_by_number(self.import_dump())[5]
        reading = line.reading_id
        reading.action_reject("never")
        line.with_user(self.office).action_run_again()
        self.assertEqual((line.state, line.reason, line.reading_id), ("seen", "duplicate", reading))
        self.assertEqual(reading.state, "rejected")
        self.assertEqual(len(self.radio_readings()), 5)

    def test_running_again_what_has_a_reading_changes_nothing(self):
        dump = self.import_dump()
        before = self.outcomes(dump)
        dump.line_ids.with_user(self.office).action_run_again()
        self.assertEqual(self.outcomes(dump), before)
        self.assertEqual(len(self.radio_readings()), 5)


class TestExchange(RadioCommon):
    """The meter under an overlay at the moment of the value is the one that gets it."""

    def test_overlay_moved_on_the_day_of_the_tour(self):
        first, second = self.meters[4], self.meter
        self.modules[4].assignment_ids.date_to = "2025-04-01 06:00:30"
        self.env["pwik.radio.module.assignment"].create(
            {
                "module_id": self.modules[4].id,
                "meter_id": second.id,
                "date_from": "2025-04-01 06:00:30",
            }
        )
        line = self.lines_by_number(self.import_dump())[5]
        self.assertEqual((line.meter_id, line.reading_id.meter_id), (second, second))
        self.assertFalse(first.reading_ids.filtered(lambda reading: reading.source == "radio"))

    def test_month_end_value_of_the_meter_before_is_not_taken(self):
        """Overlay 1 moved on 1 April at 05:00: whose register of 31 March it kept nobody knows."""
        self.modules[1].assignment_ids.date_to = "2025-04-01 05:00:00"
        self.env["pwik.radio.module.assignment"].create(
            {
                "module_id": self.modules[1].id,
                "meter_id": self.meter.id,
                "date_from": "2025-04-01 05:00:00",
            }
        )
        dump = self.import_dump()
        readings = dump.line_ids.reading_id.filtered(
            lambda reading: reading.meter_id in self.meter | self.meters[1]
        )
        self.assertEqual([(reading.meter_id, reading.value) for reading in readings], [(self.meter, 123.456)])
