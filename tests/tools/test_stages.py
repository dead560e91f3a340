"""`./pwik test`: which runs of pytest there are, and what they come to together."""

import contextlib
import types

import pytest

from tools.pwik_cli import testing
from tools.pwik_cli.testing import Count


class Run:
    """A run of pytest that ends when the test says so."""

    def __init__(self, count, ended=False):
        self.result, self.child = count, types.SimpleNamespace(poll=lambda: 0 if ended else None)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        pass

    def count(self):
        return self.result


@pytest.fixture
def site(tmp_path):
    (tmp_path / "addons" / "pwik_x" / "tests").mkdir(parents=True)
    (tmp_path / "addons" / "pwik_x" / "tests" / "test_a.py").touch()
    return types.SimpleNamespace(settings=types.SimpleNamespace(root=tmp_path, local=tmp_path, log=tmp_path))


@pytest.fixture
def begun(monkeypatch):
    """The runs of the Odoo tests in the order in which they began; the first one is over where `begun.over` is set."""
    runs = types.SimpleNamespace(numbers=[], over=False, cores=2, counts={1: Count(5, 1), 2: Count(3, 0, 1)})

    def odoo_tests(_site, _template, _paths, _keyword, log=None, number=1):
        runs.numbers.append((number, "beside" if log else "here"))
        return Run(runs.counts[number], ended=runs.over and number == 1)

    monkeypatch.setattr(testing, "odoo_tests", odoo_tests)
    monkeypatch.setattr(testing, "run_browser_tests", lambda *_: Count(2))
    monkeypatch.setattr(testing.os, "cpu_count", lambda: runs.cores)
    return runs


FOLDER, FILE = ["addons/pwik_x/tests"], ["addons/pwik_x/tests/test_a.py"]


def test_the_second_run_takes_what_the_first_has_left(site, begun):
    counts = testing.run_stages(site, "template", {"odoo": FOLDER, "e2e": ["tests/e2e"]}, [])
    assert begun.numbers == [(1, "beside"), (2, "here")]
    # what Odoo skips counts as failed: it has no browser then, or no server
    assert counts == {"e2e": Count(2), "odoo": Count(8, 2)}


def test_no_second_run_where_the_first_has_done_all(site, begun):
    begun.over = True
    counts = testing.run_stages(site, "template", {"odoo": FOLDER, "e2e": ["tests/e2e"]}, [])
    assert begun.numbers == [(1, "beside")]
    assert counts["odoo"] == Count(5, 1)


def test_a_file_is_one_run_on_the_screen(site, begun):
    testing.run_stages(site, "template", {"odoo": FILE}, [])
    assert begun.numbers == [(1, "here")]


def test_one_core_does_one_thing_after_the_other(site, begun):
    begun.cores = 1
    testing.run_stages(site, "template", {"odoo": FOLDER, "e2e": ["tests/e2e"]}, [])
    assert begun.numbers == [(1, "here")]


def test_what_was_taken_in_an_earlier_run_is_tested_again(site, begun):
    (site.settings.local / "test-shared").mkdir()
    (site.settings.local / "test-shared" / "taken").touch()
    testing.run_stages(site, "template", {"odoo": FOLDER}, [])
    assert not list((site.settings.local / "test-shared").iterdir())


def test_without_its_database_every_stage_but_the_unit_tests_has_failed(monkeypatch, site):
    @contextlib.contextmanager
    def prepared(_settings, tests):
        yield site

    def broken(_site):
        raise testing.Problem("no room")

    monkeypatch.setattr(testing, "prepared", prepared)
    monkeypatch.setattr(testing, "ensure_template", broken)
    monkeypatch.setattr(testing, "unit_tests", lambda *_: Run(Count(4)))
    monkeypatch.setattr(testing.packages, "ensure", lambda *_: None)
    monkeypatch.setattr(testing.environment, "ensure_test", lambda _: None)
    monkeypatch.setattr(testing, "preparation", lambda _: contextlib.nullcontext())
    monkeypatch.setattr(testing, "make_plan", lambda *_: {"unit": ["x"], "odoo": FOLDER})
    monkeypatch.setattr(testing.os, "cpu_count", lambda: 2)
    told = []
    monkeypatch.setattr(testing, "finish", lambda counts: told.append(counts) or 1)
    assert testing.run(site.settings, [], None) == 1
    assert told == [{"unit": Count(4), "odoo": Count(failed=1)}]


def test_tests_that_nobody_ran_count_as_failed(site, begun, monkeypatch):
    begun.counts = {1: Count(5), 2: Count(3)}
    monkeypatch.setattr(testing, "count_left", lambda folder: 2 * (folder == testing.shared_folder(site)))
    assert testing.run_stages(site, "template", {"odoo": FOLDER}, [])["odoo"] == Count(8, 2)


@pytest.mark.parametrize(("keyword", "failed"), [(None, 1), ("no_such_test", 0)])
def test_a_stage_without_a_test_has_failed_unless_tests_were_chosen(monkeypatch, site, keyword, failed):
    monkeypatch.setattr(testing, "make_plan", lambda *_: {"odoo": FOLDER})
    monkeypatch.setattr(testing, "run_on_databases", lambda *_: {"odoo": Count()})
    told = []
    monkeypatch.setattr(testing, "finish", lambda counts: told.append(counts) or 1)
    testing.run(site.settings, [], keyword)
    assert told == [{"odoo": Count(failed=failed)}]
