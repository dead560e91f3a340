from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import RadioCommon

READER = "pwik_meters.pwik_meters_group_reader"
USER = "pwik_meters.pwik_meters_group_user"


class TestReader(RadioCommon):
    """The meter reader imports dumps and sees what became of them, and nothing of customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls.make_user("radio-reader", READER)

    def test_imports_by_the_wizard(self):
        attachment = (
            self.env["ir.attachment"]
            .with_user(self.reader)
            .create(
                {
                    "name": "tour.jsonl",
                    "raw": self.tour,
                    "res_model": "pwik.radio.import.wizard",
                }
            )
        )
        with Form(self.env["pwik.radio.import.wizard"].with_user(self.reader)) as form:
            form.attachment_ids.add(attachment)
        shown = (
            self.env["pwik.radio.import.wizard"]
            .with_user(self.reader)
            .new({"attachment_ids": attachment.ids})
        )
        shown._onchange_attachment_ids()
        row = shown.file_ids
        self.assertEqual(
            (
                row.format_code,
                row.telegram_count,
                row.known_count,
                row.unknown_count,
                row.bad_count,
                row.error,
            ),
            ("Collector's dump", 9, 7, 1, 1, False),
        )
        action = form.record.action_import()
        dump = self.dumps.with_user(self.reader).browse(action["res_id"])
        self.assertEqual(
            (dump.state, dump.source, dump.done_count, dump.create_uid), ("done", "wizard", 4, self.reader)
        )
        self.assertEqual(len(dump.line_ids.filtered("reading_id").mapped("reading_id.value")), 5)

    def make_wizard(self, files):
        """The reader's, with files chosen: ``{name: content}``."""
        attachments = (
            self.env["ir.attachment"]
            .with_user(self.reader)
            .create(
                [
                    {"name": name, "raw": content, "res_model": "pwik.radio.import.wizard"}
                    for name, content in files.items()
                ]
            )
        )
        wizards = self.env["pwik.radio.import.wizard"].with_user(self.reader)
        return wizards.create({"attachment_ids": attachments.ids})

    def test_several_files_one_of_them_twice(self):
        files = {"a.jsonl": self.tour, "b.jsonl": self.tour, "c.txt": b"no dump at all\n"}
        action = self.make_wizard(files).action_import()
        dumps = self.dumps.search(action["domain"], order="id")
        self.assertEqual(dumps.mapped("state"), ["done", "error"])
        self.assertEqual(len(self.radio_readings()), 5)

    def test_a_file_that_is_refused_keeps_no_other_out(self):
        wizard = self.make_wizard({"empty.jsonl": b"", "tour.jsonl": self.tour})
        told = wizard.action_import()
        self.assertEqual((told["tag"], told["params"]["sticky"]), ("display_notification", True))
        self.assertIn("empty.jsonl", told["params"]["message"])
        self.assertNotIn("tour.jsonl", told["params"]["message"])
        dump = self.dumps.browse(told["params"]["next"]["res_id"])
        self.assertEqual((dump.name, dump.state), ("tour.jsonl", "done"))

    def test_nothing_chosen_or_nothing_to_import(self):
        for files in ({}, {"a.jsonl": b"", "b.jsonl": b""}):
            with self.assertRaises(UserError):
                self.make_wizard(files).action_import()
        self.assertFalse(self.dumps.search([("name", "in", ("a.jsonl", "b.jsonl"))]))

    def test_writes_nothing_by_hand(self):
        dump = self.import_dump()
        as_reader = dump.with_user(self.reader)
        line = dump.line_ids[0].with_user(self.reader)
        for attempt in (
            lambda: self.dumps.with_user(self.reader).create({"name": "x", "sha256": "0" * 64}),
            lambda: as_reader.write({"state": "new"}),
            lambda: as_reader.unlink(),
            lambda: line.write({"value": 1}),
            lambda: line.unlink(),
            lambda: self.modules[1].with_user(self.reader).write({"model": "x"}),
            lambda: self.modules[1].with_user(self.reader).set_key("00" * 16),
            lambda: self.env["pwik.radio.assign.wizard"].with_user(self.reader).create({}),
            lambda: (
                self.env["pwik.radio.module.assignment"]
                .with_user(self.reader)
                .create({"module_id": self.modules[1].id, "meter_id": self.meter.id})
            ),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_reaches_no_customer_from_a_dump(self):
        line = self.import_dump().line_ids.filtered("reading_id")[:1].with_user(self.reader)
        self.assertTrue(line.meter_id.serial)
        with self.assertRaises(AccessError):
            line.reading_id.contract_id.read(["partner_id"])
        with self.assertRaises(AccessError):
            self.env["pwik.contract"].with_user(self.reader).search([])

    def test_others_import_nothing(self):
        plain = self.make_user("radio-nobody")
        for attempt in (
            lambda: self.dumps.with_user(plain).upload(filename="x", content=self.encode(self.tour)),
            lambda: self.dumps.with_user(plain).search([]),
            lambda: self.env["pwik.radio.import.wizard"].with_user(plain).create({}),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_foreign_attachment_is_not_imported(self):
        secret = self.env["ir.attachment"].create({"name": "secret", "raw": self.tour})
        with self.assertRaises(AccessError):
            wizard = (
                self.env["pwik.radio.import.wizard"]
                .with_user(self.reader)
                .create({"attachment_ids": secret.ids})
            )
            wizard.action_import()


class TestCompanies(RadioCommon):
    """What belongs to one utility is not seen, matched or deduplicated in another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.env["res.company"].create({"name": "Wodociągi Drugie"})
        cls.stranger = cls.make_user("radio-second", USER)
        cls.stranger.write({"company_ids": [(6, 0, cls.second.ids)], "company_id": cls.second.id})

    def test_nothing_of_the_first_company_is_visible(self):
        dump = self.import_dump()
        env = self.env(user=self.stranger)
        for model in (
            "pwik.radio.dump",
            "pwik.radio.dump.line",
            "pwik.radio.module",
            "pwik.radio.module.assignment",
            "pwik.radio.alarm",
        ):
            self.assertFalse(env[model].search([]), model)
        with self.assertRaises(AccessError):
            env["pwik.radio.dump"].browse(dump.id).read(["name"])
        with self.assertRaises(AccessError):
            env["pwik.radio.dump"].browse(dump.id).action_process()
        with self.assertRaises(AccessError):
            dump.line_ids.with_env(env).action_run_again()

    def test_same_file_in_both_companies(self):
        first = self.import_dump()
        dumps = self.dumps.with_user(self.stranger).with_company(self.second)
        answer = dumps.upload(filename="tour.jsonl", content=self.encode(self.tour))
        self.assertFalse(answer["duplicate"])
        second = self.dumps.browse(answer["id"])
        self.assertNotEqual(second, first)
        self.assertEqual(second.company_id, self.second)
        before = self.radio_readings()
        second._process()
        self.assertEqual(set(second.line_ids.mapped("state")), {"quarantine", "error"})
        self.assertFalse(second.line_ids.module_id)
        self.assertEqual(self.radio_readings(), before)


class TestUpload(RadioCommon):
    """The method which the collector calls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.api = cls.dumps.with_user(cls.make_user("radio-collector", READER))

    def test_upload_then_background(self):
        trigger_count = self.env["ir.cron.trigger"].search_count([])
        answer = self.api.upload(filename="../../etc/tour.jsonl", content=self.encode(self.tour))
        dump = self.dumps.browse(answer["id"])
        self.assertEqual(answer, {"id": dump.id, "state": "new", "duplicate": False})
        self.assertEqual((dump.name, dump.source, dump.line_count), ("tour.jsonl", "upload", 0))
        # both scheduled actions, so that two processes share it
        self.assertEqual(self.env["ir.cron.trigger"].search_count([]), trigger_count + 2)
        dump._process()
        again = self.api.upload(filename="other.jsonl", content=self.encode(self.tour))
        self.assertEqual(again, {"id": dump.id, "state": "done", "duplicate": True})

    def test_refused(self):
        self.env["ir.config_parameter"].set_param("pwik_radio_reading.max_file_mb", "1")
        for content in ("", "not base64 ü", None, "AAA", self.encode(b"x" * (1024 * 1024 + 1))):
            with self.assertRaises(UserError):
                self.api.upload(filename="x", content=content)

    def test_content_is_served_as_bytes(self):
        page = b"<html><script>alert(1)</script></html>"
        for name in ("page.html", "picture.svg"):
            dump, _duplicate = self.dumps._take_in(page + name.encode(), name, "drop")
            self.assertEqual(dump.attachment_id.mimetype, "application/x-pwik-dump")
