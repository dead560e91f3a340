from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from pwik_ebok.domain.consumption import Interval, by_month

D = Decimal


def months(rows):
    return {(row.first.year, row.first.month): row.m3 for row in rows}


def test_a_quarter_is_spread_over_its_days():
    rows = by_month([Interval(date(2025, 12, 31), date(2026, 3, 31), D(90))], date(2026, 3, 5))
    assert months(rows) == {(2026, 1): D("31"), (2026, 2): D("28"), (2026, 3): D("31")}
    assert all(row.whole for row in rows)


def test_the_same_month_a_year_before_stands_beside():
    rows = by_month(
        [
            Interval(date(2025, 4, 30), date(2025, 5, 31), D(8), estimated=True),
            Interval(date(2026, 4, 30), date(2026, 5, 31), D(9)),
        ],
        date(2026, 5, 31),
    )

    last = rows[-1]
    assert (last.m3, last.before, last.estimated, last.estimated_before) == (D(9), D(8), False, True)


def test_a_month_in_part_says_so():
    rows = by_month([Interval(date(2026, 5, 31), date(2026, 6, 10), D(3))], date(2026, 6, 10))
    assert [(row.m3, row.whole) for row in rows] == [(D(3), False)]


def test_two_readings_of_one_day():
    rows = by_month([Interval(date(2026, 6, 10), date(2026, 6, 10), D("0.5"))], date(2026, 6, 30))
    assert months(rows) == {(2026, 6): D("0.5")}


def test_two_meters_are_added_and_marks_lie_in_their_month():
    rows = by_month(
        [
            Interval(date(2026, 5, 31), date(2026, 6, 30), D(3)),
            Interval(date(2026, 5, 31), date(2026, 6, 30), D(4)),
        ],
        date(2026, 6, 30),
        marks=[(date(2026, 6, 12), "leak"), (date(2026, 7, 1), "exchange")],
    )
    assert [(row.m3, row.marks, row.whole) for row in rows] == [(D(7), frozenset({"leak"}), True)]


def read_unequally():
    """Place A read to the end of October, B to that of September."""
    return [
        Interval(date(2026, 7, 31), date(2026, 10, 31), D(30), place="A"),
        Interval(date(2026, 7, 31), date(2026, 9, 30), D(60), place="B"),
    ]


def test_a_month_that_one_of_two_meters_lacks_is_not_whole():
    rows = by_month(read_unequally(), date(2026, 10, 31))
    assert [(row.first.month, row.whole) for row in rows] == [(8, True), (9, True), (10, False)]


def test_a_place_that_ended_is_missing_in_no_later_month():
    rows = by_month(read_unequally(), date(2026, 10, 31), ended={"B": date(2026, 9, 30)})
    assert [row.whole for row in rows] == [True, True, True]


def test_a_place_that_came_later_was_missing_in_no_earlier_month():
    rows = by_month(
        [
            Interval(date(2026, 7, 31), date(2026, 9, 30), D(30), place="A"),
            Interval(date(2026, 8, 31), date(2026, 9, 30), D(60), place="B"),
        ],
        date(2026, 9, 30),
    )
    assert [row.whole for row in rows] == [True, True]


def test_a_gap_between_known_months_stays_a_gap():
    rows = by_month(
        [
            Interval(date(2026, 1, 31), date(2026, 2, 28), D(3)),
            Interval(date(2026, 3, 31), date(2026, 4, 30), D(4)),
        ],
        date(2026, 6, 1),
    )
    assert [(row.first.month, row.m3) for row in rows] == [(2, D(3)), (3, None), (4, D(4))]


def test_nothing_known():
    assert by_month([], date(2026, 6, 1)) == ()


@given(
    st.lists(
        st.tuples(
            st.dates(date(2024, 1, 1), date(2026, 12, 31)),
            st.integers(0, 400),
            st.decimals(min_value=0, max_value=5000, places=3),
        ),
        max_size=6,
    )
)
def test_no_litre_is_lost(rows):
    intervals = [Interval(begin, begin + timedelta(days=days), m3) for begin, days, m3 in rows]
    found = by_month(intervals, date(2028, 12, 1), count=72)
    assert sum((row.m3 or 0 for row in found), D(0)) == sum((one.m3 for one in intervals), D(0))
