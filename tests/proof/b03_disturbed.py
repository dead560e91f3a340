"""B3, B6, B8: imports that are killed, that lose their database, and whose workers meet their limits."""

import collections
import contextlib
import re
import resource
import threading
import time

import psutil
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


FAILED = """
    SELECT c.cron_name FROM ir_cron c JOIN ir_act_server a ON a.id = c.ir_actions_server_id
      JOIN ir_model m ON m.id = a.model_id
     WHERE m.model = 'pwik.radio.dump' AND (c.failure_count > 0 OR NOT c.active)"""


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
        # Odoo counts an action that met a limit or had no database as failed until it ran again.
        self.stage.wait(lambda: not self.stage.sql(FAILED), RESUMED_WITHIN)
        failed = self.stage.sql(FAILED)
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
            words, in_time = faults.strike(server, imports.stand, imports.is_done)
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
KILLED = re.compile(r"WorkerCron \((\d+)\) timeout after")
STOPPED = re.compile(r"Worker \((\d+)\) CPU time limit \(\d+\) reached")


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


def workers_of(server) -> list[int]:
    """Processes for scheduled actions that live."""
    there = {process.pid for process in server.processes()}
    return [pid for pid in map(int, STARTED.findall(log_of(server))) if pid in there]


def log_of(server, begin: int = 0) -> str:
    return server.log.read_bytes()[begin:].decode("utf-8", "replace")


@proof("B8", "a worker of the import is killed by its limit of time", small=1, full=10)
def time_limit(stage, tally, count):
    # Each packet takes at least LONGER, and one process has all 20: the limit comes in the middle, after some were done.
    imports, total = Imports(stage, count), 0
    with stage.serve("--limit-time-real-cron=4", crons=1) as server, kept_awake(stage):
        for month in range(1, count + 1):
            begin = server.log.stat().st_size
            imports.begin(month)
            resumed = stage.wait(imports.is_done, 2 * RESUMED_WITHIN)
            met = len(KILLED.findall(log_of(server, begin)))
            total += met
            note = f"killed {met} times"
            tell(f"{note}; done: {resumed}")
            imports.compare(tally, note, resumed and met > 0)
    tally.note(f"workers were killed {total} times")


def processor_time_used_up(_stage, server, _share):
    """What the worker has used is more than it may: the system tells it with its next piece of work. As `power_cut`."""
    for pid in workers_of(server):
        used = int(sum(psutil.Process(pid).cpu_times()[:2]))
        _soft, hard = resource.prlimit(pid, resource.RLIMIT_CPU)
        resource.prlimit(pid, resource.RLIMIT_CPU, (max(1, used), hard))
    return "stopped by the limit", 0.0


@proof("B8", "a worker of the import is stopped by its limit of processor time", small=2, full=10)
def processor_limit(stage, tally, count):
    # A worker that came after the last fault may end the import before it has used a second, which is the least limit there
    # is: such a round must come to the same, and another one is tried.
    rounds = 2 * count
    imports, stopped = Imports(stage, rounds + 1), 0
    faults = Faults(stage, processor_time_used_up, rounds, 2 * OVERLAYS, 100 * LONGER, 8, latest=0.7)
    with stage.serve(crons=1) as server, kept_awake(stage):
        imports.begin(1)  # uses more than a second
        stage.wait(imports.is_done)
        for month in range(2, rounds + 2):
            begin = server.log.stat().st_size
            imports.begin(month)
            words, in_time = faults.strike(server, imports.stand, imports.is_done)
            met = len(STOPPED.findall(log_of(server, begin)))
            stopped += met > 0
            imports.compare(tally, f"{words}, {met} times", in_time)
            if stopped == count:
                break
    tally.check(stopped == count, f"a worker was stopped in {stopped} rounds only")
    tally.note(faults.summary())
