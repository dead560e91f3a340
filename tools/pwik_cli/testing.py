"""`./pwik test`: four stages, one table of counts, one last line."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass

from . import databases, environment, lock, packages
from .databases import Site
from .layers import suite_addons
from .paths import Settings
from .process import dies_with_us, end_child
from .say import Problem, say, step, tell_problem
from .server import Server, free_port, warm
from .site import preparation, prepared

Runner = Callable[[Site, str, list[str], list[str]], "Count"]
STAGES = ("unit", "odoo", "e2e", "proof")
BY_NAME = ("proof",)  # minutes, against servers of their own: run only where they are named
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
    command = [
        *dies_with_us(),
        settings.venv / "bin/python",
        "-m",
        "pytest",
        f"--junitxml={report}",
        *arguments,
    ]
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


def run(settings: Settings, wanted: list[str], keyword: str | None) -> int:
    """Run what is wanted of the stages. Returns 0 only when some test ran and none failed."""
    plan = make_plan(settings, wanted)
    chosen = ["-k", keyword] if keyword else []
    if set(plan) == {"unit"}:
        packages.ensure((*packages.FOR_RUN, *packages.FOR_TESTS), settings.log / "apt.log")
        with preparation(settings):
            environment.ensure_test(settings)
        return finish({"unit": run_unit(settings, plan["unit"], chosen)})
    counts = {}
    with (
        prepared(settings, tests=True) as site,
        lock.exclusive(settings.local / "test.lock", "running tests"),
    ):
        if "unit" in plan:  # the quick ones first: they need no database
            counts["unit"] = run_unit(settings, plan["unit"], chosen)
        for stage, runner in (("odoo", run_odoo_tests), ("e2e", run_browser_tests), ("proof", run_proofs)):
            if stage in plan:
                say(f"\n--- {stage}")
                counts[stage] = _stage(runner, site, plan[stage], chosen)
    return finish(counts)


def _stage(runner: Runner, site: Site, paths: list[str], keyword: list[str]) -> Count:
    """Run a stage on the template. What cannot even be prepared has failed, and the other stages still run."""
    try:
        return runner(site, ensure_template(site), paths, keyword)
    except Problem as problem:
        tell_problem(problem)
        return Count(failed=1)


def make_plan(settings: Settings, wanted: list[str]) -> dict[str, list[str]]:
    """Which paths each stage tests. `wanted` holds stages, addons and paths; nothing means everything.

    Raises Problem for a word that is none of them.
    """
    everything = {
        "unit": [folder for folder in UNIT_FOLDERS if (settings.root / folder).is_dir()],
        "odoo": [
            f"addons/{name}/tests" for name in suite_addons(settings.addons) if _has_tests(settings, name)
        ],
        "e2e": ["tests/e2e"],
        "proof": ["tests/proof"],
    }
    if not wanted:
        return {stage: paths for stage, paths in everything.items() if stage not in BY_NAME}
    plan: dict[str, list[str]] = {}
    for word in wanted:
        stages = _stages_of(settings, word, everything)
        if not stages:
            raise Problem(
                f"Nothing to test is called {word!r}.",
                f"There are: {', '.join(STAGES)}, an addon, a test file.",
            )
        for stage, paths in stages.items():
            plan.setdefault(stage, []).extend(paths)
    return plan


def _stages_of(settings: Settings, word: str, everything: dict[str, list[str]]) -> dict[str, list[str]]:
    if word in STAGES:
        return {word: everything[word]}
    if (settings.addons / word).is_dir():
        both = {"unit": [f"tests/unit/{word}"], "odoo": [f"addons/{word}/tests"]}
        return {stage: paths for stage, paths in both.items() if (settings.root / paths[0]).is_dir()}
    path = pathlib.Path(word.split("::")[0]).absolute()
    if not path.exists() or not path.is_relative_to(settings.root):
        return {}
    inside = path.relative_to(settings.root)
    folders = {("tests", "e2e"): "e2e", ("tests", "proof"): "proof"}
    stage = "odoo" if inside.parts[0] == "addons" else folders.get(inside.parts[:2], "unit")
    return {stage: [os.fspath(inside) + word[len(word.split("::")[0]) :]]}


def _has_tests(settings: Settings, addon: str) -> bool:
    return any((settings.addons / addon / "tests").glob("test_*.py"))


def run_unit(settings: Settings, paths: list[str], keyword: list[str]) -> Count:
    return run_pytest(settings, "unit", ["-p", "no:odoo", "-q", *keyword, *paths])


def ensure_template(site: Site) -> str:
    """The database that all others are cloned from: the suite with its demo data, not played, passwords known.

    Any change of an addon makes it anew: demo data are not loaded a second time by an update.
    """
    name = f"{site.settings.database}_test"
    wanted = {**databases.suite_state(site), "passwords": databases.passwords_key(site)}
    if databases.state_of(site, name) == wanted:
        return name
    base = databases.ensure_base(site)

    def build(draft: str) -> dict:
        databases.clone(site, base, draft)
        with step("Test database: the suite and its demo data") as progress:
            databases.install_suite(site, draft, site.addons, progress)
            databases.call(
                site, draft, "tools.pwik_cli.inside.passwords:set_passwords", "Setting the passwords"
            )
        return wanted

    databases.make(site, name, build)
    return name


def run_odoo_tests(site: Site, template: str, paths: list[str], keyword: list[str]) -> Count:
    """The addons' tests by pytest-odoo on a clone. Any skipped one counts as failed.

    Without its web server or its browser, Odoo skips what needs them, and says so nowhere.
    """
    if not paths:
        return Count()
    database = f"{template}_odoo"
    _empty(site.drop)
    databases.clone(site, template, database)
    options = [f"--odoo-config={site.settings.conf}", f"--odoo-database={database}", "--odoo-http"]
    options += [
        "-p",
        "tools.pwik_cli.inside.pytest_site",
        "--odoo-extra=max-cron-threads=0",
        f"--odoo-extra=db-filter=^{database}$",
    ]
    count = run_pytest(site.settings, "odoo", ["-q", *options, *keyword, *paths], site.environ())
    if count.skipped:
        say(f"!!  {count.skipped} Odoo tests were skipped: they count as failed")
    return Count(count.passed, count.failed + count.skipped)


def _empty(folder: pathlib.Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def run_browser_tests(site: Site, template: str, paths: list[str], keyword: list[str]) -> Count:
    """The journeys, against a server on a clone on which the demo was played."""
    database = f"{template}_e2e"
    _empty(site.drop)
    databases.clone(site, template, database)
    with step("Browser tests: play the demo"):
        databases.call(site, database, "tools.demo.play:play", "Playing the demo")
    settings = site.settings
    log = settings.log / "odoo-e2e.log"
    with Server(site, database, free_port(), log, "--max-cron-threads=0", echo=True) as server:
        warm(server.base)
        settings.screenshots.mkdir(exist_ok=True)
        environ = {
            **clean_environ(),
            "PWIK_E2E_URL": server.base,
            "PWIK_E2E_DATABASE": database,
            "PWIK_PASSWORDS": os.fspath(settings.passwords),
            "PWIK_SCREENSHOTS": os.fspath(settings.screenshots),
            "XDG_CACHE_HOME": os.fspath(settings.local / "cache"),
            "XDG_CONFIG_HOME": os.fspath(settings.local / "cache" / "config"),
        }
        return run_pytest(settings, "e2e", ["-p", "no:odoo", "-q", *keyword, *paths], environ)


def run_proofs(site: Site, template: str, _paths: list[str], keyword: list[str]) -> Count:
    """The quick ones of tests/proof with their small counts; all others by `./pwik prove`. `-k` chooses none of them."""
    from . import proving

    if keyword:
        return Count()
    rows = proving.run_programs(site, template, [], full=False, suite=True)
    skipped = sum(bool(row["ok"] and row["skipped"]) for row in rows)
    failed = sum(not row["ok"] for row in rows) + (not rows)
    return Count(len(rows) - skipped - sum(not row["ok"] for row in rows), failed, skipped)


def finish(counts: dict[str, Count]) -> int:
    """Print the table and the last line. Returns the status."""
    total = sum(counts.values(), Count())
    say()
    for stage, count in counts.items():
        say(f"  {stage:<6} {count.passed:>6} passed {count.failed:>5} failed {count.skipped:>5} skipped")
    say()
    print(total.line, flush=True)
    return 0 if total.passed and not total.failed else 1
