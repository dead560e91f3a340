"""`./pwik test odoo-own`: Odoo's own tests of what the suite builds on, with all our addons installed.

Which tests these are, and which of them cannot hold by design and why, is data: tests/odoo_own.json. A test that is named there
and holds all the same counts as failed, so that the list says what is.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import xml.etree.ElementTree as ElementTree

from . import databases
from .databases import Site
from .say import Problem, say, step
from .testing import Count, Pytest, pytest_options, read_report

LIST = "tests/odoo_own.json"
ADDON = re.compile(r"(?:^|\.)addons\.(\w+)\.tests\.(.*)$")


def run(site: Site, template: str, paths: list[str], keyword: list[str]) -> Count:
    """Run them on a clone of the template. A `keyword` chooses among them, and then nothing is said of those left out."""
    wanted = json.loads((site.settings.root / LIST).read_text(encoding="utf-8"))
    database = f"{template}_own"
    databases.clone(site, template, database)
    with step("Odoo's own tests: the database as they expect it"):
        databases.call(
            site, database, "tools.pwik_cli.inside.as_odoo_expects:prepare", "Preparing the database"
        )
    options = pytest_options(site, database)
    folders = [find(site, name) for name in wanted["tests"]]
    try:
        with Pytest(
            site.settings, "odoo-own", ["-q", *options, *keyword, *folders], site.environ()
        ) as running:
            status = running.child.wait()
            report = running.report
    finally:
        databases.drop(site, database)
    count = read_report(report, status)
    known = {one["test"]: one["why"] for one in wanted["cannot"]}
    return judge(count, outcomes(report), known, whole=not keyword)


def find(site: Site, name: str) -> str:
    """The folder (or file) of an addon's tests. Raises Problem where this Odoo has none."""
    inside = name if "/" in name else f"{name}/tests"
    for addons in site.odoo.addons:
        if (path := addons / inside).exists():
            return os.fspath(path)
    raise Problem(f"This Odoo has no {inside}.", f"It is named in {LIST}.")


def outcomes(report: pathlib.Path) -> dict[str, str]:
    """What came of each test: {"addon:file.Class.test": "passed", "failed" or "skipped"}."""
    out = {}
    try:
        root = ElementTree.parse(report).getroot()
    except (OSError, ElementTree.ParseError):
        return out
    for case in root.iter("testcase"):
        kinds = {child.tag for child in case}
        state = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        match = ADDON.search(case.get("classname", ""))
        home = f"{match[1]}:{match[2]}" if match else case.get("classname", "")
        name = f"{home}.{case.get('name')}"
        if out.get(name) != "failed":  # the clean-up of a test may fail after the test itself
            out[name] = state
    return out


def judge(count: Count, seen: dict[str, str], known: dict[str, str], *, whole: bool) -> Count:
    """The counts with the tests that cannot hold taken out; those of them that hold, or are gone, failed."""
    failed = {name for name, state in seen.items() if state == "failed"}
    for name in sorted(failed & set(known)):
        say(f"--  {name}\n      cannot hold by design: {known[name]}")
    for name in sorted(failed - set(known)):
        say(f"!!  {name} failed")
    stale = {name for name in known if seen.get(name) == "passed" or (whole and name not in seen)}
    for name in sorted(stale):
        say(f"!!  {name} is named in {LIST} and did not fail: strike it out there")
    left_out = len(failed & set(known))
    return Count(count.passed, count.failed - left_out + len(stale), count.skipped + left_out)
