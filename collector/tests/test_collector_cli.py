"""The command line: help in Polish, wrong use named."""

import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from collector_help import environment

from pwik_collector.cli import main


@pytest.fixture
def run(capsys):
    """The command line, within this process."""

    def _run(*arguments):
        try:
            status = main([str(item) for item in arguments])
        except SystemExit as error:
            status = error.code
        shown = capsys.readouterr()
        return SimpleNamespace(returncode=status, stdout=shown.out, stderr=shown.err)

    return _run


@pytest.mark.parametrize("command", ["listen", "export", "upload", "simulate", "devices"])
def test_help_of_each_command(run, command):
    done = run(command, "--help")
    assert done.returncode == 0 and done.stdout.startswith(f"użycie: pwik-collector {command}")
    assert "opcje:" in done.stdout and not re.search(r"\b(usage|options|show this|the)\b", done.stdout)


def test_help_names_the_commands(run):
    done = run("--help")
    assert done.returncode == 0
    for command in ("listen", "export", "upload", "simulate", "devices"):
        assert command in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "brakuje: POLECENIE"),
        (("listen",), "brakuje: --port, --device, --out"),
        (("listen", "--port", "x", "--device", "rtl", "--out", "y"), "--device: błędna wartość 'rtl'"),
        (("listen", "--sync", "-1"), "--sync: błędna wartość '-1'"),
        (("listen", "--silence", "nan"), "--silence: błędna wartość 'nan'"),
        (("export",), "brakuje: PLIK"),
        (("devices", "x"), "nieznane: x"),
        (("upload", "--url"), "--url: brakuje wartości"),
    ],
)
def test_wrong_use(run, arguments, words):
    done = run(*arguments)
    assert done.returncode == 2 and words in done.stderr, done.stderr


def test_a_mode_that_the_dongle_lacks(run, tmp_path):
    done = run("listen", "--port", "x", "--device", "cul", "--mode", "c1t1", "--out", tmp_path / "x.jsonl")
    assert done.returncode == 1 and "ma tryby: t1, c1" in done.stderr and not (tmp_path / "x.jsonl").exists()


def test_a_tour_with_keys_starts_nothing(run, tmp_path):
    (tmp_path / "tour.json").write_text(
        '{"tour": "x", "stops": [{"address": "a", "module": "1", "key": "00"}]}'
    )
    done = run(
        "listen",
        "--port",
        "x",
        "--device",
        "cul",
        "--tour",
        tmp_path / "tour.json",
        "--out",
        tmp_path / "x.jsonl",
    )
    assert done.returncode == 1 and "Klucze muszą pozostać na serwerze" in done.stderr
    assert not (tmp_path / "x.jsonl").exists()


def test_devices_are_listed(run):
    done = run("devices")
    assert done.returncode == 0
    for code in ("im871a", "amb8465", "iu891a", "cul"):
        assert code in done.stdout
    assert run("--version").stdout.strip()


def test_as_a_module_of_python():
    done = subprocess.run(
        [sys.executable, "-m", "pwik_collector", "--version"],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    assert done.stdout.strip()
