"""The optional addon pwik_queue_job: an import and billing runs worked off by the real job runner of OCA's queue_job."""

import contextlib
import dataclasses
import os
import pathlib
import random
import subprocess
import time

from tests.proof import billing, radio
from tests.proof.registry import proof
from tests.proof.stage import SiteWithWorkers, tell
from tools.pwik_cli import databases

OVERLAYS = 200
RESUMED_WITHIN = 180.0
#: They are fetched for the proof only: nothing of ours depends on them.
PACKAGES = ("odoo-addon-queue-job==19.0.*", "openupgradelib")
ADDONS = "odoo/addons"


@dataclasses.dataclass(frozen=True)
class QueueSite(SiteWithWorkers):
    """The site with queue_job beside Odoo's own addons, two processes for jobs."""

    def environ(self):
        environ = super().environ()
        path = os.pathsep.join((environ["PYTHONPATH"], os.fspath(library(self.settings))))
        return {**environ, "PYTHONPATH": path, "ODOO_QUEUE_JOB_CHANNELS": "root:2"}

    @property
    def options(self) -> tuple[str, ...]:
        folders = (*self.odoo.addons, library(self.settings) / ADDONS, self.settings.addons)
        return ("--addons-path=" + ",".join(map(os.fspath, folders)), "--load=base,rpc,web,queue_job")


def library(settings) -> pathlib.Path:
    return settings.local / "oca-queue"


def obstacle(settings) -> str:
    """Why there is no queue_job here; empty where there is one, fetched or there before."""
    folder = library(settings)
    if (folder / ADDONS / "queue_job").is_dir() and (folder / "openupgradelib").is_dir():
        return ""
    pip = [
        settings.venv / "bin/python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        folder,
        *PACKAGES,
    ]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    return f"queue_job cannot be fetched: {done.stderr.strip()[-300:]}" if done.returncode else ""


def make(env, months):
    """Overlays to import and households to bill; one scheduled action of each kind, which makes the jobs."""
    radio.make(env, OVERLAYS, packet_lines=10)
    billing.make(env, months=months)


@contextlib.contextmanager
def queued(stage):
    """Odoo with the addon and the job runner on the stage's database, for the block."""
    before = stage.site
    fields = {field.name: getattr(before, field.name) for field in dataclasses.fields(SiteWithWorkers)}
    stage.site = site = QueueSite(**fields)
    try:
        command = (
            "-c",
            site.settings.conf,
            "-d",
            stage.database,
            "-i",
            "pwik_queue_job",
            "--skip-auto-install",
        )
        databases.run_odoo(
            site, "Installing pwik_queue_job", *command, *site.options, "--stop-after-init", "--no-http"
        )
        with stage.serve(*site.options, crons=1) as server:
            yield server
    finally:
        stage.site = before


@proof(
    "QUEUE", "packets as jobs of queue_job: an import and a run, then kill -9 in the middle", small=1, full=10
)
def jobs(stage, tally, count):
    if reason := obstacle(stage.site.settings):
        tally.skip(reason)
        return
    stage.world("jobs:make", months=count + 1)
    chance = random.Random(7)
    with queued(stage) as server:
        admin = stage.client("admin")
        begin = time.monotonic()
        radio.upload(admin, radio.dump(OVERLAYS, 1), "dump.jsonl")
        run = billing.approve(stage, admin, 0)
        done = stage.wait(lambda: radio.is_done(stage) and billing.is_done(stage, run), RESUMED_WITHIN)
        seconds = time.monotonic() - begin
        _count(stage, tally, run, 1, "undisturbed", done)
        for number in range(1, count + 1):
            # The dump first: its packets and those of the run are open when the power goes.
            radio.upload(admin, radio.dump(OVERLAYS, number + 1), f"dump-{number}.jsonl")
            run = billing.approve(stage, admin, number)
            time.sleep(chance.uniform(0, seconds / 2))
            stand = (len(radio.readings(stage)) - number * OVERLAYS, billing.billed(stage, run))
            server.kill()
            begin = time.monotonic()
            done = stage.wait(
                lambda run=run: radio.is_done(stage) and billing.is_done(stage, run), RESUMED_WITHIN
            )
            note = f"killed with {stand} readings and bills: whole {time.monotonic() - begin:.0f} s later"
            tell(note)
            tally.note(note)
            _count(stage, tally, run, number + 1, f"round {number}", done)
            server.await_page()
            admin = stage.client("admin")


TASKS = """
    SELECT (SELECT count(*) FROM pwik_billing_run_task WHERE state = 'done')
         + (SELECT count(*) FROM pwik_radio_dump_task WHERE state = 'done')"""
#: Packets that a job did, and those that more than one job says it did.
WORKED = """
    SELECT count(*), count(*) FILTER (WHERE times > 1) FROM (
        SELECT identity_key, count(*) AS times FROM queue_job
         WHERE method_name = '_run_queued' AND state = 'done' AND result = 'done' GROUP BY 1) t"""


def _count(stage, tally, run, dumps, note, in_time):
    billing.count(stage, tally, [run], note, in_time)
    found, wanted = len(radio.readings(stage)), dumps * OVERLAYS
    tally.lost += max(0, wanted - found)
    tally.doubled += max(0, found - wanted)
    tally.check(in_time and found == wanted, f"{note}: {found} of {wanted} readings")
    packets = stage.sql(TASKS)[0][0]
    worked, twice = stage.sql(WORKED)[0]
    tally.doubled += twice
    if tally.check(
        0 < worked == packets and not twice,
        f"{note}: {packets} packets, {worked} by jobs, {twice} more than once",
    ):
        tally.note(f"{note}: {packets} packets, each done by one job")
