"""B3, B6, B8: imports that are killed, that lose their database, and whose workers meet their limits."""

import collections
import contextlib
import re
import threading
import time

import psycopg2

from tests.proof import radio
from tests.proof.faults import RESUMED_WITHIN, Faults, database_away, power_cut, slow_down
from tests.proof.registry import proof
from tests.proof.stage import NOT_OURS, tell

OVERLAYS = 300
PACKET = 30
#: Seconds that each packet takes longer: the fault comes in the middle of one more often than between two.
LONGER = 0.4
TABLES = ("pwik_radio_dump_waiting", "pwik_reading")


def new_world(stage):
    stage.world("radio:make", overlays=OVERLAYS, packet_lines=PACKET, crons=2)


class Imports:
    """A dump of each month, one after the other, in a world where nothing happens and in one where something does."""

    #: Readings and lines that the undisturbed imports came to: every proof of a run asks for the same.
    clean: tuple[list, list] = ([], [])

    def __init__(self, stage, months: int):
        """Import all of them undisturbed, as what is to be come to, where that was not done before."""
        self.stage, self.ids = stage, []
        if len(self.clean[0]) < OVERLAYS * months:
            type(self).clean = self._undisturbed(months)
        self.readings, self.lines = self.clean
        new_world(stage)
        slow_down(stage, LONGER, *TABLES)
        self.ids = []

    def _undisturbed(self, months):
        new_world(self.stage)
        begin = time.monotonic()
        with self.stage.serve():
            for month in range(1, months + 1):
                self.begin(month)
                if not self.stage.wait(self.is_done):
                    raise TimeoutError("an undisturbed import did not end")
        readings, lines = radio.readings(self.stage), radio.lines(self.stage)
        if len(readings) != OVERLAYS * months or len(lines) != OVERLAYS * months:
            raise RuntimeError(f"{len(readings)} readings, {len(lines)} lines of {OVERLAYS * months}")
        tell(f"{months} undisturbed imports of {OVERLAYS} telegrams take {time.monotonic() - begin:.0f} s")
        return readings, lines

    def begin(self, month: int) -> None:
        answer = radio.upload(
            self.stage.client_of("odczyt"), radio.dump(OVERLAYS, month), f"month-{month}.jsonl"
        )
        self.ids.append(answer["id"])

    def is_done(self) -> bool:
        return radio.is_done(self.stage, *self.ids)

    def is_done_awake(self) -> bool:
        """As `is_done`, and a process for scheduled actions looks for work at once, as when anybody asks for something."""
        self.stage.notify("cron_trigger")
        return self.is_done()

    def stand(self) -> int:
        """How much of the last one is done: lines that were read and readings that were made."""
        query = """
            SELECT (SELECT coalesce(lines_read, 0) FROM pwik_radio_dump WHERE id = %s)
                 + (SELECT count(*) FROM pwik_radio_dump_line WHERE dump_id = %s AND reading_id > 0)"""
        return self.stage.sql(query, self.ids[-1], self.ids[-1])[0][0]

    def compare(self, tally, note: str, in_time: bool) -> None:
        """Count one round: readings and lines must be those of the undisturbed imports, month by month."""
        months = len(self.ids)
        end = radio.heard(months + 1).replace(tzinfo=None)
        wanted = [row for row in self.readings if row[1] < end]
        readings, lines = radio.readings(self.stage), radio.lines(self.stage)
        tally.lost += (collections.Counter(wanted) - collections.Counter(readings)).total()
        tally.doubled += max(0, len(readings) - len(wanted))
        failed = radio.failed_crons(self.stage)
        tally.check(
            in_time and readings == wanted and lines == self.lines[: len(wanted)] and not failed,
            f"{note}: {len(readings)} of {len(wanted)} readings, {len(lines)} lines, failed: {failed}",
        )


def disturbed(stage, tally, count, fault, seed):
    """Imports that meet a fault; each must come to what the undisturbed one came to."""
    imports = Imports(stage, count)
    faults = Faults(stage, fault, count, 2 * OVERLAYS, 100 * LONGER, seed, latest=0.9)
    with stage.serve() as server:
        for month in range(1, count + 1):
            server.await_page()
            imports.begin(month)
            # A process for scheduled actions that was just started looks for work after a minute, unless it is told of some.
            # In one round of five nobody tells it: the minute belongs to the time until all is whole.
            done = imports.is_done if month % 5 == 1 else imports.is_done_awake
            words, in_time = faults.strike(server, imports.stand, done)
            imports.compare(tally, words, in_time)
    tally.note(faults.summary())


@proof("B3", "kill -9 at a random point of an import", small=2, full=30)
def killed(stage, tally, count):
    disturbed(stage, tally, count, power_cut, 3)


@proof("B6", "PostgreSQL crashes and comes back during an import", small=1, full=10)
def database_gone(stage, tally, count):
    if not stage.own_cluster:
        tally.skip(NOT_OURS)
        return
    disturbed(stage, tally, count, database_away, 6)


# Limits of a worker

STARTED = re.compile(r"Worker WorkerCron \((\d+)\) alive")
REAL = re.compile(r"WorkerCron \((\d+)\) timeout after")
PROCESSOR = re.compile(r"Worker \((\d+)\) CPU time limit \(\d+\) reached")


@contextlib.contextmanager
def kept_awake(stage):
    """Scheduled actions are asked for twice a second: below a minute the limit ends a process for them that is idle, too."""
    end = threading.Event()

    def ask():
        while not end.wait(0.5):
            with contextlib.suppress(psycopg2.Error):
                stage.notify("cron_trigger")

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    try:
        yield
    finally:
        end.set()
        asking.join(10)


def _limited(stage, tally, count, option, met):
    """`count` imports by one process for scheduled actions with a limit that the work of none keeps within.

    :param option: of Odoo; takes the limit in seconds
    :param met: finds the number of the process in the log when its limit was met
    """
    imports, total = Imports(stage, count), 0
    with stage.serve(*option, crons=1) as server, kept_awake(stage):
        for month in range(1, count + 1):
            begin = server.log.stat().st_size
            imports.begin(month)
            resumed = stage.wait(imports.is_done, 2 * RESUMED_WITHIN)
            log = server.log.read_bytes()
            workers = set(STARTED.findall(log.decode("utf-8", "replace")))
            ended = [pid for pid in met.findall(log[begin:].decode("utf-8", "replace")) if pid in workers]
            total += len(ended)
            note = f"the limit was met {len(ended)} times"
            tell(f"{note}; done: {resumed}")
            imports.compare(tally, note, resumed and bool(ended))
    tally.note(f"the limits were met {total} times")


@proof("B8", "a worker of the import is killed by its limit of time", small=1, full=10)
def time_limit(stage, tally, count):
    # Each packet takes at least LONGER, and one process has all 20: the limit comes in the middle, after some were done.
    _limited(stage, tally, count, ("--limit-time-real-cron=4",), REAL)


@proof("B8", "a worker of the import is stopped by its limit of processor time", small=1, full=10)
def processor_limit(stage, tally, count):
    _limited(stage, tally, count, ("--limit-time-cpu=1",), PROCESSOR)
