"""B4 to B6: billing runs that are killed, that meet, and that lose their database."""

import time

from tests.proof import billing
from tests.proof.faults import Faults, database_away, power_cut
from tests.proof.registry import proof
from tests.proof.stage import NOT_OURS, tell

#: A process that waits for what another has written or locked.
MEETING = """
    SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND cardinality(pg_blocking_pids(pid)) > 0"""


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


def disturbed(stage, tally, count, fault, seed):
    """Runs that meet a fault, one month after the other."""
    stage.world("billing:make", months=count + 1)
    with stage.serve() as server:
        seconds = undisturbed(stage, tally, stage.client("admin"))
        faults = Faults(stage, fault, count, billing.CONTRACTS, seconds, seed)
        for number in range(1, count + 1):
            server.await_page()
            run = billing.approve(stage, stage.client("admin"), number)
            words, in_time = faults.strike(
                server,
                lambda run=run: billing.billed(stage, run),
                lambda run=run: billing.is_done(stage, run),
            )
            billing.count(stage, tally, [run], words, in_time)
    tally.note(faults.summary())


@proof("B4", "kill -9 at a random point of a billing run", small=2, full=30)
def killed(stage, tally, count):
    disturbed(stage, tally, count, power_cut, 4)


@proof("B5", "two billing runs of one period at once", small=2, full=20, suite=True)
def two_runs(stage, tally, count):
    # A packet holds all: each process has one run's, and they meet.
    stage.world("billing:make", months=count + 1, packet=billing.CONTRACTS)
    shares, met = [], 0
    with stage.serve(crons=2):
        client = stage.client("admin")
        for number in range(count):
            runs = [
                client.call("pwik.billing.run", "create", [billing.values_of(stage, number)])[0] for _ in "ab"
            ]
            client.call("pwik.billing.run", "action_preview", runs)
            if not stage.wait(lambda runs=runs: {billing.state_of(stage, run) for run in runs} == {"ready"}):
                raise TimeoutError("the previews did not end")
            with stage.watching(MEETING) as seen:
                client.call("pwik.billing.run", "action_approve", runs)
                done = stage.wait(lambda runs=runs: billing.is_done(stage, *runs))
            met += bool(seen)
            shares.append([len(stage.sql(billing.SETTLED, [run])) for run in runs])
            billing.count(stage, tally, runs, f"round {number}: {shares[-1]}", done)
    tally.check(met > 0, "no run ever waited for the other: nothing was tried")
    tally.note(
        f"contracts billed by the one and by the other: {shares}; the one waited for the other in {met} of {count}"
    )


@proof("B6", "PostgreSQL crashes and comes back during a billing run", small=1, full=10)
def database_gone(stage, tally, count):
    if not stage.own_cluster:
        tally.skip(NOT_OURS)
        return
    disturbed(stage, tally, count, database_away, 6)
