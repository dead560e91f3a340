"""Dates and times of EN 13757-3, annex A: types F, G, I and J. What is marked or obviously invalid is None."""

from datetime import date, datetime, time


def _year(low: int, high: int, century: int = 0) -> int:
    year = (low & 0xE0) >> 5 | (high & 0xF0) >> 1
    if century:
        return 1900 + 100 * century + year
    return 2000 + year if year <= 80 else 1900 + year


def type_g(raw: bytes) -> date | None:
    """16 bits: a date."""
    if raw in (b"\xff\xff", b"\x00\x00"):
        return None
    try:
        return date(_year(raw[0], raw[1]), raw[1] & 0x0F, raw[0] & 0x1F)
    except ValueError:
        return None


def type_f(raw: bytes) -> datetime | None:
    """32 bits: date and time to the minute, as the meter's clock shows it (no zone)."""
    if raw[0] & 0x80:
        return None
    century = raw[1] >> 5 & 3
    try:
        return datetime(
            _year(raw[2], raw[3], century), raw[3] & 0x0F, raw[2] & 0x1F, raw[1] & 0x1F, raw[0] & 0x3F
        )
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
