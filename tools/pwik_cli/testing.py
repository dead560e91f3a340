"""`./pwik test`: stages, one table of counts, one last line.

Two cores are kept busy to the end. The unit tests run while the databases are made. Then the Odoo tests run beside the
browser's; and where those have ended, a second run of pytest on a database of its own takes of the Odoo tests what the first
has not taken.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, replace

from . import databases, environment, lock, packages
from .databases import Site
from .inside.pytest_shared import count_left
from .layers import suite_addons
from .paths import Settings
from .process import dies_with_us, end_child
from .say import Problem, say, step, tell_problem
from .server import Server, free_port, warm
from .site import preparation, prepared

STAGES = ("unit", "odoo", "e2e", "proof", "odoo-own")
BY_NAME = ("proof", "odoo-own")  # they take minutes: run only where they are named
SHARED = ("-p", "tools.pwik_cli.inside.pytest_shared")
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


class Pytest:
    """A run of pytest in our environment, with its output on the screen or, beside another one, in `log`.

    It begins with the `with` and does not outlive it; `count()` waits for its end and shows what went to the log.
    """

    def __init__(
        self,
        settings: Settings,
        name: str,
        arguments: list[str],
        env: dict[str, str] | None = None,
        log: pathlib.Path | None = None,
    ):
        self.settings, self.arguments, self.log = settings, arguments, log
        self.env = env or clean_environ(settings)
        self.report = settings.local / "test-reports" / f"{name}.xml"

    def __enter__(self) -> Pytest:
        self.report.parent.mkdir(parents=True, exist_ok=True)
        self.report.unlink(missing_ok=True)
        python = self.settings.venv / "bin/python"
        with contextlib.ExitStack() as files:
            sink = files.enter_context(self.log.open("w")) if self.log else None
            self.child = subprocess.Popen(
                [*dies_with_us(), python, "-m", "pytest", f"--junitxml={self.report}", *self.arguments],
                cwd=self.settings.root,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT if sink else None,
                start_new_session=True,
            )
        return self

    def __exit__(self, *failure) -> None:
        end_child(self.child)

    def count(self) -> Count:
        status = self.child.wait()
        if self.log:
            print(self.log.read_text(encoding="utf-8", errors="replace"), flush=True)
        return read_report(self.report, status)


def run_pytest(
    settings: Settings, name: str, arguments: list[str], env: dict[str, str] | None = None
) -> Count:
    """Run pytest in our environment with its output on the screen. Returns its counts."""
    with Pytest(settings, name, arguments, env) as running:
        return running.count()


def clean_environ(settings: Settings) -> dict[str, str]:
    """The caller's environment without what leads Python or pytest elsewhere."""
    drop = ("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS", "PYTEST_PLUGINS")
    environ = {name: value for name, value in os.environ.items() if name not in drop}
    return {**environ, "PYTHONPYCACHEPREFIX": os.fspath(settings.bytecode)}


def run(settings: Settings, wanted: list[str], keyword: str | None) -> int:
    """Run what is wanted of the stages. Returns 0 only when some test ran and none failed."""
    plan = make_plan(settings, wanted)
    chosen = ["-k", keyword] if keyword else []
    with lock.exclusive(settings.local / "test.lock", "running tests"), contextlib.ExitStack() as running:
        unit = None
        if "unit" in plan:  # they need Python alone, and run while Odoo is fetched and the databases are made
            packages.ensure((*packages.FOR_RUN, *packages.FOR_TESTS), settings.log / "apt.log")
            with preparation(settings):
                environment.ensure_test(settings)
            log = beside(settings, "unit") if len(plan) > 1 else None
            unit = running.enter_context(unit_tests(settings, plan["unit"], chosen, log))
            if not log:
                unit.child.wait()
        counts = {} if set(plan) == {"unit"} else run_on_databases(settings, plan, chosen)
        if unit:
            say("\n--- unit")
            counts["unit"] = unit.count()
    if not keyword:
        for stage in (stage for stage, count in counts.items() if count == Count()):
            say(f"!!  {stage}: there was nothing to test, which counts as failed")
            counts[stage] = Count(failed=1)
    return finish({stage: counts[stage] for stage in STAGES if stage in counts})


def run_on_databases(settings: Settings, plan: dict[str, list[str]], keyword: list[str]) -> dict[str, Count]:
    """Run the stages of the plan that need databases."""
    with prepared(settings, tests=True) as site:
        try:
            template = ensure_template(site)
        except Problem as problem:
            tell_problem(problem)
            return {stage: Count(failed=1) for stage in plan}
        return run_stages(site, template, plan, keyword)


def beside(settings: Settings, stage: str) -> pathlib.Path | None:
    """The log of a stage that runs beside what follows; None where one core does one thing after the other."""
    if (os.cpu_count() or 1) < 2:
        return None
    log = settings.log / f"test-{stage}.log"
    say(f"--- {stage}: runs beside what follows, its output meanwhile in {log}")
    return log


def run_stages(site: Site, template: str, plan: dict[str, list[str]], keyword: list[str]) -> dict[str, Count]:
    """Run the stages of the plan on clones of the template.

    The Odoo tests begin beside the others where cores allow. They are shared with a second run on another clone, in the
    foreground, as soon as nothing else is left to do there.
    """
    counts = {}
    with contextlib.ExitStack() as running:
        first = None
        if "odoo" in plan and (len(plan) > 1 or can_be_shared(site, plan["odoo"])):
            if log := beside(site.settings, "odoo"):
                _empty(shared_folder(site))
                first = running.enter_context(odoo_tests(site, template, plan["odoo"], keyword, log))
        for stage, runner in (("e2e", run_browser_tests), ("proof", run_proofs), ("odoo-own", run_odoos_own)):
            if stage in plan:
                say(f"\n--- {stage}")
                try:
                    counts[stage] = runner(site, template, plan[stage], keyword)
                except Problem as problem:  # it has failed then, and the other stages still run
                    tell_problem(problem)
                    counts[stage] = Count(failed=1)
        if "odoo" in plan:
            say("\n--- odoo")
            counts["odoo"] = finish_odoo(site, template, plan["odoo"], keyword, first)
    return counts


def finish_odoo(
    site: Site, template: str, paths: list[str], keyword: list[str], first: Pytest | None
) -> Count:
    """Do what the run that has begun has left of the Odoo tests; all of them where none has begun.

    Any skipped test counts as failed: without its web server or its browser, Odoo skips what needs them, and says so nowhere.
    """
    count = Count()
    if not first:
        _empty(shared_folder(site))
    if not first or (first.child.poll() is None and can_be_shared(site, paths)):
        with odoo_tests(site, template, paths, keyword, number=2 if first else 1) as here:
            count += here.count()
    if first:
        count += first.count()
    failed = count.failed + count.skipped
    if count.skipped:
        say(f"!!  {count.skipped} Odoo tests were skipped: they count as failed")
    if not failed and (left := count_left(shared_folder(site))):
        say(f"!!  {left} Odoo tests were listed and run by nobody: they count as failed")
        failed = left
    return Count(count.passed, failed)


def can_be_shared(site: Site, paths: list[str]) -> bool:
    """Whether the paths hold enough for a second run, which takes a while to begin: more than files that somebody named."""
    return any((site.settings.root / path).is_dir() for path in paths)


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
        "odoo-own": ["tests/odoo_own.json"],
    }
    if not wanted:
        return {stage: paths for stage, paths in everything.items() if paths and stage not in BY_NAME}
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
    folders = {("tests", "e2e"): "e2e", ("tests", "proof"): "proof", ("tests", "odoo_own.json"): "odoo-own"}
    stage = "odoo" if inside.parts[0] == "addons" else folders.get(inside.parts[:2], "unit")
    return {stage: [os.fspath(inside) + word[len(word.split("::")[0]) :]]}


def _has_tests(settings: Settings, addon: str) -> bool:
    return any((settings.addons / addon / "tests").glob("test_*.py"))


def unit_tests(
    settings: Settings, paths: list[str], keyword: list[str], log: pathlib.Path | None = None
) -> Pytest:
    """The unit tests, ready to begin."""
    return Pytest(settings, "unit", ["-p", "no:odoo", "-q", *keyword, *paths], log=log)


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


def shared_folder(site: Site) -> pathlib.Path:
    """Where the runs of the Odoo tests note what they have taken."""
    return site.settings.local / "test-shared"


def odoo_tests(
    site: Site,
    template: str,
    paths: list[str],
    keyword: list[str],
    log: pathlib.Path | None = None,
    number: int = 1,
) -> Pytest:
    """The addons' tests that no other run has taken, by pytest-odoo on a clone of the template, ready to begin."""
    name = "odoo" if number == 1 else f"odoo{number}"
    database = f"{template}_{name}"
    site = replace(site, drop=site.drop.with_name(f"drop-test-{name}"))
    _empty(site.drop)
    databases.clone(site, template, database)
    options = [*pytest_options(site, database), *SHARED, f"--shared-work={shared_folder(site)}"]
    return Pytest(site.settings, name, ["-q", *options, *keyword, *paths], site.environ(), log)


def pytest_options(site: Site, database: str) -> list[str]:
    """What pytest-odoo is told of the site and the database."""
    return [
        *(f"--odoo-config={site.settings.conf}", f"--odoo-database={database}", "--odoo-http"),
        *("-p", "tools.pwik_cli.inside.pytest_site", "--odoo-extra=max-cron-threads=0"),
        f"--odoo-extra=db-filter=^{database}$",
    ]


def _empty(folder: pathlib.Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def run_browser_tests(site: Site, template: str, paths: list[str], keyword: list[str]) -> Count:
    """The journeys, against a server on a clone on which the demo was played."""
    database = f"{template}_e2e"
    _empty(site.drop)
    databases.clone(site, template, database)
    settings = site.settings
    bank_files = os.fspath(settings.local / "demo-bank-e2e")
    with step("Browser tests: play the demo"):
        databases.call(site, database, "tools.demo.play:play", "Playing the demo", bank_folder=bank_files)
    log = settings.log / "odoo-e2e.log"
    with Server(site, database, free_port(), log, "--max-cron-threads=0", echo=True) as server:
        warm(server.base)
        settings.screenshots.mkdir(exist_ok=True)
        environ = {
            **clean_environ(settings),
            "PWIK_E2E_URL": server.base,
            "PWIK_E2E_DATABASE": database,
            "PWIK_PASSWORDS": os.fspath(settings.passwords),
            "PWIK_SCREENSHOTS": os.fspath(settings.screenshots),
            "PWIK_BANK_FILES": bank_files,
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


def run_odoos_own(site: Site, template: str, paths: list[str], keyword: list[str]) -> Count:
    """Odoo's own tests with the suite installed."""
    from . import odoo_own

    return odoo_own.run(site, template, paths, keyword)


def finish(counts: dict[str, Count]) -> int:
    """Print the table and the last line. Returns the status."""
    total = sum(counts.values(), Count())
    say()
    for stage, count in counts.items():
        say(f"  {stage:<8} {count.passed:>6} passed {count.failed:>5} failed {count.skipped:>5} skipped")
    say()
    print(total.line, flush=True)
    return 0 if total.passed and not total.failed else 1
