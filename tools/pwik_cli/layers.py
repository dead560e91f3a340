"""Which addons there are, in the order of their dependencies, and whether one imports a later one."""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterator

ORDER = ("pwik_meters", "pwik_cases", "pwik_radio_reading", "pwik_billing", "pwik_einvoice", "pwik_ebok")
# Rooms side by side: neither may know the other.
LAYERS = {
    "pwik_meters": 0,
    "pwik_cases": 1,
    "pwik_radio_reading": 2,
    "pwik_billing": 2,
    "pwik_einvoice": 3,
    "pwik_ebok": 4,
}

#: Addons beside the suite, which want modules that it does without: never installed by ./pwik, but checked like the others.
OPTIONAL = ("pwik_queue_job", "pwik_sms")

#: Odoo's pretended payment provider: the demo's customers and the tests pay with it. The addons do not depend on it.
PLAYED_WITH = {"payment_demo"}


def suite_addons(addons: pathlib.Path) -> list[str]:
    """The suite's addons that the checkout holds whole (with all that they depend on), dependencies first."""
    out: list[str] = []
    for name in ORDER:
        if (addons / name / "__manifest__.py").is_file():
            if set(manifest_of(addons / name).get("depends", ())) & set(ORDER) <= set(out):
                out.append(name)
    return out


def manifest_of(addon: pathlib.Path) -> dict:
    """The manifest as a dict. Raises ValueError where it is none."""
    return ast.literal_eval((addon / "__manifest__.py").read_text(encoding="utf-8"))


def core_modules(addons: pathlib.Path, names: list[str]) -> list[str]:
    """What the suite's addons name in `depends` of Odoo's own modules, and the demo's own, in alphabetical order."""
    needed = {module for name in names for module in manifest_of(addons / name).get("depends", ())}
    return sorted(needed - set(ORDER) | (PLAYED_WITH if "pwik_ebok" in names else set()))


def _imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.lineno, node.module
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def _addon_in(module: str) -> str | None:
    """The suite's addon that a dotted name lies in, by either of its two roads."""
    parts = module.removeprefix("odoo.addons.").split(".")
    return parts[0] if parts[0] in LAYERS else None


def layer_breaches(addons: pathlib.Path) -> list[str]:
    """Every import of, or dependency on, an addon that is not in a lower layer.

    import-linter sees `pwik_x.y` only; Odoo code writes `odoo.addons.pwik_x.y`, so this looks at both.
    """
    out = []
    for name in suite_addons(addons):
        home = addons / name
        for module in manifest_of(home).get("depends", ()):
            if module in LAYERS and LAYERS[module] >= LAYERS[name]:
                out.append(f"{name}/__manifest__.py: depends on {module}")
        for path in sorted(home.rglob("*.py")):
            seen = set()
            for line, module in _imported(ast.parse(path.read_text(encoding="utf-8"), str(path))):
                other = _addon_in(module)
                if other and other != name and LAYERS[other] >= LAYERS[name] and (line, other) not in seen:
                    seen.add((line, other))
                    out.append(f"{path.relative_to(addons)}:{line}: {name} imports {other}")
    return out
