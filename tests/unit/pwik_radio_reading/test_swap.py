"""Meters and overlays that were mistaken for each other."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from pwik_radio_reading.domain.swap import Misfit, find_swaps


def misfit(key, base, value, days=30):
    return Misfit(key, Decimal(base), Decimal(value), Decimal(days))


def swaps(*misfits):
    return find_swaps(misfits, most_a_day=Decimal(1), least=Decimal(5))


def test_two_that_continue_each_other():
    assert swaps(misfit("a", 100, "512.5"), misfit("b", 500, 108)) == [("a", "b")]


def test_one_that_only_fell():
    assert swaps(misfit("a", 500, 108), misfit("b", 900, 300)) == []


def test_what_continues_its_own_series_is_no_misfit():
    assert swaps(misfit("a", 100, 110), misfit("b", 101, 108)) == []


def test_use_must_be_possible_in_the_time():
    assert swaps(misfit("a", 100, 540), misfit("b", 500, 108)) == []
    assert swaps(misfit("a", 100, 540), misfit("b", 500, 108, days=60)) == [("a", "b")]


def test_of_two_candidates_nobody_is_named():
    assert swaps(misfit("a", 100, 512), misfit("b", 500, 108), misfit("c", 505, 107)) == []


def test_register_may_run_back_a_little():
    assert swaps(misfit("a", 100, "499.995"), misfit("b", 500, "99.99")) == [("a", "b")]


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000)), max_size=30))
def test_nobody_twice_and_always_as_promised(pairs):
    misfits = [misfit(number, base, value) for number, (base, value) in enumerate(pairs)]
    found = swaps(*misfits)
    keys = [key for pair in found for key in pair]
    assert len(keys) == len(set(keys))
    limit = Decimal(1), Decimal(5)
    for one, other in ((misfits[a], misfits[b]) for a, b in found):
        assert one.could_show(other.value, *limit) and other.could_show(one.value, *limit)
        assert not one.could_show(one.value, *limit) and not other.could_show(other.value, *limit)
