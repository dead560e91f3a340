"""`./pwik decode` and `./pwik settle`: JSON lines in, JSON lines out, as fast as Python starts."""

from __future__ import annotations

import importlib.util
import os
import sys

from . import environment
from .paths import Settings, prepare_local

SCRIPT = os.path.join(os.path.dirname(__file__), "domains.py")
NEEDS = {"decode": ("cryptography",), "settle": ()}


def run(settings: Settings, name: str) -> int:
    """Replace this process by the filter. Prepares the virtual environment only where no Python here would do."""
    program = _python_for(settings, NEEDS[name])
    sys.stderr.flush()
    os.execv(program, [program, SCRIPT, name])


def _python_for(settings: Settings, needs: tuple[str, ...]) -> str:
    program = settings.venv / "bin/python"
    if (settings.venv / ".complete-run").exists() and program.exists():
        return os.fspath(program)
    here = sys.version_info[:2] >= environment.OLDEST and all(
        importlib.util.find_spec(name) for name in needs
    )
    if here:
        return sys.executable
    prepare_local(settings)
    return os.fspath(environment.ensure_run(settings))
