"""`./pwik prove` itself: what counts as met, and that every program is found."""

import base64
import io
import json
import pathlib
import signal
import subprocess
import sys
import types
import zipfile

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


def test_a_cell_that_computes_is_seen():
    """In each form of B12, one that does and one that does not."""
    from openpyxl import Workbook

    from tests.proof.b12_exports import PAYLOAD, cells_of

    evil = PAYLOAD.format("=")
    assert cells_of("csv", f'Name;b\n"{evil.replace(chr(34), chr(34) * 2)}";x\n'.encode()) == [(evil, True)]
    assert cells_of("csv", b"Name;b\n'=HYPERLINK;x\n") == [("'=HYPERLINK", False)]
    assert cells_of("xlsx", b"") == []
    book, out = Workbook(), io.BytesIO()
    book.active.append([evil, f"'{evil}", "harmless"])
    book.save(out)
    assert cells_of("xlsx", out.getvalue()) == [(evil, True), (f"'{evil}", False)]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("csv/cases.csv", "Name\n@HYPERLINK\n")
        archive.writestr("dane.html", "=HYPERLINK")
    assert cells_of("zip", packed.getvalue()) == [("@HYPERLINK", True)]


@pytest.mark.parametrize("skip", range(3))
@pytest.mark.parametrize("case", [str.upper, str.lower])
def test_a_key_is_known_however_it_is_written(case, skip):
    from tests.proof.b22_keys import forms_of

    key = "0123456789ABCDEF0123456789ABCDEF"
    forms = [form.lower() for form in forms_of(key)]
    text = case(key).encode()
    for written in (
        text.decode(),
        text.hex(),
        base64.b64encode(b"x" * skip + text + b" and more").decode(),
        base64.b64encode(bytes.fromhex(key)).decode(),
    ):
        assert any(form in written.lower() for form in forms), written
    assert not any(form in base64.b64encode(b"x" * 60).decode().lower() for form in forms)


def test_a_fault_after_the_work_proves_nothing():
    from tests.proof.faults import Faults

    class Instant:
        def wait(self, condition, _patience, _pause=0):
            return condition()

    for done, held in ((9, True), (10, False)):
        faults = Faults(Instant(), lambda *_: ("struck", 0.0), 1, 10, 0, seed=1)
        server = types.SimpleNamespace(restarts=0)
        _words, in_time = faults.strike(server, lambda done=done: done, lambda: True)
        assert in_time is held
