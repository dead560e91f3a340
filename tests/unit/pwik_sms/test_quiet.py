"""Quiet hours of SMS, over midnight and within a day."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pwik_sms.domain.quiet import end_of_quiet

HOURS = st.integers(0, 24 * 60 - 1).map(lambda minutes: minutes / 60)


def at(text):
    return datetime.fromisoformat(f"2026-11-{text}")


@pytest.mark.parametrize(
    ("moment", "start", "end", "expected"),
    [
        ("10T20:59", 21, 8, None),
        ("10T21:00", 21, 8, "11T08:00"),
        ("10T23:59", 21, 8, "11T08:00"),
        ("11T00:00", 21, 8, "11T08:00"),
        ("11T07:59:59", 21, 8, "11T08:00"),
        ("11T08:00", 21, 8, None),
        ("10T12:30", 12.5, 13.25, "10T13:15"),
        ("10T13:15", 12.5, 13.25, None),
        ("10T03:00", 0, 6, "10T06:00"),
        ("10T23:00", 0, 6, None),
        ("10T22:00", 22, 0, "11T00:00"),
        ("10T05:00", 5, 5, None),
    ],
)
def test_worked_by_hand(moment, start, end, expected):
    assert end_of_quiet(at(moment), start, end) == (at(expected) if expected else None)


def test_the_last_night_of_a_month():
    assert end_of_quiet(datetime(2026, 11, 30, 22), 21, 8) == datetime(2026, 12, 1, 8)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), HOURS, HOURS)
def test_what_waits_may_go_when_the_hours_are_over(moment, start, end):
    found = end_of_quiet(moment, start, end)
    if found:
        assert moment < found <= moment + timedelta(days=1)
        assert (found.hour, found.minute) == divmod(round(end * 60), 60)
        assert end_of_quiet(found, start, end) is None


@settings(max_examples=30)
@given(HOURS, HOURS)
def test_a_day_is_quiet_for_as_long_as_it_says(start, end):
    day = datetime(2026, 6, 1)
    minutes = [day + timedelta(minutes=one) for one in range(24 * 60)]
    quiet = sum(end_of_quiet(one, start, end) is not None for one in minutes)
    assert quiet == (round(end * 60) - round(start * 60)) % (24 * 60)


@pytest.mark.parametrize(("start", "end"), [(-1, 8), (24, 8), (21, 24), (21, -0.5)])
def test_no_hours_of_a_day(start, end):
    with pytest.raises(ValueError, match="no hours"):
        end_of_quiet(datetime(2026, 1, 1), start, end)
