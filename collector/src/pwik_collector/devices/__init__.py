"""The dongles. Each is one file here with a ``DONGLE``; it is found because it lies here."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from .base import Dongle, Event, Ready, Received, Refused, Send, Simulated

__all__ = ["Dongle", "Event", "Ready", "Received", "Refused", "Send", "Simulated", "dongles"]


@cache
def dongles() -> dict[str, type[Dongle]]:
    """All dongles by their code, sorted."""
    found = {}
    for info in pkgutil.iter_modules(__path__):
        dongle = getattr(importlib.import_module(f"{__name__}.{info.name}"), "DONGLE", None)
        if dongle is not None:
            found[dongle.code] = dongle
    return dict(sorted(found.items()))
