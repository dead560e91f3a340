"""What a customer may send in as a reading and as text."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_cases.domain.errors import InputRefused
from pwik_cases.domain.submission import (
    DESCRIPTION_LENGTH,
    ReadingLimits,
    parse_reading,
    parse_register_value,
    parse_text,
)

LIMITS = ReadingLimits(register_digits=5, today=date(2026, 4, 10), window_days=14)


def problems(function, *args, **kwargs):
    with pytest.raises(InputRefused) as caught:
        function(*args, **kwargs)
    return [(p.field, p.code) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("82", 82),
        (" 00082 ", 82),
        ("1 234", 1234),
        ("1\u00a0234", 1234),
        ("82 m³", 82),
        (82, 82),
        ("0", 0),
        ("99999", 99999),
    ],
)
def test_value(typed, value):
    assert parse_register_value(typed, 5) == Decimal(value)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "value_missing"),
        (None, "value_missing"),
        (False, "value_missing"),
        ("82,5", "value_not_whole"),
        ("82.0", "value_not_whole"),
        ("-3", "value_not_number"),
        ("abc", "value_not_number"),
        ("1e3", "value_not_number"),
        ("٣", "value_not_number"),
        ("1  2345", "value_not_number"),
        ("100000", "value_too_long"),
        ("NaN", "value_not_number"),
    ],
)
def test_value_refused(typed, code):
    assert problems(parse_register_value, typed, 5) == [("reading_value", code)]


@given(st.integers(min_value=0, max_value=99999))
def test_any_value_that_fits_is_read_back(number):
    assert parse_register_value(f"{number:05d}", 5) == number
    assert parse_register_value(f"{number:,}".replace(",", " "), 5) == number


@given(st.text(max_size=40))
def test_any_text_is_a_value_or_refused(typed):
    try:
        assert 0 <= parse_register_value(typed, 5) < 100000
    except InputRefused as error:
        assert [p.field for p in error.problems] == ["reading_value"]


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("", "date_missing"),
        (None, "date_missing"),
        ("10.04.2026", "date_not_date"),
        ("2026-02-30", "date_not_date"),
        ("20260410", "date_not_date"),
        ("2026-04-11", "date_future"),
        ("2026-03-26", "date_too_old"),
    ],
)
def test_day_refused(day, code):
    assert problems(parse_reading, "82", day, LIMITS) == [("reading_date", code)]


@pytest.mark.parametrize("day", ["2026-04-10", "2026-03-27", date(2026, 4, 1)])
def test_day_within_the_window(day):
    assert parse_reading("82", day, LIMITS).value == 82


def test_day_before_the_meter_came():
    limits = replace(LIMITS, first_day=date(2026, 4, 5))
    assert problems(parse_reading, "82", "2026-04-04", limits) == [("reading_date", "date_before_meter")]
    assert parse_reading("82", "2026-04-05", limits)


def test_day_after_the_contract():
    limits = replace(LIMITS, last_day=date(2026, 4, 5))
    assert problems(parse_reading, "82", "2026-04-06", limits) == [("reading_date", "date_after_end")]
    assert parse_reading("82", "2026-04-05", limits)


def test_day_already_invoiced():
    limits = replace(LIMITS, billed_until=date(2026, 4, 5))
    assert problems(parse_reading, "82", "2026-04-05", limits) == [("reading_date", "date_billed")]
    assert parse_reading("82", "2026-04-06", limits)


def test_not_too_often():
    limits = replace(LIMITS, submitted_days=(date(2026, 4, 8),), interval_days=2)
    assert problems(parse_reading, "82", "2026-04-09", limits) == [("reading_date", "date_taken")]
    assert problems(parse_reading, "82", "2026-04-07", limits) == [("reading_date", "date_taken")]
    assert parse_reading("82", "2026-04-10", limits)
    assert parse_reading("82", "2026-04-08", replace(limits, interval_days=0))


def test_both_problems_at_once():
    assert problems(parse_reading, "x", "y", LIMITS) == [
        ("reading_value", "value_not_number"),
        ("reading_date", "date_not_date"),
    ]


def test_text_is_cleaned():
    text = parse_text(
        " Cieknie\r\nzawór ",
        "Od wczoraj.\x00\r\n\r\n\r\n\r\nProszę\u202e o pomoc. ",
        description_required=True,
    )
    assert (text.subject, text.description) == ("Cieknie zawór", "Od wczoraj.\n\nProszę o pomoc.")


def test_text_lengths():
    assert problems(parse_text, "x" * 121, "y" * (DESCRIPTION_LENGTH + 1), description_required=True) == [
        ("name", "text_too_long"),
        ("description", "text_too_long"),
    ]
    assert problems(parse_text, "", " \n ", description_required=True) == [
        ("description", "description_missing")
    ]
    assert parse_text(None, None, description_required=False).description == ""
