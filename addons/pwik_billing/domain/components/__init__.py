"""The kinds of charge, found by lying in this folder: a module with ``COMPONENT`` is one."""

from importlib import import_module
from pkgutil import iter_modules

from .base import Case, Component


def _find() -> tuple[Component, ...]:
    modules = (import_module(f"{__name__}.{info.name}") for info in iter_modules(__path__))
    found = [module.COMPONENT for module in modules if hasattr(module, "COMPONENT")]
    return tuple(sorted(found, key=lambda component: component.rank))


COMPONENTS = _find()
SERVICES = tuple(component.code for component in COMPONENTS if component.service)
PER_M3 = tuple(component.code for component in COMPONENTS if component.per_m3)
