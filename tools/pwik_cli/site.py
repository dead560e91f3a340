"""From nothing to a site that can be worked with: each step does what is absent, and nothing twice."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator

from . import databases, demo, environment, lock, odoo_source, packages, postgres
from .databases import Site
from .paths import Settings
from .say import Problem, say

NEEDED_BYTES = 3_500_000_000  # Odoo unpacked 1.3 GB, packages 0.4 GB, databases and what is fetched meanwhile


@contextlib.contextmanager
def prepared(settings: Settings, *, tests: bool = False) -> Iterator[Site]:
    """Prepare Odoo, the packages and PostgreSQL, and keep the database server running for the block."""
    _check_space(settings)
    with preparation(settings):
        needed = [*packages.FOR_RUN, *(packages.FOR_TESTS if tests else ())]
        needed += environment.system_needs(environment.find_python())
        packages.ensure(needed, settings.log / "apt.log")
        odoo = odoo_source.ensure(settings)
        if tests:
            environment.ensure_test(settings)
        else:
            environment.ensure_run(settings)
    with postgres.running(settings) as connection:
        # What a test drops must not be taken by a demo that is being served, nor the other way round.
        site = Site(settings, odoo, connection, settings.local / "drop-test" if tests else settings.drop)
        if (
            tests
        ):  # what a test drops must not be taken by a demo that is being served, nor the other way round
            shutil.rmtree(site.drop, ignore_errors=True)
        databases.write_conf(site)
        demo.passwords(settings)
        databases.check_server(site)
        yield site


def preparation(settings: Settings) -> contextlib.AbstractContextManager[None]:
    return lock.exclusive(settings.local / "prepare.lock", "preparing this checkout")


def _check_space(settings: Settings) -> None:
    if (settings.odoo.is_dir() or settings.odoo_source) and settings.venv.is_dir():
        return
    free = shutil.disk_usage(settings.local).free
    if free < NEEDED_BYTES:
        raise Problem(
            f"Only {free / 1e9:.1f} GB are free at {settings.local}; about {NEEDED_BYTES / 1e9:.1f} GB are needed.",
            "Free some space, or name another folder by PWIK_LOCAL.",
        )
    if os.environ.get("PWIK_LOCAL"):
        say(f"    All that is made goes to {settings.local}")
