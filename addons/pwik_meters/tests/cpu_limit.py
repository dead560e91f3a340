import os
import signal
from contextlib import contextmanager

from odoo.service.server import Worker
from odoo.tools import mute_logger


class CpuLimit:
    """For tests of what happens when a worker reaches its limit of processor time."""

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
