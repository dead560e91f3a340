"""Deadlines in calendar days, and what silence means."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_cases.domain.deadline import deadline, deemed_accepted, status

RECEIVED = date(2026, 4, 10)


def test_day_of_receipt_does_not_count():
    assert deadline(RECEIVED, 14) == date(2026, 4, 24)
    assert deadline(date(2026, 12, 20), 14) == date(2027, 1, 3)


def test_no_deadline():
    assert deadline(RECEIVED, 0) is None
    assert status(None, RECEIVED, 3) is None


@pytest.mark.parametrize(
    ("today", "left", "late", "near"),
    [
        (date(2026, 4, 20), 4, False, False),
        (date(2026, 4, 21), 3, False, True),
        (date(2026, 4, 24), 0, False, True),
        (date(2026, 4, 25), -1, True, False),
    ],
)
def test_status(today, left, late, near):
    found = status(date(2026, 4, 24), today, 3)
    assert (found.days_left, found.is_late, found.is_near) == (left, late, near)


def test_silence_accepts_a_consumers_complaint():
    last = date(2026, 4, 24)
    assert not deemed_accepted(last, None, last, consumer=True)
    assert deemed_accepted(last, None, last + timedelta(days=1), consumer=True)
    assert not deemed_accepted(last, None, last + timedelta(days=1), consumer=False)
    assert not deemed_accepted(last, last, last + timedelta(days=90), consumer=True)
    assert deemed_accepted(last, last + timedelta(days=1), last + timedelta(days=90), consumer=True)
    assert not deemed_accepted(None, None, last, consumer=True)


@given(st.dates(max_value=date(2999, 1, 1)), st.integers(min_value=1, max_value=3650), st.integers(0, 30))
def test_never_late_and_near_at_once(received, days, warning):
    last = deadline(received, days)
    assert (last - received).days == days
    found = status(last, last + timedelta(days=1), warning)
    assert found.is_late and not found.is_near
