"""Whoever catches everything to write it down on a row lets the worker's limit of processor time pass."""

import ast
import pathlib

import pytest

ADDONS = pathlib.Path(__file__).parents[3] / "addons"


def handlers():
    """``except Exception`` of the addons, tests aside: (file, line, handler)."""
    for path in sorted(ADDONS.rglob("*.py")):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler) and _catches_all(node.type):
                yield path.relative_to(ADDONS), node.lineno, node


def _catches_all(kind):
    names = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return kind is None or any(getattr(name, "id", "") in ("Exception", "BaseException") for name in names)


def _passes_on(handler):
    first = handler.body[0]
    call = first.value if isinstance(first, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "pass_on"
        and [getattr(argument, "id", "") for argument in call.args] == [handler.name]
    )


def _wraps(handler):
    """``raise … from error``: the models, which call ``pass_on``, find the limit behind the error of the domain."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and getattr(last.cause, "id", "") == handler.name


FOUND = {f"{path}:{line}": (path, handler) for path, line, handler in handlers()}


def test_there_are_some():
    assert len(FOUND) > 10


@pytest.mark.parametrize("place", sorted(FOUND))
def test_limit_is_passed_on(place):
    path, handler = FOUND[place]
    if "domain" in path.parts:
        assert _wraps(handler) or path.name == "cli.py"  # a program of its own, no worker of Odoo
    else:
        assert _passes_on(handler)


def test_outages_are_asked_for_by_pass_on_alone():
    """``except OUTAGES`` beside it passed on what the database refuses of one row (a value too long for an index), and
    everybody waited for that row."""
    for path in sorted(ADDONS.rglob("*.py")):
        if "tests" not in path.parts and path.name != "packets.py":
            assert "OUTAGES" not in path.read_text(encoding="utf-8"), path
