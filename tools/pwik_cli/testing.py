"""`./pwik test`: three stages, one table of counts, one last line."""

from __future__ import annotations

import os
import pathlib
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

from . import environment, packages
from .paths import Settings
from .process import end_child
from .say import Problem, say

STAGES = ("unit", "odoo", "e2e")
UNIT_FOLDERS = ("tests/unit", "tests/tools", "collector/tests")


@dataclass
class Count:
    """What one run of pytest came to."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    @property
    def line(self) -> str:
        return f"{self.passed} passed, {self.failed} failed" + (
            f", {self.skipped} skipped" if self.skipped else ""
        )


def read_report(path: pathlib.Path, status: int) -> Count:
    """The counts of a JUnit report. A run that broke off before it could write one counts as one failure."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        return Count(failed=1)
    suites = list(root.iter("testsuite"))

    def total(name: str) -> int:
        return sum(int(suite.get(name, "0")) for suite in suites)

    failed, skipped = total("failures") + total("errors"), total("skipped")
    # 0: all passed, 1: some failed, 5: none was selected. Anything else is a run that broke.
    if status not in (0, 1, 5) or (status == 1 and not failed):
        failed += 1
    return Count(max(0, total("tests") - total("failures") - total("errors") - skipped), failed, skipped)


def run_pytest(
    settings: Settings, name: str, arguments: list[str], env: dict[str, str] | None = None
) -> Count:
    """Run pytest in our environment with its output on the screen. Returns its counts."""
    report = settings.local / "test-reports" / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [settings.venv / "bin/python", "-m", "pytest", f"--junitxml={report}", *arguments]
    child = subprocess.Popen(
        command,
        cwd=settings.root,
        env=env or clean_environ(),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        status = child.wait()
    finally:
        end_child(child)
    return read_report(report, status)


def clean_environ() -> dict[str, str]:
    """The caller's environment without what leads Python or pytest elsewhere."""
    drop = ("PYTHONPATH", "PYTHONHOME", "PYTEST_ADDOPTS", "PYTEST_PLUGINS")
    environ = {name: value for name, value in os.environ.items() if name not in drop}
    return {**environ, "PYTHONDONTWRITEBYTECODE": "1"}


def run_unit(settings: Settings, selected: list[str], keyword: list[str]) -> Count:
    where = selected or [folder for folder in UNIT_FOLDERS if (settings.root / folder).is_dir()]
    return run_pytest(settings, "unit", ["-p", "no:odoo", "-q", *keyword, *where])


def run(settings: Settings, wanted: list[str], keyword: str | None) -> int:
    """Run the wanted stages. Returns 0 only when some test ran and none failed."""
    stages = wanted or list(STAGES)
    if unknown := set(stages) - set(STAGES):
        raise Problem(f"No stage is called {', '.join(sorted(unknown))}.", f"There are: {', '.join(STAGES)}.")
    packages.ensure((*packages.FOR_RUN, *packages.FOR_TESTS), settings.log / "apt.log")
    environment.ensure_test(settings)
    chosen = ["-k", keyword] if keyword else []
    counts = {"unit": run_unit(settings, [], chosen)} if "unit" in stages else {}
    return finish(counts)


def finish(counts: dict[str, Count]) -> int:
    """Print the table and the last line. Returns the status."""
    total = sum(counts.values(), Count())
    say()
    for stage, count in counts.items():
        say(f"  {stage:<6} {count.passed:>6} passed {count.failed:>5} failed {count.skipped:>5} skipped")
    say()
    print(total.line, flush=True)
    return 0 if total.passed and not total.failed else 1
