"""Estimated readings: which history is taken first, and that the method is named."""

from datetime import datetime, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_meters.domain.errors import NoHistoryError
from pwik_meters.domain.estimation import estimate, value_at
from pwik_meters.domain.validation import Past

T0 = datetime(2024, 1, 1)


def past(day, value, **kw):
    return Past(T0 + timedelta(days=day), D(str(value)), **kw)


def test_same_period_of_last_year_comes_first():
    """Little in winter, much in summer: 30 days of last summer, not the average."""
    values = (past(0, 0), past(150, 15), past(180, 45), past(365 + 150, 100))
    found = estimate(values, T0 + timedelta(days=365 + 180), 5)
    assert (found.method, found.use, found.value) == ("same_period", 30, 130)


def test_average_where_last_year_is_unknown():
    found = estimate((past(0, 0), past(30, 10), past(90, 28)), T0 + timedelta(days=120), 5)
    assert (found.method, found.use, found.value) == ("average", D("9.333"), D("37.333"))


def test_norm_where_nothing_is_known():
    found = estimate((past(0, 5),), T0 + timedelta(days=30), 5, norm_per_day=D("0.1"))
    assert (found.method, found.use, found.value) == ("norm", 3, 8)


def test_estimates_do_not_feed_on_estimates():
    values = (past(0, 0), past(30, 3), past(60, 900, source="estimate"))
    assert estimate(values, T0 + timedelta(days=90), 5).use == 3


def test_no_history_is_loud():
    with pytest.raises(NoHistoryError):
        estimate((), T0, 5)
    with pytest.raises(NoHistoryError):
        estimate((past(0, 5),), T0 + timedelta(days=30), 5)
    with pytest.raises(NoHistoryError):
        estimate((past(10, 5), past(20, 6)), T0, 5)


def test_over_the_top_of_the_register():
    found = estimate((past(0, 9900), past(30, 9990)), T0 + timedelta(days=60), 4)
    assert (found.use, found.value) == (90, 80)


@given(day=st.integers(0, 90))
def test_interpolation_lies_between(day):
    values = (past(0, 0), past(30, 10), past(90, 40))
    value = value_at(values, T0 + timedelta(days=day))
    assert 0 <= value <= 40
    assert value_at(values, T0 + timedelta(days=91)) is None
