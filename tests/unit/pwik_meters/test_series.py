"""A register's series holds values as numbers, and answers what they say one by one."""

from datetime import datetime, timedelta
from decimal import Decimal as D
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_meters.domain.validation import (
    History,
    Installation,
    Limits,
    Meter,
    Past,
    Reading,
    Series,
    validate,
)

T0 = datetime(2025, 1, 1, 12)
LITRES = st.integers(0, 20_000)
STEPS = st.one_of(st.integers(0, 3), st.integers(0, 90 * 86_400))


@st.composite
def pasts(draw, *, steady=None):
    """Values in the order of time; steady ones never run back, the others do anything."""
    moment, value, found = T0, draw(LITRES), []
    is_steady = draw(st.booleans()) if steady is None else steady
    for _number in range(draw(st.integers(0, 30))):
        if is_steady:
            moment += timedelta(seconds=1 + draw(STEPS))
            value += draw(LITRES)
            found.append(Past(moment, D(value).scaleb(-3), "radio"))
        else:
            moment += timedelta(seconds=draw(STEPS), microseconds=draw(st.integers(0, 999_999)))
            value = draw(st.one_of(LITRES, st.just(value)))
            source = draw(st.sampled_from(("radio", "manual", "estimate")))
            found.append(Past(moment, D(value).scaleb(-3), source, draw(st.booleans())))
    return tuple(found)


@given(values=pasts())
def test_a_series_holds_its_values(values):
    series = Series.of(values)
    assert tuple(series) == values
    assert tuple(reversed(series)) == values[::-1]
    assert tuple(series[1:-1]) == values[1:-1]
    assert len(series) == len(values)
    for past in values:
        assert tuple(series.before(past.moment)) == tuple(v for v in values if v.moment < past.moment)
        assert series.first_after(past.moment) == next((v for v in values if v.moment > past.moment), None)


@given(values=pasts(), chosen=st.data())
def test_some_of_them(values, chosen):
    marks = chosen.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values)))
    kept = tuple(past for past, mark in zip(values, marks, strict=True) if mark)
    assert tuple(Series.of(values).only(marks)) == kept


@given(values=pasts())
def test_one_by_one_makes_the_same(values):
    series = Series([], [], [])
    for past in values[::2] + values[1::2]:
        series = series.with_added(past)
    assert sorted(series) == sorted(values)
    assert [past.moment for past in series] == [past.moment for past in values]


def test_what_all_have_in_common_is_kept_once():
    series = Series([0, 1], [5, 6], "radio").with_added(Past(T0, D("7.000"), "radio"))
    assert (series.sources, series.rolled) == ("radio", None)
    mixed = series.with_added(Past(T0, D("8.000"), "manual", rolled_over=True))
    assert (mixed.sources, mixed.rolled) == (["radio"] * 3 + ["manual"], [False] * 3 + [True])


@given(values=pasts())
def test_its_periods_are_those_between_real_values(values):
    """By the definition, value by value, with numbers of any size."""
    series, real = Series.of(values), [past for past in values if not past.is_estimate]
    periods = []
    for start, end in pairwise(real):
        use = end.value - start.value + (100_000 if end.rolled_over and end.value < start.value else 0)
        span = end.moment - start.moment
        days = D(span.days) + D(span.seconds) / 86_400
        if days > 0 and use >= 0:
            periods.append((days, use))
    assert series.get_periods(5) == tuple(periods)
    assert series.get_last_real() == (real[-1] if real else None)
    whole = series.get_use(5)
    if not periods:
        # parts of a second that make one only together
        assert whole is None or series.is_steady and whole.days * 86_400 < len(values)
        return
    days, use = map(sum, zip(*periods, strict=True))
    assert abs(whole.days - days) <= (D(len(values)) / 86_400 if series.is_steady else 0)
    assert whole.use == use or series.is_steady and whole.use >= use


@given(values=pasts(steady=True), use=st.integers(0, 40_000), days=st.integers(0, 120), alike=st.booleans())
def test_the_shortcut_to_the_median_changes_no_finding(values, use, days, alike):
    last = values[-1] if values else Past(T0, D(0))
    moment = last.moment + timedelta(days=days, seconds=1)
    reading = Reading(moment, moment.date(), last.value + D(use).scaleb(-3), "radio")
    series = Series.of(values)
    if alike and values:
        series = Series(series.micros, series.litres, "radio")
    unhelpful = Unhelpful(series.micros, series.litres, series.sources, series.rolled)
    here = Installation(T0.date(), D(0))
    found = [
        validate(reading, History(moment, Meter(), here, None, previous), Limits())
        for previous in (series, unhelpful)
    ]
    assert found[0] == found[1]


class Unhelpful(Series):
    """Knows no shortcut."""

    def reaches(self, use, days):
        return False


@given(values=pasts(steady=True), use=st.integers(1, 40_000), days=st.integers(1, 120))
def test_a_median_that_is_surely_reached_is_reached(values, use, days):
    series = Series.of(values)
    periods = series.get_periods(5)
    wanted, length = D(use).scaleb(-3), D(days)
    if series.reaches(wanted, length):
        rates = sorted(period.use * length / period.days for period in periods)
        middle = (rates[(len(rates) - 1) // 2] + rates[len(rates) // 2]) / 2
        assert middle.quantize(D("0.001")) >= wanted


def test_a_household_is_spared_the_median():
    """Two years of 10 m³ a month: 12 m³ are far from five times that."""
    series = Series([n * 30 * 86_400_000_000 for n in range(25)], [n * 10_000 for n in range(25)], "radio")
    assert series.reaches(D("2.4"), D(30))
    assert not series.reaches(D("10.001"), D(30))


def test_more_than_three_decimals_are_no_register():
    with pytest.raises(ValueError, match="decimals"):
        Series.of([Past(T0, D("1.0005"))])
