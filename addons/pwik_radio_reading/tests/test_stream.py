"""A dump's file is read piece by piece, wherever it is stored."""

from unittest.mock import patch

from odoo.addons.pwik_meters.tools.packets import StoreOutage
from odoo.tools import mute_logger

from ..domain.errors import ArchiveError
from ..domain.unpack import translated
from ..models.pwik_radio_dump_process import DumpSource
from ..tools.stored_file import StoredFile
from .common import RadioCommon, plain_line


class TestStream(RadioCommon):
    def test_file_is_not_held_whole(self):
        dump = self.import_dump(process=False)
        with patch.object(type(self.env["ir.attachment"]), "_file_read", side_effect=AssertionError):
            dump._process()
        self.assertEqual((dump.state, dump.line_count), ("done", 10))

    def test_file_in_the_database(self):
        self.env["ir.config_parameter"].set_param("ir_attachment.location", "db")
        dump = self.import_dump(process=False)
        self.assertFalse(dump.attachment_id.store_fname)
        dump._process()
        self.assertEqual((dump.state, dump.line_count), ("done", 10))

    def test_file_is_closed_at_its_end_and_before(self):
        dump = self.import_dump(process=False)
        source = DumpSource(dump)
        source.take(3)
        file = source._file
        self.assertFalse(file.closed)
        source.close()
        self.assertTrue(file.closed)
        lines, at_end = source.take(1000)
        self.assertEqual((len(lines), at_end, source._file), (10, True, None))

    def test_file_that_is_gone(self):
        """As when the share is away: nothing is said of the file, and it is read once the share is there again."""
        dump = self.import_dump(process=False)
        stored = dump.attachment_id.store_fname
        self.env.cr.execute(
            "UPDATE ir_attachment SET store_fname = '00/gone' WHERE id = %s", [dump.attachment_id.id]
        )
        self.env.invalidate_all()
        with self.assertRaises(StoreOutage), self.env.cr.savepoint():
            dump._process()
        self.env.invalidate_all()
        self.assertEqual((dump.state, dump.error, dump.lines_read), ("new", False, 0))
        # the share is there again
        self.env.cr.execute(
            "UPDATE ir_attachment SET store_fname = %s WHERE id = %s", [stored, dump.attachment_id.id]
        )
        self.env.invalidate_all()
        dump._process()
        self.assertEqual((dump.state, dump.line_count), ("done", 10))

    @mute_logger("odoo.addons.pwik_radio_reading.models.pwik_radio_dump_process")
    def test_a_file_that_is_gone_keeps_no_other_out(self):
        gone = self.import_dump(process=False)
        other = self.import_dump(plain_line("77000001", 1), process=False)
        self.env.cr.execute(
            "UPDATE ir_attachment SET store_fname = '00/gone' WHERE id = %s", [gone.attachment_id.id]
        )
        with self.in_cron():
            self.env.ref("pwik_radio_reading.ir_cron_process_dumps").method_direct_trigger()
        self.assertEqual((gone.state, other.state), ("new", "done"))

    def test_a_store_that_fails_is_no_damage_of_the_archive(self):
        """A file of the kernel's that really answers EIO."""
        with StoredFile("/proc/self/mem") as file, self.assertRaises(StoreOutage), translated():
            file.read(1)

    def test_a_place_before_the_beginning_is_the_archives_own_mistake(self):
        dump = self.import_dump(process=False)
        attachment = dump.attachment_id
        path = attachment._full_path(attachment.store_fname)
        with StoredFile(path) as file, self.assertRaises(ArchiveError), translated():
            file.seek(-5)
