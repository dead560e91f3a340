"""When a term to pay ends (Civil Code art. 115)."""

from datetime import date, timedelta

import pytest
from dateutil.easter import easter as known_easter
from hypothesis import given
from hypothesis import strategies as st
from pwik_billing.domain import end_of_term, late_before
from pwik_billing.domain.terms import easter, holidays, moved_terms, moves_term

DAYS = st.dates(date(2011, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("named", "ends"),
    [
        ("2026-11-27", "2026-11-27"),  # a Friday
        ("2026-11-28", "2026-11-30"),  # Saturday: Monday
        ("2026-11-29", "2026-11-30"),
        ("2026-11-11", "2026-11-12"),  # Independence Day, a Wednesday
        ("2026-06-04", "2026-06-05"),  # Corpus Christi
        ("2026-04-04", "2026-04-07"),  # Holy Saturday: after Easter Monday
        ("2026-05-24", "2026-05-25"),  # Pentecost
        ("2025-12-24", "2025-12-29"),  # off since 2025; 27 December is a Saturday
        ("2024-12-24", "2024-12-24"),  # was not
        ("2026-05-01", "2026-05-04"),  # Friday; Saturday; 3 May on a Sunday
        ("2018-11-10", "2018-11-13"),  # the hundredth anniversary was off once
        ("2022-12-31", "2023-01-02"),  # over the end of the year
        ("2016-06-11", "2016-06-11"),  # Saturdays count since 2017
        ("2016-06-12", "2016-06-13"),
    ],
)
def test_end_of_term(named, ends):
    assert end_of_term(date.fromisoformat(named)) == date.fromisoformat(ends)


def test_easter():
    for year in range(1583, 2400):
        assert easter(year) == known_easter(year)


def test_days_off_of_a_year():
    """13 named ones in 2024, 14 with Christmas Eve; two of them are always Sundays."""
    assert (len(holidays(2024)), len(holidays(2025))) == (13, 14)


@given(DAYS, st.integers(0, 20))
def test_late_before(due, days):
    """The bound for searches says the same as the term itself."""
    today = due + timedelta(days=days)
    assert (due < late_before(today)) == (end_of_term(due) < today)


@given(DAYS)
def test_a_term_never_ends_sooner(due):
    ends = end_of_term(due)
    assert ends >= due and not moves_term(ends)
    assert all(moves_term(due + timedelta(days=index)) for index in range((ends - due).days))
    assert moved_terms(due, due) == ({due: ends} if ends != due else {})
