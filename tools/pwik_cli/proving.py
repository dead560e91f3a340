"""`./pwik prove`: the targets of docs/trust.md as programs under tests/proof/, against a server of their own."""

from __future__ import annotations

import json
import os
import subprocess

from . import lock, postgres, testing
from .databases import Site
from .paths import Settings
from .process import dies_with_us, end_child
from .say import Problem
from .site import prepared

PUT_AWAY_WITHIN = 120.0  # seconds that a proof that is asked to end has for its servers, mounts and databases


def run(settings: Settings, wanted: list[str], full: bool) -> int:
    """Run the proofs named (all when none is), each with its small or its full count. Returns 0 when all were met.

    Standard output has one JSON object a line: target, what, tried, survived, lost, doubled, seconds, ok, skipped, notes.
    """
    with prepared(settings, tests=True) as site, lock.exclusive(settings.local / "test.lock", "proving"):
        rows = run_programs(site, testing.ensure_template(site), wanted, full)
    for row in rows:
        print(json.dumps(row, ensure_ascii=False), flush=True)
    if not rows:
        raise Problem(
            f"Nothing is proved under {' '.join(wanted)}.",
            "Targets are called B1 to B23, HOSTS, REPLICA, QUEUE.",
        )
    return 0 if all(row["ok"] for row in rows) else 1


def run_programs(
    site: Site, template: str, wanted: list[str], full: bool, *, suite: bool = False
) -> list[dict]:
    """Run the programs (`suite`: the quick ones only) in a child with the environment's packages. Returns what each came to.

    Raises Problem where the child broke off.
    """
    settings = site.settings
    reports = settings.local / "test-reports"
    reports.mkdir(exist_ok=True)
    report = reports / "proof.jsonl"
    report.unlink(missing_ok=True)
    ours = not postgres.named_server(dict(os.environ))
    request = {
        "template": template,
        "targets": [word.upper() for word in wanted],
        "full": full,
        "suite": suite,
        "own_cluster": ours and not _demo_runs(settings),
        "report": os.fspath(report),
    }
    command = [
        *dies_with_us(),
        *(os.fspath(settings.venv / "bin/python"), "-W", "ignore", "-m", "tests.proof", json.dumps(request)),
    ]
    # The programs start Odoo by these tools: they need to find the checkout, Odoo's own path is the site's business.
    environ = {**site.environ(), "PWIK_DB": settings.database, "PWIK_LOCAL": os.fspath(settings.local)}
    environ.pop("PYTHONPATH", None)
    if settings.odoo_source:
        environ["ODOO_SOURCE"] = os.fspath(settings.odoo_source)
    child = subprocess.Popen(
        command, cwd=settings.root, env=environ, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        status = child.wait()
    finally:
        end_child(child, patience=PUT_AWAY_WITHIN)
    if status not in (0, 1):
        raise Problem(f"The proofs broke off (status {status}).")
    try:
        lines = report.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines]


def _demo_runs(settings: Settings) -> bool:
    """Whether a ./pwik run of this checkout uses the same PostgreSQL: it must not be crashed under it."""
    with lock.exclusive_or_holder(settings.local / "run.lock") as holder:
        return holder is not None
