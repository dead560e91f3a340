"""The worked cases, to the grosz."""

import json
import pathlib
from decimal import Decimal

import pytest
from billing_requests import documents, rows, sums

DATA = pathlib.Path(__file__).parent / "data"
REQUESTS = [json.loads(text) for text in (DATA / "requests.jsonl").read_text(encoding="utf-8").splitlines()]
CASES = {case["id"]: case for case in json.loads((DATA / "cases.json").read_text(encoding="utf-8"))["cases"]}
NAMES = {
    "water": ("water", None),
    "sewage": ("sewage", None),
    "subscription_main": ("subscription", "main"),
    "subscription_extra_meter": ("subscription", "deduction"),
    "subscription_unmetered": ("subscription", "unmetered"),
}


def bare(line):
    label = line.get("tariff") or line["rate"]
    numbers = tuple(Decimal(line[key]) for key in ("quantity", "price", "net"))
    return (line["component"], line["point"], label, *numbers)


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case["request"]["id"])
def test_request_gives_its_documents(case):
    found = documents(case["request"])
    assert [document["kind"] for document in found] == [document["kind"] for document in case["documents"]]
    for got, want in zip(found, case["documents"], strict=True):
        assert (got["corrects"], got["period"], sums(got)) == (want["corrects"], want["period"], sums(want))
        assert sorted(map(bare, got["lines"])) == sorted(map(bare, want["lines"]))


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case["request"]["id"])
def test_request_agrees_with_the_worked_case(case):
    """The requests were derived from the worked cases: the sums and lines of those decide, points by their own names."""
    id, _, number = case["request"]["id"].partition("/")
    worked = CASES[id]["invoices"][int(number or 1) - 1]
    (document,) = documents(case["request"])
    assert sums(document) == (worked["net"], worked["vat"], worked["gross"])
    wanted = []
    for line in worked["lines"]:
        component, rate = NAMES[line["service"]]
        label = line.get("tariff_version") or rate
        numbers = (Decimal(line["qty"]), Decimal(line["unit_price_net"]), Decimal(line["net"]))
        wanted.append((component, line.get("service_point", "P1"), label, *numbers))
    assert sorted(map(bare, document["lines"])) == sorted(wanted)


def test_vat_is_not_the_sum_of_the_lines_vat():
    """C01: VAT of 389.70 is 31.18; rounded line by line it would be 31.17."""
    (document,) = documents(REQUESTS[0]["request"])
    by_line = sum(round(Decimal(line["net"]) * 8 / 100, 2) for line in document["lines"])
    assert (by_line, document["vat"]) == (Decimal("31.17"), "31.18")


def test_two_points_with_one_subscription_per_contract():
    """C10, the alternative: 440.90 − 24.12 = 416.78; VAT 33.3424."""
    case = next(case["request"] for case in REQUESTS if case["request"]["id"] == "C10")
    (document,) = documents({**case, "policy": {**case["policy"], "subscription_per": "contract"}})
    alternative = CASES["C10"]["alt"]
    assert sums(document) == (alternative["net"], alternative["vat"], alternative["gross"])
    assert rows(document, "subscription") == [("main", "1", "24.12")]
