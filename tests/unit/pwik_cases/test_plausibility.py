"""Is it really that value?"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from pwik_cases.domain.plausibility import KnownReading, Limits, assess, daily_use

LIMITS = Limits(register_digits=5, q3=Decimal("2.5"))
HISTORY = (
    KnownReading(date(2026, 1, 1), Decimal("100")),
    KnownReading(date(2026, 2, 1), Decimal("110")),
    KnownReading(date(2026, 3, 1), Decimal("119")),
)


def code(value, day=date(2026, 4, 1), history=HISTORY, limits=LIMITS):
    doubt = assess(Decimal(value), day, history, limits)
    return doubt and doubt.code


def test_usual_use_is_plausible():
    assert code("129") is None
    assert code("119") is None


def test_below_the_last_value():
    doubt = assess(Decimal("118"), date(2026, 4, 1), HISTORY, LIMITS)
    assert (doubt.code, doubt.last, doubt.consumption) == ("below_last", HISTORY[-1], Decimal("-1"))


def test_much_more_than_expected():
    # 19 m³ in 59 days: about 10 m³ are expected in 31 days, three times that is doubtful
    doubt = assess(Decimal("159"), date(2026, 4, 1), HISTORY, LIMITS)
    assert doubt.code == "too_high"
    assert round(doubt.expected, 2) == Decimal("9.98")
    assert code("148") is None
    assert code("159", limits=replace(LIMITS, factor=Decimal("5"))) is None


def test_small_volumes_are_never_doubtful():
    still = (KnownReading(date(2026, 1, 1), Decimal("100")), KnownReading(date(2026, 3, 1), Decimal("100")))
    assert code("105", history=still) is None
    assert code("106", history=still) == "too_high"


def test_more_than_the_meter_can_pass():
    assert code(119 + 31 * 60 + 1) == "impossible"


def test_rollover_is_no_step_back():
    near_end = (KnownReading(date(2026, 3, 1), Decimal("99995")),)
    assert code("3", history=near_end) is None
    assert code("20000", history=near_end) == "below_last"


def test_nothing_known():
    assert code("82", history=()) is None
    assert code("82", day=date(2025, 12, 31)) is None


def test_use_of_the_former_customer_sets_no_expectation():
    former = tuple(replace(reading, own=False) for reading in HISTORY)
    assert code("200", history=former) is None
    assert code("118", history=former) == "below_last"


def test_later_readings_are_left_out():
    assert code("120", day=date(2026, 2, 20)) is None


def test_daily_use():
    assert daily_use(HISTORY, 5) == Decimal(19) / 59
    assert daily_use(HISTORY[:1], 5) is None
    week = (KnownReading(date(2026, 1, 1), Decimal(1)), KnownReading(date(2026, 1, 6), Decimal(2)))
    assert daily_use(week, 5) is None
    back = (KnownReading(date(2026, 1, 1), Decimal(9)), KnownReading(date(2026, 2, 1), Decimal(2)))
    assert daily_use(back, 5) is None


@given(st.decimals(min_value=0, max_value=99999, places=3), st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_order_of_the_history_does_not_matter(value, day):
    assert assess(value, day, HISTORY, LIMITS) == assess(value, day, HISTORY[::-1], LIMITS)
