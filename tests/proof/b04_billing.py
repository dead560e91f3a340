"""B4 to B6: billing runs that are killed, that meet, and that lose their database."""

import random
import time

from tests.proof import billing
from tests.proof.b01_import import RESUMED_WITHIN, SERVING_WITHIN
from tests.proof.registry import proof
from tests.proof.stage import tell


def undisturbed(stage, tally, client) -> float:
    """Seconds that the run of the first month takes when nothing happens to it."""
    run = billing.approve(stage, client, 0)
    begin = time.monotonic()
    if not stage.wait(lambda: billing.is_done(stage, run)):
        raise TimeoutError("the undisturbed run did not end")
    seconds = time.monotonic() - begin
    billing.count(stage, tally, [run], "undisturbed")
    tell(f"an undisturbed run over {billing.CONTRACTS} contracts takes {seconds:.1f} s")
    return seconds


@proof("B4", "kill -9 at a random point of a billing run", small=2, full=30)
def killed(stage, tally, count):
    stage.world("billing:make", months=count + 1)
    chance, slowest, stands = random.Random(4), 0.0, []
    with stage.serve() as server:
        seconds = undisturbed(stage, tally, stage.client("admin"))
        for number in range(1, count + 1):
            run = billing.approve(stage, stage.client("admin"), number)
            time.sleep(chance.uniform(0, seconds))
            server.kill()
            stands.append(billing.billed(stage, run))
            begin = time.monotonic()
            resumed = stage.wait(lambda run=run: billing.is_done(stage, run), RESUMED_WITHIN)
            slowest = max(slowest, time.monotonic() - begin)
            billing.count(stage, tally, [run], f"killed with {stands[-1]} billed", resumed)
            tell(f"killed with {stands[-1]} billed: whole {time.monotonic() - begin:.0f} s later")
            server.await_page()
    tally.note(
        f"killed with {sorted(stands)} of {billing.CONTRACTS} billed; slowest: whole {slowest:.0f} s after the kill"
    )


@proof("B5", "two billing runs of one period at once", small=2, full=20, suite=True)
def two_runs(stage, tally, count):
    # A packet holds all: each process has one run's, and they meet.
    stage.world("billing:make", months=count + 1, packet=billing.CONTRACTS)
    shares = []
    with stage.serve(crons=2):
        client = stage.client("admin")
        for number in range(count):
            runs = [
                client.call("pwik.billing.run", "create", [billing.values_of(stage, number)])[0] for _ in "ab"
            ]
            client.call("pwik.billing.run", "action_preview", runs)
            if not stage.wait(lambda runs=runs: {billing.state_of(stage, run) for run in runs} == {"ready"}):
                raise TimeoutError("the previews did not end")
            client.call("pwik.billing.run", "action_approve", runs)
            done = stage.wait(lambda runs=runs: billing.is_done(stage, *runs))
            shares.append([len(stage.sql(billing.SETTLED, [run])) for run in runs])
            billing.count(stage, tally, runs, f"round {number}: {shares[-1]}", done)
    tally.note(f"contracts billed by the one and by the other: {shares}")


@proof("B6", "PostgreSQL crashes and comes back during a billing run", small=1, full=10)
def database_gone(stage, tally, count):
    if not stage.own_cluster:
        tally.skip("the PostgreSQL server is not ours alone (PGHOST, or a ./pwik run of this checkout)")
        return
    stage.world("billing:make", months=count + 1)
    chance, slowest = random.Random(6), 0.0
    with stage.serve() as server:
        seconds = undisturbed(stage, tally, stage.client("admin"))
        for number in range(1, count + 1):
            run = billing.approve(stage, stage.client("admin"), number)
            time.sleep(chance.uniform(0, seconds))
            away = 15 * (number - 1) / max(1, count - 1)
            stage.crash_database(away)
            try:
                took = server.await_page()
            except TimeoutError:
                took = float("inf")
            slowest = max(slowest, took)
            resumed = stage.wait(lambda run=run: billing.is_done(stage, run), RESUMED_WITHIN)
            note = f"away {away:.0f} s, page after {took:.0f} s"
            billing.count(stage, tally, [run], note, resumed and took <= SERVING_WITHIN)
            tell(f"{note}, Odoo restarted {server.restarts} times")
    tally.note(f"slowest: a page {slowest:.1f} s after PostgreSQL was back")
