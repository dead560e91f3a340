"""What was used in the past, as the basis of an average."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_billing.domain import Used, add_months, months_before, used_between

Q2 = Used(date(2024, 3, 31), date(2024, 6, 30), Decimal(91))


def test_shared_by_days():
    assert used_between([Q2], date(2024, 4, 30), date(2024, 5, 31)) == 31
    assert used_between([Q2], date(2024, 3, 31), date(2024, 6, 30)) == 91


def test_days_that_nobody_knows():
    assert used_between([Q2], date(2024, 3, 30), date(2024, 6, 30)) is None
    assert used_between([Q2], date(2024, 4, 1), date(2024, 7, 1)) is None
    assert used_between([], date(2024, 4, 1), date(2024, 5, 1)) is None
    assert used_between([Q2], date(2024, 4, 1), date(2024, 4, 1)) is None


def test_three_months():
    assert months_before([Q2], date(2024, 6, 30)) == (30, 31, 30)
    assert months_before([Q2], date(2024, 5, 31)) == ()


@pytest.mark.parametrize(
    ("day", "months", "want"),
    [
        ("2024-05-31", -3, "2024-02-29"),
        ("2024-02-29", -1, "2024-01-31"),
        ("2024-02-29", -12, "2023-02-28"),
        ("2024-01-15", -1, "2023-12-15"),
        ("2024-12-30", 2, "2025-02-28"),
    ],
)
def test_add_months(day, months, want):
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(want)


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 200_000)), min_size=1, max_size=12),
    st.integers(0, 40),
)
def test_months_add_up(steps, back):
    """Whatever the days of reading, the three months are not negative and add up to what was used in them."""
    day, past = date(2020, 1, 31), []
    for days, litres in steps:
        past.append(Used(day, day + timedelta(days), Decimal(litres) / 1000))
        day = past[-1].date_to
    end = day - timedelta(back)
    months = months_before(past, end)
    total = used_between(past, add_months(end, -3), end)
    if total is None:
        assert months == ()
    else:
        assert len(months) == 3
        assert min(months) >= 0
        assert abs(sum(months) - total) <= Decimal("0.0005")
