"""The reading tour of the demo: a simulated dongle plays what was on the air, the collector writes down what it hears."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from tools.pwik_cli.process import end_child

COLLECTOR = pathlib.Path(__file__).resolve().parents[2] / "collector" / "src"
DEVICE = "im871a"
PATIENCE = 90  # seconds, on a machine with other work


class NotDriven(Exception):
    """The collector did not hear what was played."""


def drive(tour: dict, recorded: pathlib.Path) -> bytes:
    """Drive a tour with a simulated dongle.

    The collector notes the moment at which it hears a telegram, which is today; the demo has a calendar of its own, so the
    moments of the recording are put back. A telegram that was recorded with its checksums comes as it was recorded: this dongle
    takes them off, wrong ones too.

    :param tour: as the office gives it to the collector
    :param recorded: JSON lines with ``ts`` and ``telegram``: what there is to be heard
    :return: the collector's dump, JSON lines
    :raises NotDriven: it ended early, heard something else, or took too long
    """
    air = [json.loads(line) for line in recorded.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory(prefix="pwik-tour-") as name:
        folder = pathlib.Path(name)
        (folder / "tour.json").write_text(json.dumps(tour), encoding="utf-8")
        dump = folder / "dump.jsonl"
        simulate = ("simulate", "--link", folder / "dongle", "--telegrams", recorded, "--interval", "0")
        listen = (
            "listen",
            "--port",
            folder / "dongle",
            "--tour",
            folder / "tour.json",
            "--out",
            dump,
            "--plain",
        )
        with _running(*simulate), _running(*listen) as collector:
            _wait_for(dump, len(air), collector)
            collector.send_signal(signal.SIGTERM)
            if collector.wait(PATIENCE):
                raise NotDriven(f"the collector ended with {collector.returncode}")
        heard = [json.loads(line) for line in dump.read_text(encoding="utf-8").splitlines()]
    if len(heard) != len(air):
        raise NotDriven(f"{len(heard)} telegrams were heard of {len(air)}")
    return b"".join(json.dumps(_date_back(*pair)).encode() + b"\n" for pair in zip(heard, air, strict=True))


def _date_back(heard: dict, recorded: dict) -> dict:
    raw = bytes.fromhex(recorded["telegram"])
    if len(raw) != raw[0] + 1:
        return recorded
    if bytes.fromhex(heard["telegram"]) != raw:
        raise NotDriven("another telegram was heard than was played")
    return {**heard, "ts": recorded["ts"]}


@contextlib.contextmanager
def _running(*arguments):
    """The collector's program as a process, which does not outlive the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pwik_collector", arguments[0], "--device", DEVICE, *map(str, arguments[1:])],
        env={**os.environ, "PYTHONPATH": os.fspath(COLLECTOR), "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        end_child(process)


def _wait_for(dump: pathlib.Path, count: int, collector: subprocess.Popen) -> None:
    """Wait until so many telegrams are on the disk."""
    end = time.monotonic() + PATIENCE
    while not dump.exists() or dump.read_bytes().count(b"\n") < count:
        if collector.poll() is not None:
            raise NotDriven(f"the collector ended early, with {collector.returncode}")
        if time.monotonic() > end:
            raise NotDriven(f"not all was heard within {PATIENCE} s")
        time.sleep(0.05)
