"""The optional addon pwik_queue_job: installed with OCA's queue_job, a billing run is worked off by its jobs."""

import os
import subprocess
import sys

from tests.proof import billing
from tests.proof.registry import proof
from tools.pwik_cli.environment import pip_environ

RUNS = "SELECT method_name, state, count(*) FROM queue_job GROUP BY 1, 2 ORDER BY 1, 2"


@proof("QUEUE", "billing runs by queue_job's runner, with a kill in the middle", small=2, full=10)
def by_jobs(stage, tally, count):
    folder = fetch(stage)
    if folder is None:
        tally.skip("the package odoo-addon-queue-job cannot be fetched")
        return
    stage.world("billing:make", months=count)
    paths = [*stage.site.odoo.addons, stage.site.settings.addons, folder / "odoo" / "addons"]
    path = f"--addons-path={','.join(map(os.fspath, paths))}"
    install(stage, path)
    stage.sql("UPDATE ir_cron SET active = false WHERE cron_name LIKE 'Billing runs%'")  # the jobs alone
    with stage.serve(path, "--load=base,rpc,web,queue_job", workers=3, crons=1) as server:
        for number in range(count):
            run = billing.approve(stage, stage.client("admin"), number)
            if number % 2:
                server.kill()
            done = stage.wait(lambda run=run: billing.is_done(stage, run), 240)
            billing.count(stage, tally, [run], f"round {number}", done)
            server.await_page()
    jobs = stage.sql(RUNS)
    did = sum(number for method, state, number in jobs if (method, state) == ("_queue_run", "done"))
    tally.check(did >= count * billing.CONTRACTS // billing.PACKET, f"jobs: {jobs}")
    tally.note(f"jobs: {jobs}")


def fetch(stage):
    """The folder with queue_job in it, or None where it cannot be had."""
    folder = stage.site.settings.local / "queue_job"
    if not (folder / "odoo" / "addons" / "queue_job").is_dir():
        lock = stage.site.settings.root / "requirements" / "queue.txt"
        command = [sys.executable, "-m", "pip", "install", "--no-deps", "--target", folder, "-r", lock]
        if subprocess.run(
            command, env=pip_environ(stage.site.settings), capture_output=True, check=False
        ).returncode:
            return None
    return folder


def install(stage, path):
    command = stage.site.odoo_command(
        *("-c", stage.site.settings.conf, "-d", stage.database, path, "-i", "pwik_queue_job"),
        *("--stop-after-init", "--no-http", "--max-cron-threads=0", "--skip-auto-install"),
    )
    done = subprocess.run(command, env=stage.site.environ(), capture_output=True, text=True, check=False)
    state = stage.sql("SELECT state FROM ir_module_module WHERE name = 'pwik_queue_job'")
    if done.returncode or state != [("installed",)]:
        raise RuntimeError(f"pwik_queue_job was not installed: {state} {done.stderr[-1500:]}")
