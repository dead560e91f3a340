"""`./pwik lint`: every checker, each pinned; 0 messages or a non-zero status."""

from __future__ import annotations

import os
import pathlib
import subprocess
import tomllib
from collections.abc import Iterator

from . import environment
from .layers import OPTIONAL, layer_breaches, suite_addons
from .paths import Settings
from .say import say

# A README in each addon (the checkout has one, and docs/), and the removal of labels that repeat the field's name (a label
# that is written down is found by whoever translates). After `enable=odoolint` only the command line can say so.
# Neither is a model in several files a mistake: a large one is split by meaning.
UNWANTED = "missing-readme,attribute-string-redundant,consider-merging-classes-inherited"
# Pure Python, where a method may be called `read` without being the ORM's.
NOT_ODOO = r".*/(domain|tools)/.*"
# A term that is the same in Polish is written out all the same, so that nobody takes it for a missing one.
UNWANTED_PO = "po-pretty-format"


def checks(settings: Settings) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """Yield each checker: its name, command, and what its environment adds."""
    binaries = settings.venv_lint / "bin"
    beside = [name for name in OPTIONAL if (settings.addons / name).is_dir()]
    addons = [os.fspath(settings.addons / name) for name in (*suite_addons(settings.addons), *beside)]
    yield "ruff check", [f"{binaries}/ruff", "check", "--no-cache", "--output-format=concise", "."], {}
    yield (
        "ruff format",
        [f"{binaries}/ruff", "format", "--no-cache", "--check", "--output-format=concise", "."],
        {},
    )
    if not addons:
        return
    yield (
        "pylint-odoo",
        [
            f"{binaries}/pylint",
            "--rcfile=.pylintrc",
            "--score=n",
            f"--disable={UNWANTED}",
            f"--ignore-paths={NOT_ODOO}",
            *addons,
        ],
        {},
    )
    if missing := _not_there_yet(settings):
        say(f"    import-linter waits for: {', '.join(missing)}")
    else:
        path = os.pathsep.join(map(os.fspath, _sources(settings)))
        yield "import-linter", [f"{binaries}/lint-imports", "--no-cache"], {"PYTHONPATH": path}
    manifests = [os.path.join(addon, "__manifest__.py") for addon in addons]
    yield (
        "oca-checks-odoo-module",
        [f"{binaries}/oca-checks-odoo-module", *manifests],
        {},
    )
    catalogs = sorted(
        os.fspath(po) for addon in settings.addons.glob("pwik_*") for po in addon.glob("i18n/*.po")
    )
    if catalogs:
        yield "oca-checks-po", [f"{binaries}/oca-checks-po", f"--disable={UNWANTED_PO}", *catalogs], {}


def _not_there_yet(settings: Settings) -> list[str]:
    """The packages that the contracts name and the checkout lacks (import-linter would only break off)."""
    config = tomllib.loads((settings.root / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]
    names = config["root_packages"]
    return [n for n in names if not any((base / n).is_dir() for base in _sources(settings))]


def _sources(settings: Settings) -> tuple[pathlib.Path, ...]:
    return settings.addons, settings.root / "collector" / "src"


def fix(settings: Settings, paths: list[str]) -> int:
    """Let ruff mend and format what it can, in the named paths only (all when none is named)."""
    environment.ensure_lint(settings)
    ruff = [f"{settings.venv_lint}/bin/ruff"]
    where = paths or [os.fspath(settings.root)]
    mended = subprocess.run(
        [*ruff, "check", "--no-cache", "--fix", "--output-format=concise", *where], check=False
    )
    formatted = subprocess.run([*ruff, "format", "--no-cache", *where], check=False)
    return mended.returncode or formatted.returncode


def run(settings: Settings) -> int:
    """Run all checkers, also after one has found something. Returns 0 only when none did."""
    environment.ensure_lint(settings)
    bad = []
    for name, command, more in checks(settings):
        done = subprocess.run(
            command,
            cwd=settings.root,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        say(f"{'!! ' if done.returncode else 'ok '} {name}")
        if done.returncode:
            bad.append(name)
            say("\n".join(f"    {line}" for line in done.stdout.strip().splitlines()))
    breaches = layer_breaches(settings.addons)
    say(f"{'!! ' if breaches else 'ok '} addons import no later addon")
    for breach in breaches:
        say(f"    {breach}")
    if breaches:
        bad.append("layers")
    print(f"lint: {', '.join(bad)} found something" if bad else "lint: 0 messages", flush=True)
    return 1 if bad else 0
