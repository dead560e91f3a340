"""Lets the pure `domain` packages of the addons be imported, and run, without Odoo.

Each addon is registered as an empty package whose `__path__` is its folder, so that `pwik_x.domain` resolves while the
addon's own `__init__` (which imports Odoo) never runs. The tests use `register`; `./pwik decode` and `./pwik settle` run
this file by itself, with whatever Python has what they need.
"""

from __future__ import annotations

import importlib
import io
import pathlib
import sys
import types

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILTERS = {"decode": "pwik_radio_reading.domain.cli", "settle": "pwik_billing.domain.cli"}


def register(addons: pathlib.Path = ROOT / "addons") -> list[str]:
    """Register each addon below `addons` as an empty package. Returns their names."""
    names = []
    for manifest in sorted(addons.glob("*/__manifest__.py")):
        package = types.ModuleType(manifest.parent.name)
        package.__path__ = [str(manifest.parent)]
        sys.modules.setdefault(manifest.parent.name, package)
        names.append(manifest.parent.name)
    return names


def run_filter(name: str) -> int:
    """Run one of FILTERS from standard input to standard output. Returns its status.

    Bytes that are no UTF-8 reach the filter as replacement characters: a broken line is its own error, not the end of all.
    """
    register()
    module = importlib.import_module(FILTERS[name])
    lines = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace", newline="\n")
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", line_buffering=True)
    try:
        return module.main(lines, out)
    except BrokenPipeError:
        sys.stdout = None  # who reads has gone: say nothing more, also not at exit
        return 1
    finally:
        try:
            out.flush()
        except BrokenPipeError:
            pass
        out.detach()


if __name__ == "__main__":
    sys.path.pop(0)  # our own folder: its module names must not hide others
    sys.exit(run_filter(sys.argv[1]))
