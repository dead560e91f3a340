"""Dates and times of EN 13757-3, annex A: types F, G, I and J. What is marked or obviously invalid is None."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

_MOST = 4096  # days and minutes that are kept: the telegrams of a tour name few different ones


def _year(low: int, high: int) -> int:
    """Two digits up to 80 are this century; the century bits of type F are set at random by some makers."""
    year = (low & 0xE0) >> 5 | (high & 0xF0) >> 1
    return 2000 + year if year <= 80 else 1900 + year


@lru_cache(_MOST)
def type_g(raw: bytes) -> date | None:
    """16 bits: a date."""
    if raw in (b"\xff\xff", b"\x00\x00"):
        return None
    try:
        return date(_year(raw[0], raw[1]), raw[1] & 0x0F, raw[0] & 0x1F)
    except ValueError:
        return None


def month_end(day: date, back: int = 0) -> date:
    """Last day of the month of ``day``, or of the month ``back`` months before."""
    months = day.year * 12 + day.month - back
    return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)


def months_before(day: date, back: int) -> date | None:
    """Same day ``back`` months before, for a month's first or last day; None for other days."""
    if day.day == 1:
        return month_end(day, back + 1) + timedelta(days=1)
    return month_end(day, back) if day == month_end(day) else None


@lru_cache(_MOST)
def type_f(raw: bytes) -> datetime | None:
    """32 bits: date and time to the minute, as the meter's clock shows it (no zone)."""
    if raw[0] & 0x80:
        return None
    try:
        return datetime(_year(raw[2], raw[3]), raw[3] & 0x0F, raw[2] & 0x1F, raw[1] & 0x1F, raw[0] & 0x3F)
    except ValueError:
        return None


def type_i(raw: bytes) -> datetime | None:
    """48 bits: date and time to the second, as the meter's clock shows it (no zone)."""
    if raw[1] & 0x80:
        return None
    try:
        return datetime(
            _year(raw[3], raw[4]),
            raw[4] & 0x0F,
            raw[3] & 0x1F,
            raw[2] & 0x1F,
            raw[1] & 0x3F,
            raw[0] & 0x3F,
        )
    except ValueError:
        return None


def type_j(raw: bytes) -> time | None:
    """24 bits: a time of day."""
    try:
        return time(raw[2] & 0x1F, raw[1] & 0x3F, raw[0] & 0x3F)
    except ValueError:
        return None
