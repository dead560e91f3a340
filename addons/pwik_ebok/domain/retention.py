"""How long the law lets records be kept, and how long it wants them kept."""

from calendar import monthrange
from datetime import date, timedelta

#: Art. 70 § 1 and art. 86 § 1 of the tax ordinance, art. 74 of the accounting act.
TAX_YEARS = 5


def back(day: date, period: int, unit: str) -> date:
    """The day that lies ``period`` units before ``day``; a day that a month lacks becomes its last one.

    :param unit: ``day``, ``month`` or ``year``
    :raises ValueError: another unit
    """
    if unit == "day":
        return day - timedelta(days=period)
    if unit not in ("month", "year"):
        raise ValueError(unit)
    months = day.year * 12 + day.month - 1 - period * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def forward(day: date, period: int, unit: str) -> date:
    """The day that lies ``period`` units after ``day``."""
    return back(day, -period, unit)


def tax_kept_until(day: date, years: int = TAX_YEARS) -> date:
    """Last day on which a document of ``day`` must be kept for the taxes.

    The years begin at the end of the calendar year in which the tax was due (art. 70 § 1); VAT of a month is due on the 25th of
    the next, so that an invoice of December belongs to the year after.
    """
    due_year = day.year + (day.month == 12)
    return date(due_year + years, 12, 31)


def tax_cutoff(today: date, years: int = TAX_YEARS) -> date:
    """Documents dated before this day need not be kept any more: of each, :func:`tax_kept_until` lies before ``today``."""
    return date(today.year - years - 1, 12, 1)
