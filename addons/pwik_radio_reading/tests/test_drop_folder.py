import os
import stat
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.addons.pwik_meters.tools.drop_folder import DropFolder, NotFinished, Refused
from odoo.tests import tagged
from odoo.tools import config, mute_logger

from .common import RadioCommon

LOGGER = "odoo.addons.pwik_meters.models.pwik_drop_mixin"


class DropCommon(RadioCommon):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.startPatcher(patch.dict(config.options, {"pwik_drop_dir": folder.name}))
        self.env["ir.config_parameter"].set_param("pwik_radio_reading.drop_min_age", "0")

    def run_cron(self):
        with self.in_cron():
            self.env.ref("pwik_radio_reading.ir_cron_drop_folder").method_direct_trigger()

    def put(self, name, content=None):
        path = self.folder / name
        path.write_bytes(self.tour if content is None else content)
        return path

    def lying(self):
        return sorted(path.name for path in self.folder.iterdir() if path.name not in ("archive", "reject"))

    def moved_to(self, subfolder):
        """``{name without the time: text of the note or None}``"""
        folder = self.folder / subfolder
        if not folder.exists():
            return {}
        names = [path.name for path in folder.iterdir()]
        return {
            name.split("_", 1)[1]: (folder / f"{name}.txt").read_text() if f"{name}.txt" in names else None
            for name in names
            if "_" in name and not (name.endswith(".txt") and name[:-4] in names)
        }


@tagged("post_install", "-at_install")
class TestDropFolder(DropCommon):
    def test_file_becomes_readings_and_is_archived(self):
        self.put("tour.jsonl")
        self.run_cron()
        dump = self.dumps.search([("name", "=", "tour.jsonl")])
        self.assertEqual(
            (dump.state, dump.source, dump.done_count, dump.dropped_as), ("done", "drop", 4, False)
        )
        self.assertEqual(self.lying(), [])
        self.assertIn("10", self.moved_to("archive")["tour.jsonl"])
        self.assertEqual(
            (self.folder / "archive")
            .joinpath(next(name for name in os.listdir(self.folder / "archive") if name.endswith("jsonl")))
            .read_bytes(),
            self.tour,
        )

    def test_same_file_again_is_archived_with_a_note(self):
        self.put("tour.jsonl")
        self.run_cron()
        self.put("renamed.jsonl")
        self.run_cron()
        self.assertEqual(self.dumps.search_count([("source", "=", "drop")]), 1)
        self.assertIn("tour.jsonl", self.moved_to("archive")["renamed.jsonl"])
        self.assertEqual(len(self.radio_readings()), 5)

    def test_bad_files_are_rejected_with_a_report_and_the_good_one_goes_in(self):
        self.put("a-empty.jsonl", b"")
        self.put("b-binary.jsonl", bytes(range(256)) * 20)
        self.put("c-letter.txt", "Dzień dobry\n".encode())
        self.put("d-tour.jsonl")
        self.run_cron()
        self.assertEqual(self.lying(), [])
        rejected = self.moved_to("reject")
        self.assertEqual(sorted(rejected), ["a-empty.jsonl", "b-binary.jsonl", "c-letter.txt"])
        self.assertTrue(all(rejected.values()))
        self.assertEqual(len(self.radio_readings()), 5)

    @mute_logger(LOGGER)
    def test_links_fifos_and_folders_are_never_read(self):
        outside = tempfile.NamedTemporaryFile(suffix=".jsonl")
        self.addCleanup(outside.close)
        outside.write(self.tour)
        outside.flush()
        (self.folder / "link.jsonl").symlink_to(outside.name)
        (self.folder / "dangling.jsonl").symlink_to(self.folder / "nowhere")
        os.link(self.put("one.jsonl"), self.folder / "two.jsonl")
        os.mkfifo(self.folder / "pipe.jsonl")
        (self.folder / "folder.jsonl").mkdir()
        (self.folder / "folder.jsonl" / "inside.jsonl").write_bytes(self.tour)
        self.run_cron()
        self.assertFalse(self.dumps.search([("source", "=", "drop")]))
        self.assertEqual(self.lying(), ["folder.jsonl"])
        self.assertTrue((self.folder / "reject" / "folder.jsonl.txt").exists())
        self.assertEqual(
            sorted(name for name in self.moved_to("reject") if not name.endswith(".txt")),
            ["dangling.jsonl", "link.jsonl", "one.jsonl", "pipe.jsonl", "two.jsonl"],
        )
        self.assertEqual(Path(outside.name).read_bytes(), self.tour)

    def test_unfinished_files_wait(self):
        self.put(".hidden.jsonl")
        self.put("tour.jsonl.part")
        self.put("tour.tmp")
        self.env["ir.config_parameter"].set_param("pwik_radio_reading.drop_min_age", "3600")
        self.put("young.jsonl")
        self.run_cron()
        self.assertEqual(self.lying(), [".hidden.jsonl", "tour.jsonl.part", "tour.tmp", "young.jsonl"])
        self.assertFalse(self.dumps.search([("source", "=", "drop")]))

    @mute_logger(LOGGER)
    def test_too_large(self):
        self.env["ir.config_parameter"].set_param("pwik_radio_reading.max_file_mb", "1")
        self.put("large.jsonl", b"x" * (1024 * 1024 + 1))
        self.run_cron()
        self.assertIn("1 MB", self.moved_to("reject")["large.jsonl"])

    def test_names_that_are_no_text(self):
        path = os.fsencode(self.folder) + b"/\xff\xfe name;\n.jsonl"
        with open(path, "wb") as stream:
            stream.write(self.tour)
        self.run_cron()
        self.assertEqual(len(self.radio_readings()), 5)
        self.assertEqual(self.lying(), [])

    def test_no_folder_configured_or_there(self):
        for value in (False, str(self.folder / "missing")):
            with patch.dict(config.options, {"pwik_drop_dir": value}), mute_logger(LOGGER):
                self.run_cron()

    def test_killed_after_the_file_was_taken_in(self):
        """The dump is there, the file was not moved: the next run finishes it and says nothing of a duplicate."""
        self.put("tour.jsonl")
        self.dumps._take_in(self.tour, "tour.jsonl", "drop", dropped_as="tour.jsonl")
        self.run_cron()
        self.assertEqual(len(self.radio_readings()), 5)
        self.assertEqual(self.dumps.search([("source", "=", "drop")]).state, "done")
        self.assertIn("4", self.moved_to("archive")["tour.jsonl"])


class TestFolder(DropCommon):
    """The folder by itself: what may change while it is read."""

    def open(self, **options):
        folder = DropFolder(str(self.folder), options.get("min_age", 0), options.get("max_size", 10**6))
        folder.__enter__()
        self.addCleanup(folder.__exit__)
        return folder

    def test_file_that_vanished(self):
        with self.assertRaises(NotFinished):
            self.open().fetch("gone.jsonl")

    def test_file_that_grows_while_it_is_read(self):
        path = self.put("growing.jsonl")
        folder, fstat = self.open(), os.fstat

        def grow(descriptor):
            info = fstat(descriptor)
            if stat.S_ISREG(info.st_mode):
                with path.open("ab") as stream:
                    stream.write(b"more\n")
            return info

        with (
            patch("odoo.addons.pwik_meters.tools.drop_folder.os.fstat", grow),
            self.assertRaises(NotFinished),
        ):
            folder.fetch("growing.jsonl")

    def test_link_put_in_place_of_a_checked_file(self):
        self.put("tour.jsonl")
        folder, check = self.open(), DropFolder._check

        def swap(inner, info):
            check(inner, info)
            path = self.folder / "tour.jsonl"
            if not path.is_symlink():
                path.unlink()
                path.symlink_to("/etc/hostname")

        with patch.object(DropFolder, "_check", swap), self.assertRaises(OSError):
            folder.fetch("tour.jsonl")

    def test_subfolder_that_is_a_link_is_not_followed(self):
        elsewhere = tempfile.TemporaryDirectory()
        self.addCleanup(elsewhere.cleanup)
        (self.folder / "archive").symlink_to(elsewhere.name)
        self.put("tour.jsonl")
        with self.assertRaises(OSError):
            self.open().archive("tour.jsonl")
        self.assertEqual(os.listdir(elsewhere.name), [])

    def test_moving_twice(self):
        self.put("tour.jsonl")
        folder = self.open()
        self.assertTrue(folder.archive("tour.jsonl"))
        self.assertIsNone(folder.archive("tour.jsonl"))

    def test_a_file_put_in_place_of_the_one_that_was_read_stays(self):
        """A vendor's program writes each export under the same name, also while the last one is worked off."""
        path = self.put("export.csv", b"old")
        folder = self.open()
        self.assertEqual(folder.fetch("export.csv"), b"old")
        path.with_suffix(".part").write_bytes(b"new")
        path.with_suffix(".part").replace(path)
        self.assertIsNone(folder.archive("export.csv"))
        self.assertEqual((path.read_bytes(), self.moved_to("archive")), (b"new", {}))
        folder.fetch("export.csv")
        path.write_bytes(b"newer")  # over it
        self.assertIsNone(folder.archive("export.csv"))
        self.assertEqual(folder.fetch("export.csv"), b"newer")
        self.assertTrue(folder.archive("export.csv"))
        self.assertEqual(self.lying(), [])

    def test_a_note_takes_no_files_name(self):
        """A file and its note, beside a file that is called as the note would be."""
        folder = self.open()
        for name in ("a.txt", "a"):
            self.put(name)
            self.assertTrue(folder.reject(name, f"about {name}"))
        notes = sorted(
            path.read_text() for path in (self.folder / "reject").iterdir() if path.stat().st_size < 99
        )
        self.assertEqual(notes, ["about a\n", "about a.txt\n"])

    def test_a_folder_with_the_longest_name_is_told_once(self):
        name = "ż" * 127
        (self.folder / name).mkdir()
        folder = self.open()
        self.assertEqual([folder.report(name, "no folders") for _turn in range(2)], [True, False])

    def test_hard_link(self):
        os.link(self.put("one.jsonl"), self.folder / "two.jsonl")
        with self.assertRaises(Refused):
            self.open().fetch("one.jsonl")
