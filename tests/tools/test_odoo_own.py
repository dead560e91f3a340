"""`./pwik test odoo-own`: what is said of Odoo's own tests that fail, and of those that cannot hold."""

import json
import pathlib

import pytest

from tools.pwik_cli import odoo_own
from tools.pwik_cli.testing import Count, read_report

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOME = "odoo.addons.portal.tests.test_portal.TestUsers"
REPORT = f"""<testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="5">
<testcase classname="{HOME}" name="test_holds"/>
<testcase classname="{HOME}" name="test_fails"><failure message="x"/></testcase>
<testcase classname="{HOME}" name="test_skipped"><skipped message="x"/></testcase>
<testcase classname="{HOME}" name="test_torn_down"/>
<testcase classname="{HOME}" name="test_torn_down"><error message="x"/></testcase>
</testsuite></testsuites>"""
NAME = "portal:test_portal.TestUsers"


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "odoo-own.xml"
    path.write_text(REPORT, encoding="utf-8")
    return path


def judge(report, *known, whole=True):
    why = dict.fromkeys((f"{NAME}.{name}" for name in known), "closed")
    return odoo_own.judge(read_report(report, 1), odoo_own.outcomes(report), why, whole=whole)


def test_outcomes_are_by_addon_file_class_and_test(report):
    assert odoo_own.outcomes(report) == {
        f"{NAME}.test_holds": "passed",
        f"{NAME}.test_fails": "failed",
        f"{NAME}.test_skipped": "skipped",
        f"{NAME}.test_torn_down": "failed",
    }


def test_a_failure_that_nobody_named_fails(report):
    assert judge(report).failed == 2
    assert judge(report, "test_fails") == Count(passed=2, failed=1, skipped=2)


def test_a_named_test_that_holds_or_is_gone_fails(report):
    known = ("test_fails", "test_torn_down")
    assert judge(report, *known).failed == 0
    assert judge(report, *known, "test_holds").failed == 1
    assert judge(report, *known, "test_gone").failed == 1
    assert judge(report, *known, "test_gone", whole=False).failed == 0


def test_each_exception_has_a_reason():
    wanted = json.loads((ROOT / odoo_own.LIST).read_text(encoding="utf-8"))
    assert wanted["tests"]
    names = [one["test"] for one in wanted["cannot"]]
    assert len(names) == len(set(names))
    assert all(len(one["why"]) > 20 for one in wanted["cannot"])
