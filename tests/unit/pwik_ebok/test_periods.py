from datetime import date, timedelta

import pytest
from pwik_ebok.domain.periods import period_end, period_start


@pytest.mark.parametrize(
    ("day", "cycle", "end"),
    [
        (date(2026, 11, 26), "month", date(2026, 11, 30)),
        (date(2026, 12, 31), "month", date(2026, 12, 31)),
        (date(2026, 11, 26), "two_months", date(2026, 12, 31)),
        (date(2024, 2, 29), "two_months", date(2024, 2, 29)),
        (date(2026, 11, 26), "quarter", date(2026, 12, 31)),
        (date(2026, 4, 1), "quarter", date(2026, 6, 30)),
        (date(2026, 6, 30), "half_year", date(2026, 6, 30)),
        (date(2026, 7, 1), "half_year", date(2026, 12, 31)),
    ],
)
def test_the_period_that_holds_a_day(day, cycle, end):
    assert period_end(day, cycle) == end


@pytest.mark.parametrize("cycle", ["month", "two_months", "quarter", "half_year"])
def test_periods_follow_each_other(cycle):
    day = date(2023, 12, 31)
    while day < date(2026, 1, 1):
        first = period_start(day + timedelta(days=1), cycle)
        assert first == day + timedelta(days=1)
        day = period_end(first, cycle)
