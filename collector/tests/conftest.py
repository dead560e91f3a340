"""Lets the collector's tests run from a checkout: its sources and the helpers beside this file are importable."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent

for folder in (HERE, HERE.parent / "src"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


@pytest.fixture(autouse=True)
def _polish(monkeypatch):
    """Texts are tested in the language that users see."""
    monkeypatch.delenv("PWIK_LANG", raising=False)
    monkeypatch.delenv("PWIK_API_KEY", raising=False)
