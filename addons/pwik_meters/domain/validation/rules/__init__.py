"""Registry of the rules: every module of this package whose name begins with ``v`` and a number holds one."""

import importlib
import pkgutil

from .base import Rule


def _load() -> tuple[Rule, ...]:
    modules = (
        importlib.import_module(f".{info.name}", __name__)
        for info in pkgutil.iter_modules(__path__)
        if info.name[0] == "v" and info.name[1].isdigit()
    )
    found = {
        member.code: member()
        for module in modules
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, Rule) and member.__module__ == module.__name__
    }
    return tuple(found[code] for code in sorted(found))


RULES: tuple[Rule, ...] = _load()

__all__ = ["RULES", "Rule"]
