"""Kinds of migrated data: every module of this package holds one, found by lying here."""

import importlib
import pkgutil

from ..columns import Kind


def _load() -> dict[str, Kind]:
    modules = [importlib.import_module(f".{info.name}", __name__) for info in pkgutil.iter_modules(__path__)]
    found = [
        member()
        for module in modules
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, Kind) and member.__module__ == module.__name__
    ]
    return {kind.code: kind for kind in sorted(found, key=lambda kind: kind.sequence)}


KINDS: dict[str, Kind] = _load()
