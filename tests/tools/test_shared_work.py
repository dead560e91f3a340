"""Several runs of pytest that share one list of tests: each class once, whole, by whichever run comes first."""

import os
import pathlib
import subprocess
import sys

import pytest

from tools.pwik_cli.inside.pytest_shared import count_left

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLUGIN = "tools.pwik_cli.inside.pytest_shared"
TESTS = """
import os, pathlib, time, unittest

def note(what):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(f"{os.environ['RUN']} {what}\\n")

def meet():
    '''Goes on when both runs have come this far.'''
    folder = pathlib.Path(os.environ["NOTES"]).parent / "meeting"
    folder.mkdir(exist_ok=True)
    (folder / os.environ["RUN"]).touch()
    until = time.monotonic() + 60
    while len(list(folder.iterdir())) < int(os.environ["RUNS"]) and time.monotonic() < until:
        time.sleep(0.01)

class Base(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        note(f"{cls.__name__} begins")
        if cls.__name__ in ("TestLong", "TestA"):
            meet()

    @classmethod
    def tearDownClass(cls):
        note(f"{cls.__name__} ends")

    def test_one(self):
        note(f"{type(self).__name__} one")

    def test_two(self):
        note(f"{type(self).__name__} two")
"""
CLASSES = "".join(f"class Test{name}(Base):\n    pass\n\n" for name in "ABCDE")
LONG = 'class TestLong(Base):\n    test_tags = {"pwik_long"}\n'


@pytest.fixture
def begin(tmp_path):
    """A function that begins a run of pytest which shares its work with the others."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "test_them.py").write_text(f"{TESTS}\n{CLASSES}{LONG}\ndel Base\n", encoding="utf-8")

    def run(name, runs=1):
        environ = {"NOTES": f"{tmp_path}/notes", "RUN": name, "RUNS": str(runs), "PYTHONPATH": f"{ROOT}"}
        plugins = ("-p", "no:odoo", "-p", "no:hypothesispytest", "-p", "no:cacheprovider", "-p", PLUGIN)
        command = [sys.executable, "-m", "pytest", "-q", *plugins]
        return subprocess.Popen(
            [*command, f"--shared-work={tmp_path}/shared", f"--rootdir={tmp_path}", "test_them.py"],
            cwd=tmp_path,
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            text=True,
        )

    return run


def of(tmp_path, run):
    lines = (tmp_path / "notes").read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(f"{run} ") for line in lines if line.startswith(f"{run} ")]


def whole(name):
    return [f"Test{name} {what}" for what in ("begins", "one", "two", "ends")]


def test_one_run_does_all_and_the_long_ones_first(begin, tmp_path):
    alone = begin("alone")
    assert "12 passed" in alone.communicate()[0]
    assert alone.returncode == 0
    assert of(tmp_path, "alone") == [line for name in ("Long", *"ABCDE") for line in whole(name)]


def test_two_runs_do_each_class_once(begin, tmp_path):
    both = [begin("here", 2), begin("there", 2)]
    said = [run.communicate()[0] for run in both]
    assert [run.returncode for run in both] == [0, 0], said
    done = [of(tmp_path, "here"), of(tmp_path, "there")]
    assert all(done)  # each has taken some
    for lines in done:  # each class in one piece, set up and torn down once
        taken = [line.split()[0].removeprefix("Test") for line in lines if line.endswith("begins")]
        assert lines == [line for name in taken for line in whole(name)]
    begun = [line for line in (*done[0], *done[1]) if line.endswith("begins")]
    assert sorted(begun) == sorted(whole(name)[0] for name in ("Long", *"ABCDE"))


def test_a_run_that_comes_too_late_has_nothing_to_do_and_fails_not(begin, tmp_path):
    begin("early").communicate()
    late = begin("late")
    assert "no tests ran" in late.communicate()[0]
    assert late.returncode in (0, 5)
    assert not of(tmp_path, "late")


def test_functions_that_stand_apart_are_one_group(begin, tmp_path):
    tests = f"{TESTS}\ndef test_first():\n    pass\n\n{CLASSES}\ndel Base\n\ndef test_last():\n    pass\n"
    (tmp_path / "test_them.py").write_text(tests, encoding="utf-8")
    assert "12 passed" in begin("alone").communicate()[0]
    assert count_left(tmp_path / "shared") == 0


def test_what_nobody_ran_is_counted(begin, tmp_path):
    (tmp_path / "shared" / "listed").write_text("14", encoding="ascii")
    (tmp_path / "shared" / "ran-1").write_text("8", encoding="ascii")
    (tmp_path / "shared" / "ran-2").write_text("5", encoding="ascii")
    assert count_left(tmp_path / "shared") == 1
