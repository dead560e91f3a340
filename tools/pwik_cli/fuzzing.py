"""`./pwik fuzz`: atheris on the parsers of tests/fuzz/targets.py, with a corpus that grows from run to run."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess

from . import environment
from .paths import Settings
from .process import dies_with_us, end_child
from .say import Problem, say
from .site import preparation

MOST_SECONDS_PER_MB = 2.0
DONE = re.compile(r"Done (\d+) (?:runs )?in|stat::number_of_executed_units:\s+(\d+)")
LONGEST_INPUT = 1 << 16
SECONDS = 5  # for one input of at most LONGEST_INPUT bytes: 2 s for each megabyte, and a busy machine
# Of the whole process: Python, the fuzzer's tables and the parser.
MOST_MB = 256


def names_of(settings: Settings) -> list[str]:
    """The targets there are, asked of the list itself."""
    code = "from tools.pwik_cli.domains import register; register(); from tests.fuzz.targets import TARGETS; print(*TARGETS)"
    done = subprocess.run(
        [_python(settings), "-c", code], cwd=settings.root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Problem(f"The list of parsers cannot be read: {done.stderr.strip()[-500:]}")
    return done.stdout.split()


def _python(settings: Settings) -> str:
    return os.fspath(settings.local / "venv-fuzz" / "bin/python")


def ensure(settings: Settings) -> None:
    with preparation(settings):
        environment.ensure(settings, settings.local / "venv-fuzz", "fuzz", "The fuzzer", ("fuzz.txt",))


def run(settings: Settings, wanted: list[str], runs: int) -> int:
    """Fuzz the parsers named (all when none is), `runs` inputs each. Prints a JSON object a line; 0 when nothing was found."""
    ensure(settings)
    there = names_of(settings)
    if strange := set(wanted) - set(there):
        raise Problem(f"No parser is called {', '.join(sorted(strange))}.", f"There are: {', '.join(there)}.")
    found = 0
    for name in wanted or there:
        row = run_target(settings, name, runs)
        found += not row["ok"]
        print(json.dumps(row, ensure_ascii=False), flush=True)
    return 1 if found else 0


def run_target(settings: Settings, name: str, runs: int) -> dict:
    """One parser, fuzzed, and then with files of a megabyte.

    Returns {"target", "runs", "ok", "finding", "large", "seconds_per_mb", "mb"}; an input that is a finding lies in
    .local/fuzz/NAME/.
    """
    folder = settings.local / "fuzz" / name
    folder.mkdir(parents=True, exist_ok=True)
    say(f"... {name}: {runs} inputs")
    log = folder / "log.txt"
    options = (
        *(f"-runs={runs}", f"-max_len={LONGEST_INPUT}", f"-timeout={SECONDS}", f"-rss_limit_mb={MOST_MB}"),
        *(f"-artifact_prefix={folder}{os.sep}", "-print_final_stats=1", "-verbosity=1"),
    )
    with log.open("w", encoding="utf-8") as sink:
        child = subprocess.Popen(
            [
                *dies_with_us(),
                _python(settings),
                "-m",
                "tests.fuzz",
                name,
                os.fspath(folder / "corpus"),
                *options,
            ],
            cwd=settings.root,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = child.wait()
        finally:
            end_child(child)
    text = log.read_text(encoding="utf-8", errors="replace")
    done = max((int(one or other) for one, other in DONE.findall(text)), default=0)
    large, slow = _large(settings, name, folder / "corpus")
    finding = slow if status == 0 else _finding(text, log)
    if finding:
        say(f"!!  {name}: {finding}")
    return {"target": name, "runs": done, "ok": not finding, "finding": finding, **large}


def _large(settings: Settings, name: str, corpus: pathlib.Path) -> tuple[dict, str]:
    """What files of a megabyte take, and what is wrong with that."""
    command = [_python(settings), "-m", "tests.fuzz.large", name, os.fspath(corpus)]
    done = subprocess.run(command, cwd=settings.root, capture_output=True, text=True, check=False)
    if done.returncode:
        return {}, f"a file of a megabyte: {done.stderr.strip()[-500:]}"
    row = json.loads(done.stdout)
    return row, too_much(row)


def too_much(row: dict) -> str:
    """What of {"seconds_per_mb", "mb"} is more than a parser may take, in words; empty when nothing is."""
    if row["seconds_per_mb"] > MOST_SECONDS_PER_MB:
        return f"{row['seconds_per_mb']} s for a megabyte"
    return f"{row['mb']} MB for a megabyte" if row["mb"] > MOST_MB else ""


def _finding(text: str, log: pathlib.Path) -> str:
    artifact = re.search(r"Test unit written to (\S+)", text)
    cause = re.search(r"=== Uncaught Python exception: ===\n(.*)", text) or re.search(r"(ERROR: .*)", text)
    return f"{cause[1] if cause else 'broke off'}; input: {artifact[1] if artifact else 'none'}; log: {log}"
