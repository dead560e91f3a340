"""Persons of each month, from their history."""

from datetime import date
from decimal import Decimal

import pytest
from billing_requests import documents, line, point, request
from hypothesis import given
from hypothesis import strategies as st
from pwik_billing.domain import MissingReading, Occupancy, by_month

NORM = Decimal("3.0")
Q3 = (date(2024, 7, 1), date(2024, 9, 30))


def history(*rows):
    return [Occupancy(date.fromisoformat(day), persons, NORM) for day, persons in rows]


@pytest.mark.parametrize(
    ("rows", "want"),
    [
        ([("2020-01-01", 3)], [(3, 3)]),
        ([("2020-01-01", 3), ("2024-08-01", 2)], [(3, 1), (2, 2)]),
        ([("2020-01-01", 3), ("2024-08-02", 2)], [(3, 2), (2, 1)]),
        ([("2024-09-30", 1), ("2020-01-01", 3)], [(3, 3)]),
        ([("2020-01-01", 3), ("2024-08-01", 0), ("2024-09-01", 3)], [(3, 1), (0, 1), (3, 1)]),
    ],
)
def test_months(rows, want):
    assert [(norm.persons, norm.months) for norm in by_month(history(*rows), *Q3)] == want


def test_part_of_a_month_counts_as_one():
    found = by_month(history(("2020-01-01", 2)), date(2024, 7, 31), date(2024, 9, 1))
    assert [(norm.persons, norm.months) for norm in found] == [(2, 3)]


def test_before_the_history():
    with pytest.raises(MissingReading) as error:
        by_month(history(("2024-07-02", 2)), *Q3)
    assert error.value.params["what"] == "persons"


@given(st.lists(st.tuples(st.dates(date(2020, 1, 1), date(2025, 12, 31)), st.integers(0, 9))))
def test_no_month_is_lost(rows):
    found = by_month([Occupancy(date(2019, 1, 1), 1, NORM), *(Occupancy(d, p, NORM) for d, p in rows)], *Q3)
    assert sum(norm.months for norm in found) == 3


def test_engine_adds_the_parts_and_rounds_once():
    parts = [{"persons": 1, "norm": "0.5", "months": 1}, {"persons": 3, "norm": "0.5", "months": 2}]
    (document,) = documents(request(point(lump_sum=parts)))
    water = line(document, "water")
    assert water["quantity"] == "4"  # 0.5 + 3.0 = 3.5, half up
    assert "1 os." in water["how"] and "3 os." in water["how"]
