import os
import signal
from contextlib import contextmanager
from unittest.mock import patch

from odoo.addons.pwik_meters.tools import limits
from odoo.service.server import Worker
from odoo.tools import mute_logger

from ..domain import wmbus, workbook
from ..domain.errors import ArchiveError
from ..models.dump_packet import DumpPacket
from .common import RadioCommon
from .test_chain import TOUR

CRON = "pwik_radio_reading.ir_cron_process_dumps"


class TestCpuLimit(RadioCommon):
    """Odoo's own handler raises in the middle of the work: no line and no file is blamed, and the next run ends the work."""

    @contextmanager
    def worker(self):
        """This process answers SIGXCPU as a worker of Odoo does."""
        worker = Worker.__new__(Worker)
        worker.pid = os.getpid()
        before = signal.signal(signal.SIGXCPU, worker.signal_time_expired_handler)
        try:
            with mute_logger("odoo.service.server"):
                yield
        finally:
            signal.signal(signal.SIGXCPU, before)

    def reach(self, *_args, **_kwargs):
        """What the kernel does when the time is used up."""
        os.kill(os.getpid(), signal.SIGXCPU)
        for _moment in range(1_000_000):  # the interpreter calls the handler between two instructions
            pass
        self.fail("the signal did not arrive")

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
            patch("openpyxl.load_workbook", self.reach),
            self.assertRaises(ArchiveError) as caught,
        ):
            next(workbook.rows(None))
        with self.assertRaises(ArchiveError):
            limits.pass_on(caught.exception)
