import base64
from unittest.mock import patch

from odoo.addons.pwik_meters.tests.cpu_limit import CpuLimit
from odoo.addons.pwik_meters.tools import limits
from odoo.tools import mute_logger

from ..domain import wmbus, workbook, workbook_parts
from ..domain.errors import ArchiveError, KeyFileError
from ..models import pwik_radio_dump, pwik_radio_dump_process
from ..models.dump_packet import DumpPacket
from .common import RadioCommon, plain_line
from .test_chain import TOUR

CRON = "pwik_radio_reading.ir_cron_process_dumps"


class TestCpuLimit(CpuLimit, RadioCommon):
    """Odoo's own handler raises in the middle of the work: no line and no file is blamed, and the next run ends the work."""

    def test_handler_of_this_odoo_is_known(self):
        with self.worker(), self.assertRaises(Exception) as caught:
            self.reach()
        self.assertTrue(limits.is_limit(caught.exception))
        with self.assertRaises(Exception) as passed:
            limits.pass_on(caught.exception)
        self.assertIs(passed.exception, caught.exception)

    def test_other_errors_stay_where_they_are(self):
        for error in (Exception("CPU"), ValueError(limits.MESSAGE), KeyError(), MemoryError()):
            limits.pass_on(error)

    def interrupt(self, owner, method):
        """Import the tour, reach the limit in a method, run again. :return: the dump"""
        dump = self.import_dump(process=False)
        with self.worker(), patch.object(owner, method, self.reach), self.assertRaises(Exception) as caught:
            with self.env.cr.savepoint():
                dump._process()
        self.assertTrue(limits.is_limit(caught.exception))
        self.env.invalidate_all()
        self.assertEqual((dump.state, dump.error), ("new", False))
        dump._process()
        return dump

    def test_a_file_that_ends_each_process_stops_no_other(self):
        """Somebody's joke, or more than this server can read: by its turn, five times, then it is put aside and told."""
        joke = self.import_dump(plain_line("77000001", 1), "joke.jsonl", process=False)
        other = self.import_dump(process=False)
        read = type(self.dumps)._read_packet

        def stop_at_the_joke(dump, source, limit):
            if dump.id == joke.id:
                raise Exception(limits.MESSAGE)
            return read(dump, source, limit)

        with patch.object(type(self.dumps), "_read_packet", stop_at_the_joke), self.in_cron():
            for _turn in range(pwik_radio_dump_process.MOST_DEATHS):
                with mute_logger("odoo.addons.base.models.ir_cron"):
                    self.env.ref(CRON).method_direct_trigger()
                self.env.invalidate_all()
                self.assertEqual((joke.state, other.state), ("new", "new"))
            with self.assertLogs("odoo.addons.pwik_radio_reading", "ERROR"):
                self.env.ref(CRON).method_direct_trigger()
        self.assertEqual((joke.state, joke.error), ("error", "too_heavy"))
        self.assertEqual(self.outcomes(other), TOUR)
        joke.action_process()  # somebody has it read again: it gets as many turns as a new one
        self.assertEqual((joke.state, joke.read_attempts), ("done", 0))

    def test_in_the_decoder(self):
        self.assertEqual(self.outcomes(self.interrupt(wmbus, "decode")), TOUR)

    def test_in_a_packet(self):
        self.assertEqual(self.outcomes(self.interrupt(DumpPacket, "_take_in")), TOUR)

    def test_while_the_file_is_read(self):
        self.assertEqual(self.outcomes(self.interrupt(type(self.dumps), "_prepare_line")), TOUR)

    def test_in_a_library_whose_errors_the_domain_renames(self):
        with (
            self.worker(),
            patch.object(workbook, "check"),
            patch.object(workbook_parts, "load", self.reach),
            self.assertRaises(ArchiveError) as caught,
        ):
            next(workbook.rows(None))
        with self.assertRaises(ArchiveError):
            limits.pass_on(caught.exception)

    def test_a_file_that_is_looked_at_is_not_called_damaged(self):
        """Neither gets it another digest by that: it would come in twice."""
        for look in (self.dumps._get_digest, self.dumps._get_format):
            with (
                self.subTest(look.__name__),
                self.worker(),
                patch.object(pwik_radio_dump, "open_members", self.make_renaming()),
                self.assertRaises(ArchiveError) as caught,
            ):
                look(b"x")
            self.assertTrue(limits.is_limit(caught.exception))

    def make_renaming(self):
        """Something that gives whatever happens in it a name of the domain, as the readers of archives do."""

        def read(*_args):
            try:
                self.reach()
            except Exception as error:
                raise ArchiveError from error

        return read

    def test_a_key_file_is_not_called_unreadable(self):
        content = base64.b64encode(b"PK\x03\x04 no archive")
        with (
            self.worker(),
            patch("zipfile.ZipFile", self.reach),
            self.assertRaises(KeyFileError) as caught,
        ):
            self.env["pwik.radio.module"].import_keys(content)
        self.assertTrue(limits.is_limit(caught.exception))
