"""`./pwik prove` itself: what counts as met, and that every program is found."""

import json
import pathlib
import signal
import subprocess
import sys

import psutil
import pytest

from tests.proof.registry import MOST_NOTES, Tally


def test_met_only_when_something_was_tried_and_all_held():
    assert not Tally().met
    tally = Tally()
    assert tally.check(True)
    assert tally.met
    assert not tally.check(False, "seen")
    assert not tally.met
    assert tally.notes == ["seen"]


@pytest.mark.parametrize("name", ["lost", "doubled"])
def test_a_loss_is_never_met(name):
    tally = Tally(tried=3, survived=3)
    setattr(tally, name, 1)
    assert not tally.met


def test_an_exception_is_a_failure_and_a_skip_is_told():
    assert not Tally(tried=1, survived=1, broken=True).row()["ok"]
    tally = Tally()
    tally.skip("no right to mount")
    assert tally.row()["ok"] and tally.row()["skipped"]
    assert not Tally(tried=2, survived=1, skipped="half").row()["ok"]


def test_notes_beyond_the_most_are_counted():
    tally = Tally()
    for number in range(MOST_NOTES + 3):
        tally.check(False, f"note {number}")
    notes = tally.row()["notes"]
    assert len(notes) == MOST_NOTES + 1
    assert notes[-1] == "and 3 more"


def test_rows_are_json():
    assert json.loads(json.dumps(Tally(1, 1).row()))["survived"] == 1


ENDLESS = """
import subprocess, time
from tests.proof.__main__ import heed_signals

heed_signals()
with subprocess.Popen(["sleep", "600"], start_new_session=True) as server:
    try:
        print(server.pid, flush=True)
        time.sleep(600)
    finally:
        server.kill()
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_proof_that_is_ended_puts_away_its_server(sign):
    root = pathlib.Path(__file__).parents[2]
    command = [sys.executable, "-c", ENDLESS]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as proof:
        server = int(proof.stdout.readline())
        assert psutil.pid_exists(server)
        proof.send_signal(sign)
        assert proof.wait(30) == 128 + sign
    assert not psutil.pid_exists(server)
