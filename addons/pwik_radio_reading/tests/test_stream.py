"""A dump's file is read piece by piece, wherever it is stored."""

from unittest.mock import patch

from ..models.pwik_radio_dump_process import DumpSource
from .common import RadioCommon


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
        dump = self.import_dump(process=False)
        self.env.cr.execute(
            "UPDATE ir_attachment SET store_fname = '00/gone' WHERE id = %s", [dump.attachment_id.id]
        )
        self.env.invalidate_all()
        dump._process()
        self.assertEqual((dump.state, dump.error), ("error", "empty_file"))
