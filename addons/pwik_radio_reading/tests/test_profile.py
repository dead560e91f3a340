import base64
import json
from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from ..domain.errors import LineError
from ..models import pwik_radio_dump
from ..models.engine_words import in_words
from .common import RadioCommon

CSV = (
    "Numer nakładki;Data odczytu;Stan [m3];Alarmy\n"
    "10000001;01.04.2025 08:00;112,5;\n"
    "10000004;01.04.2025 08:01;415,250;Wyciek\n"
    "10000005;01.04.2025 08:02;abc;\n"
    "99999999;01.04.2025 08:03;7,000;\n"
)


class TestMappingProfile(RadioCommon):
    """A vendor's export is read as the office described it; what fits nothing stays on its line with the reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.make_user("profile-clerk", "pwik_meters.pwik_meters_group_user")
        cls.reader = cls.make_user("profile-reader", "pwik_meters.pwik_meters_group_reader")
        cls.profile = cls.env["pwik.dump.profile"].create(
            {
                "name": "Vendor",
                "file_pattern": "vendor_*.csv",
                "encoding": "cp1250",
                "date_format": "%d.%m.%Y %H:%M",
                "column_ids": [
                    (0, 0, {"field_name": "id", "heading": "Numer nakładki"}),
                    (0, 0, {"field_name": "total", "heading": "Stan [m3]"}),
                    (0, 0, {"field_name": "received", "heading": "2"}),
                    (0, 0, {"field_name": "alarms", "heading": "Alarmy"}),
                ],
                "alarm_ids": [(0, 0, {"word": "Wyciek", "kind": "leak"})],
            }
        )
        cls.content = CSV.encode("cp1250")

    def assert_imported(self, dump):
        self.assertEqual((dump.state, dump.profile_id), ("done", self.profile))
        states = {line.serial: line.state for line in dump.line_ids if line.serial}
        self.assertEqual(states["10000001"], "done")
        self.assertEqual(states["99999999"], "quarantine")
        self.assertEqual(dump.error_count, 1)
        reading = dump.line_ids.reading_id.filtered(lambda r: r.meter_id == self.meters[1])
        self.assertEqual((reading.value, str(reading.moment)), (112.5, "2025-04-01 06:00:00"))
        alarm = self.env["pwik.radio.alarm"].search([("module_id", "=", self.modules[4].id)])
        self.assertEqual(alarm.kind, "leak")

    def test_chosen_by_the_name_of_the_file(self):
        self.assert_imported(self.import_dump(self.content, "Vendor_2025-04.CSV"))

    def test_without_a_profile_the_file_is_refused_and_read_again_once_there_is_one(self):
        self.profile.file_pattern = "other_*.csv"
        dump = self.import_dump(self.content, "vendor_1.csv")
        self.assertEqual((dump.state, dump.error, dump.line_count), ("error", "unknown_format", 0))
        self.profile.file_pattern = "vendor_*.csv"
        dump.with_user(self.reader).action_process()
        self.assert_imported(dump)

    def test_an_export_that_says_nothing_of_alarms_closes_none(self):
        self.import_dump(self.content, "vendor_1.csv")
        alarm = self.env["pwik.radio.alarm"].search([("module_id", "=", self.modules[4].id)])
        self.profile.column_ids.filtered(lambda column: column.field_name == "alarms").unlink()
        later = self.content.replace(b"01.04.2025", b"02.04.2025")
        self.import_dump(later, "vendor_2.csv")
        row = {
            "media": "water",
            "meter": "x",
            "id": "10000004",
            "total_m3": 430,
            "timestamp": "2025-04-03T06:00:00Z",
        }
        self.import_dump(json.dumps(row).encode() + b"\n", "export.jsonl")
        self.assertEqual(self.modules[4].last_seen, datetime(2025, 4, 3, 6, 0))
        self.assertEqual(alarm.state, "open")
        self.import_dump(
            json.dumps(row | {"status": "OK", "timestamp": "2025-04-04T06:00:00Z"}).encode(), "e2.jsonl"
        )
        self.assertEqual(alarm.state, "closed")

    def test_chosen_in_the_wizard(self):
        attachment = (
            self.env["ir.attachment"]
            .with_user(self.reader)
            .create({"name": "x.csv", "raw": self.content, "res_model": "pwik.radio.import.wizard"})
        )
        wizards = self.env["pwik.radio.import.wizard"].with_user(self.reader)
        shown = wizards.new({"attachment_ids": attachment.ids})
        shown._onchange_attachment_ids()
        self.assertEqual(shown.file_ids.error, "unknown_format")
        shown.profile_id = self.profile
        shown._onchange_attachment_ids()
        self.assertEqual(
            (shown.file_ids.format_code, shown.file_ids.telegram_count, shown.file_ids.bad_count),
            ("Vendor", 3, 1),
        )
        with Form(wizards) as form:
            form.attachment_ids.add(attachment)
            form.profile_id = self.profile
        action = form.record.action_import()
        self.assert_imported(self.dumps.browse(action["res_id"]))

    def test_a_known_format_needs_no_profile(self):
        self.profile.file_pattern = "*"
        dump = self.import_dump()
        self.assertEqual((dump.format_code, dump.profile_id.id), ("collector", False))

    def test_preview_shows_what_each_row_gives(self):
        profile = self.profile.with_user(self.clerk)
        profile.write({"sample": base64.b64encode(self.content), "sample_name": "x.csv"})
        self.assertIn("Numer nakładki", profile.sample_headings)
        self.assertIn("112,500", profile.sample_html)
        self.assertIn("2025-04-01 08:00", profile.sample_html)
        self.assertIn("abc", profile.sample_html)
        profile.column_ids[1].heading = "Nowhere"
        self.assertFalse(profile.sample_html)
        self.assertIn("Nowhere", profile.sample_error)

    def test_hostile_cells_are_shown_as_text(self):
        self.profile.sample = base64.b64encode(CSV.replace("abc", "<script>x</script>").encode("cp1250"))
        self.assertNotIn("<script>", self.profile.sample_html)

    def test_suggestion(self):
        fresh = self.env["pwik.dump.profile"].create(
            {
                "name": "Fresh",
                "encoding": "cp1250",
                "delimiter": "comma",
                "column_ids": [
                    (0, 0, {"field_name": "id", "heading": "1"}),
                    (0, 0, {"field_name": "total", "heading": "3"}),
                ],
                "sample": base64.b64encode(self.content),
            }
        )
        fresh.action_suggest()
        self.assertEqual(fresh.delimiter, "semicolon")
        found = {column.field_name: column.heading for column in fresh.column_ids}
        self.assertEqual(found, {"id": "1", "total": "3", "received": "Data odczytu", "alarms": "Alarmy"})

    def test_a_new_profile_is_filled_in_by_the_file(self):
        """Windows-1250, semicolons, lines above the headings, decimal commas, Polish days: nothing is left to enter."""
        text = (
            "Zestawienie odczytów;;\nŹródło: inkasent;;\n"
            "Adres;Nr nakładki;Data odczytu;Stan [m3]\nul. Łąkowa 1;10250000;30.09.2026 13:05;1 225,404\n"
        )
        with Form(self.env["pwik.dump.profile"].with_user(self.clerk)) as form:
            form.name = "Diehl"
            form.sample = base64.b64encode(text.encode("cp1250"))
            self.assertIn("10250000", form.sample_html)
        made = form.record
        self.assertEqual(
            (made.encoding, made.delimiter, made.header_row, made.decimal_comma, made.date_format),
            ("cp1250", "semicolon", 3, True, "%d.%m.%Y %H:%M"),
        )
        self.assertEqual(
            {column.field_name: column.heading for column in made.column_ids},
            {"id": "Nr nakładki", "received": "Data odczytu", "total": "Stan [m3]"},
        )

    def test_a_new_profile_is_named_after_the_file(self):
        """What the browser does: the file and its name come together."""
        fresh = self.env["pwik.dump.profile"].new(
            {"sample_name": "Diehl 2026.csv", "sample": base64.b64encode(self.content)}
        )
        self.assertFalse(fresh._onchange_sample())
        self.assertEqual((fresh.name, len(fresh.column_ids)), ("Diehl 2026", 4))
        blank = self.env["pwik.dump.profile"].new({"sample": base64.b64encode(b"a;b\n1;2\n")})
        self.assertIn("warning", blank._onchange_sample())

    def test_what_is_wrong_is_said_in_polish(self):
        polish = self.profile.with_context(lang="pl_PL")
        self.env["res.lang"]._activate_lang("pl_PL")
        line = LineError("not a number: 12x")
        self.assertEqual(in_words(polish.env, line.message), "to nie jest liczba: 12x")
        self.assertEqual(in_words(polish.env, "something of the decoder"), "something of the decoder")
        self.assertEqual(in_words(polish.env, False), "")

    def test_a_file_is_read_again_after_its_profile_was_mended(self):
        text = "Numer nakładki;Data odczytu;Stan [m3];Alarmy\n10000001;01.04.2025 08:00;112,5;\n".encode(
            "cp1250"
        )
        self.profile.date_format = "%Y/%m/%d"
        dump = self.dumps._take_in(text, "vendor_2.csv", "wizard")[0]
        dump._process()
        self.assertEqual((dump.line_ids.reason, dump.can_read_again), ("bad_line", True))
        self.profile.date_format = "%d.%m.%Y %H:%M"
        with self.assertRaisesRegex(AccessError, "office"):
            dump.with_user(self.reader).action_read_again()
        self.assertEqual(dump.line_ids.reason, "bad_line")
        for user, shown in ((self.reader, False), (self.clerk, True)):
            form = dump.with_user(user).get_view(view_type="form")["arch"]
            self.assertEqual("action_read_again" in form, shown)
        with patch.object(
            pwik_radio_dump._logger, "info"
        ) as told:  # the tests' own configuration leaves INFO out
            dump.with_user(self.clerk).action_read_again()
        form, *values = told.call_args_list[0].args
        self.assertIn(
            f"read again by {self.clerk.login} ({self.clerk.id}), who threw 1 lines", form % tuple(values)
        )
        self.assertEqual((dump.state, dump.line_ids.state, len(dump.line_ids)), ("done", "done", 1))
        self.assertFalse(dump.can_read_again)
        with self.assertRaises(UserError):
            dump.action_read_again()

    def test_as_many_queries_whatever_the_lines(self):
        head, counts = "Numer nakładki;Data odczytu;Stan [m3];Alarmy\n", []
        self.profile.date_format = "%Y/%m/%d"
        for number, lines in enumerate((3, 40)):
            text = head + f"10000001;01.04.2025 08:0{number};112,5;\n" * lines
            dump = self.dumps._take_in(text.encode("cp1250"), f"vendor_{number}.csv", "wizard")[0]
            dump._process()
            self.assertEqual((len(dump.line_ids), dump.can_read_again), (lines, True))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(dump._throw_lines_away(), lines)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertFalse(dump.line_ids)
        self.assertEqual(counts[0], counts[1])

    def test_lines_with_readings_are_not_thrown_away(self):
        dump = self.import_dump()
        kept = dump.line_ids.filtered("reading_id")
        self.assertEqual(dump._throw_lines_away(), 5)
        self.assertEqual((dump.line_ids, len(kept)), (kept, 5))

    def test_contradictions_are_refused(self):
        with self.assertRaises(ValidationError):
            self.env["pwik.dump.profile"].create({"name": "No columns"})
        with self.assertRaises(ValidationError):
            self.profile.header_row = 0  # headings that the file does not have
        with self.assertRaisesRegex(ValidationError, "“%d.%d.%Y” is no form of a date, such as %d.%m"):
            self.profile.date_format = "%d.%d.%Y"
        with self.assertRaisesRegex(ValidationError, "three letters"):
            self.profile.manufacturer = "A1"

    def test_a_preview_with_a_wrong_form_of_days_says_so(self):
        self.profile.sample = base64.b64encode(self.content)
        with Form(self.profile) as form:
            form.date_format = "%d.%d.%Y"
            self.assertIn("no form of a date", form.sample_error)
            form.date_format = "%d.%m.%Y %H:%M"
            self.assertFalse(form.sample_error)

    def test_readers_use_profiles_and_change_none(self):
        with self.assertRaises(AccessError):
            self.profile.with_user(self.reader).name = "x"
        with self.assertRaises(AccessError):
            self.env["pwik.dump.profile"].with_user(self.reader).create({"name": "x"})
        self.profile.with_user(self.clerk).name = "Renamed"
