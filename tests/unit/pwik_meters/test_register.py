"""Consumption over any split into readings, exchanges and rollovers equals the consumption of the whole."""

from datetime import datetime, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_meters.domain.errors import RegisterError, UnknownLimitError
from pwik_meters.domain.register import Stretch, capacity, total
from pwik_meters.domain.validation import History, Installation, Limits, Meter, Past, Reading, validate
from pwik_meters.domain.validation.history import assess

DIGITS = 4
TOP = capacity(DIGITS)
T0 = datetime(2025, 1, 1)

litres = st.integers(min_value=0, max_value=2_000_000).map(lambda n: D(n) / 1000)


@given(
    start=st.integers(0, 9_999_999).map(lambda n: D(n) / 1000), uses=st.lists(litres, min_size=1, max_size=30)
)
def test_any_split_of_one_meter(start, uses):
    """Whatever the counter does, the parts add up to the water that passed (each part below one turn)."""
    stretches, shown = [], start
    for use in uses:
        after = shown + use
        rolled = after >= TOP
        stretches.append(Stretch(shown, after % TOP, DIGITS, rolled))
        shown = after % TOP
    assert total(stretches) == sum(uses)


@given(uses=st.lists(litres, min_size=2, max_size=20), data=st.data())
def test_any_exchange(uses, data):
    """Exchanges at any reading, each new meter starting anywhere, change nothing in the sum."""
    stretches, shown = [], D(0)
    for use in uses:
        if data.draw(st.booleans(), label="exchange"):
            shown = data.draw(st.integers(0, 9_999_999).map(lambda n: D(n) / 1000), label="start value")
        after = shown + use
        stretches.append(Stretch(shown, after % TOP, DIGITS, after >= TOP))
        shown = after % TOP
    assert total(stretches) == sum(uses)


def split(life, read_at):
    """Stretches of ``life`` if the meter is read after the steps in ``read_at``, at exchanges and once a turn.

    :param life: (use of the step in m³, start value of a new meter before it or None), in order
    """
    stretches, begin, shown, gone = [], D(0), D(0), D(0)
    for number, (use, new_start) in enumerate(life):
        if new_start is not None or gone + use >= TOP:
            stretches.append(Stretch(begin, shown % TOP, DIGITS, shown >= TOP))
            shown = new_start if new_start is not None else shown % TOP
            begin, gone = shown, D(0)
        shown, gone = shown + use, gone + use
        if number in read_at:
            stretches.append(Stretch(begin, shown % TOP, DIGITS, shown >= TOP))
            begin, shown, gone = shown % TOP, shown % TOP, D(0)
    return [*stretches, Stretch(begin, shown % TOP, DIGITS, shown >= TOP)]


@given(
    life=st.lists(
        st.tuples(litres, st.none() | st.integers(0, 9_999_999).map(lambda n: D(n) / 1000)), max_size=30
    ),
    data=st.data(),
)
def test_two_splits_of_one_life_measure_the_same_water(life, data):
    """Read often or seldom, over exchanges and over the top of the register: the water is the same."""
    steps = st.sets(st.integers(0, max(len(life) - 1, 0)))
    often, seldom = data.draw(steps, label="often"), data.draw(steps, label="seldom")
    passed = sum((use for use, _ in life), D(0))
    assert total(split(life, often)) == total(split(life, seldom)) == total(split(life, set())) == passed


@given(
    previous=st.integers(9_000_000, 9_999_999).map(lambda n: D(n) / 1000),
    use=st.integers(1, 1_000_000).map(lambda n: D(n) / 1000),
)
def test_rollover_is_seen_and_never_negative(previous, use):
    """From the upper tenth of the register, with a use that the meter can measure, both sides of the top are right."""
    now = T0 + timedelta(days=30)
    after = previous + use
    read = Reading(now, now.date(), after % TOP)
    hist = History(
        now=now, meter=Meter(q3=D("2.5"), digits=DIGITS), previous=(Past(T0, previous),),
        installation=Installation(T0.date(), D(0)),
    )  # fmt: skip
    case = assess(read, hist, Limits())
    assert case.use == use
    found = {finding.code for finding in validate(read, hist, Limits())}
    assert "V06" not in found
    assert ("V07" in found) is (after >= TOP)


def test_a_counter_that_goes_back_is_negative_not_rolled_over():
    assert Stretch(D(500), D(400)).volume == -100


@pytest.mark.parametrize("value", [D(-1), D(10000), D("10000.001")])
def test_a_value_the_register_cannot_show(value):
    with pytest.raises(RegisterError):
        Stretch(D(0), value, DIGITS)


def test_an_unknown_limit_is_loud():
    with pytest.raises(UnknownLimitError):
        Limits().get("V99", "share")
