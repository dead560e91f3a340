import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import config, mute_logger

from ..models.pwik_bank_drop import MAX_SIZE
from .test_bank_import import BankCommon

LOGGER = "odoo.addons.pwik_meters.models.pwik_drop_mixin"


@tagged("post_install", "-at_install")
class TestBankDrop(BankCommon):
    """Files in the folder of the server: booked once, archived or rejected with the reason beside them."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.startPatcher(patch.dict(config.options, {"pwik_bank_drop_dir": folder.name}))
        self.data = self.mt940(("420.88", f"Faktura {self.invoice.name}"))
        self.imports = self.env["pwik.bank.import"]

    def run_cron(self, min_age=0):
        self.env.flush_all()
        limits = patch.object(type(self.imports), "_get_drop_limits", lambda _imports: (min_age, MAX_SIZE))
        with self.enter_registry_test_mode(), limits:
            self.env.ref("pwik_einvoice.ir_cron_bank_drop").method_direct_trigger()
        self.env.invalidate_all()

    def beside(self, subfolder, ending=".txt"):
        """``{name without the time: text}`` of the notes in a subfolder."""
        folder = self.folder / subfolder
        return {
            path.name.split("_", 1)[-1].removesuffix(ending): path.read_text()
            for path in (folder.iterdir() if folder.exists() else ())
            if path.name.endswith(ending)
        }

    def test_a_statement_pays_the_invoice_and_is_archived(self):
        (self.folder / "wyciag.sta").write_bytes(self.data)
        self.run_cron()
        taken = self.imports.search([("name", "=", "wyciag.sta")])
        self.assertEqual((taken.journal_id, taken.matched_count), (self.journal, 1))
        self.assertEqual(self.invoice.amount_residual, 0)
        self.assertEqual(os.listdir(self.folder), ["archive"])
        self.assertIn("1", self.beside("archive")["wyciag.sta"])
        kept = next(path for path in (self.folder / "archive").iterdir() if path.suffix == ".sta")
        self.assertEqual(kept.read_bytes(), self.data)

    def test_the_same_file_again_books_nothing(self):
        self.take_in(self.data, "rano.sta")
        payments = self.env["pwik.bank.transaction"].search_count([])
        (self.folder / "znowu.sta").write_bytes(self.data)
        self.run_cron()
        self.assertEqual(self.env["pwik.bank.transaction"].search_count([]), payments)
        self.assertIn("rano.sta", self.beside("archive")["znowu.sta"])

    @mute_logger(LOGGER)
    def test_what_is_no_statement_is_rejected_and_stops_nothing(self):
        (self.folder / "a.sta").write_bytes(b"")
        (self.folder / "b.sta").write_bytes(self.data[: len(self.data) // 2])
        (self.folder / "c.sta").symlink_to("/etc/hostname")
        (self.folder / "d.sta").write_bytes(self.data)
        (self.folder / "e.sta.part").write_bytes(self.data)
        self.run_cron()
        rejected = self.beside("reject")
        self.assertEqual(sorted(rejected), ["a.sta", "b.sta", "c.sta"])
        self.assertTrue(all(rejected.values()))
        self.assertEqual(self.imports.search_count([("name", "in", ["a.sta", "b.sta", "c.sta"])]), 0)
        self.assertEqual(self.invoice.amount_residual, 0)
        self.assertEqual(sorted(os.listdir(self.folder)), ["archive", "e.sta.part", "reject"])

    def test_a_young_file_waits(self):
        (self.folder / "wyciag.sta").write_bytes(self.data)
        self.run_cron(min_age=3600)
        self.assertEqual(os.listdir(self.folder), ["wyciag.sta"])
        self.assertFalse(self.imports.search([("name", "=", "wyciag.sta")]))

    def test_without_a_folder_nothing_happens(self):
        for value in (False, str(self.folder / "missing")):
            with patch.dict(config.options, {"pwik_bank_drop_dir": value}), mute_logger(LOGGER):
                self.run_cron()
        self.assertFalse(os.listdir(self.folder))
