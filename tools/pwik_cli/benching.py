"""`./pwik bench`: loads a measurement, gives it a fresh database, prints what it yields as JSON lines."""

from __future__ import annotations

import json
import os
import subprocess

from . import databases, lock, testing
from .paths import Settings
from .process import dies_with_us, end_child
from .say import Problem, step
from .site import prepared

WHAT = ("register", "import", "billing", "documents", "portal", "crowd")
LIMITED = ("portal",)  # where a part can be named


def script_of(settings: Settings, what: str):
    """The measurement's file: tests/bench/<what>.py, with an underscore after what Python keeps for itself."""
    return settings.root / "tests" / "bench" / ("import_.py" if what == "import" else f"{what}.py")


def run(settings: Settings, what: str, size: int | None, only: list[str] | None = None) -> int:
    """Run one measurement on a clone of the template database. Returns 0 when every target was met.

    The file's `run(env, size)` is called with an Odoo environment and yields dicts with at least `what`, `value` and `unit`;
    `size` is None where the person named none. With `only` (the portal's pages) it is called as `run(env, size, only=only)`.
    """
    if only and what not in LIMITED:
        raise Problem(f"{what} is measured as a whole.", f"Pages can be named for: {', '.join(LIMITED)}.")
    script = script_of(settings, what)
    if not script.is_file():
        there = [name for name in WHAT if script_of(settings, name).is_file()]
        raise Problem(f"{what} is not measured yet.", f"There is: {', '.join(there) or 'nothing yet'}.")
    with prepared(settings, tests=True) as site, lock.exclusive(settings.local / "test.lock", "measuring"):
        template = testing.ensure_template(site)
        database = f"{template}_bench"
        with step("Bench: a fresh database"):
            databases.clone(site, template, database)
        command = [
            *dies_with_us(),
            *(os.fspath(settings.venv / "bin/python"), "-W", "ignore"),
            *(os.fspath(databases.INSIDE / "bench.py"), os.fspath(settings.conf), database),
            *(what, os.fspath(script), json.dumps(size), json.dumps(only)),
        ]
        child = subprocess.Popen(
            command, env=site.environ(), stdin=subprocess.DEVNULL, start_new_session=True
        )
        try:
            return child.wait()
        finally:
            end_child(child)
            databases.drop(site, database)
