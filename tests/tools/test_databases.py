"""What decides whether a database must be updated."""

import pytest

from tools.pwik_cli.databases import addon_hash


@pytest.fixture
def addon(tmp_path):
    for name in ("__manifest__.py", "models/meter.py", "tools/reference.py", "tests/test_meter.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["__manifest__.py", "models/meter.py", "tools/reference.py"])
def test_what_makes_tables_and_triggers_updates_the_database(addon, name):
    before = addon_hash(addon)
    (addon / name).write_text("2\n", encoding="utf-8")
    assert addon_hash(addon) != before


@pytest.mark.parametrize("name", ["tests/test_meter.py", "static/style.css", "tools/__pycache__/x.pyc"])
def test_what_leaves_no_trace_there_does_not(addon, name):
    before = addon_hash(addon)
    (addon / name).parent.mkdir(exist_ok=True)
    (addon / name).write_text("2\n", encoding="utf-8")
    assert addon_hash(addon) == before
