"""Periods and the years of the tax law."""

from datetime import date, timedelta

import pytest
from pwik_ebok.domain.retention import back, forward, tax_cutoff, tax_kept_until


def test_days_months_years_back():
    assert back(date(2026, 3, 31), 1, "month") == date(2026, 2, 28)
    assert back(date(2024, 2, 29), 1, "year") == date(2023, 2, 28)
    assert back(date(2026, 1, 1), 1, "day") == date(2025, 12, 31)
    assert forward(date(2025, 12, 15), 2, "month") == date(2026, 2, 15)
    with pytest.raises(ValueError, match="week"):
        back(date(2026, 1, 1), 1, "week")


def test_tax_years_begin_when_the_tax_was_due():
    """VAT of December is due in January: the year after counts (art. 70 § 1 of the tax ordinance)."""
    assert tax_kept_until(date(2020, 11, 30)) == date(2025, 12, 31)
    assert tax_kept_until(date(2020, 12, 1)) == date(2026, 12, 31)


def test_the_cutoff_says_the_same_as_the_day_of_each_document():
    for today in (date(2026, 1, 1), date(2026, 7, 15), date(2026, 12, 31)):
        cutoff, day = tax_cutoff(today), date(2018, 1, 1)
        while day < date(2023, 1, 1):
            assert (day < cutoff) == (tax_kept_until(day) < today), (today, day)
            day += timedelta(days=1)
