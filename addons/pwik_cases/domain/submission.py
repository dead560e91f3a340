"""What a customer may send in: reading, subject, description."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .errors import InputRefused, Problem
from .text import clean_line, clean_text

SUBJECT_LENGTH = 120
DESCRIPTION_LENGTH = 4000

_DIGIT_GROUPS = re.compile(r"\d+(?: \d{3})*")
_FRACTION = re.compile(r"\d[\d ]*[.,]\d+")


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What a reading submission is measured by.

    :param register_digits: whole m³ digits of the register
    :param today: day in the utility's time zone
    :param window_days: how many days back a reading may lie (0: today only)
    :param first_day: day on which the meter came to its place, or the customer's contract began
    :param last_day: last day of the customer's contract, or of the meter at its place
    :param billed_until: last day already invoiced from this meter
    :param submitted_days: days of submissions of this meter that were not rejected
    :param interval_days: least number of days between two submissions (0: no limit)
    """

    register_digits: int
    today: date
    window_days: int = 14
    first_day: date | None = None
    last_day: date | None = None
    billed_until: date | None = None
    submitted_days: tuple[date, ...] = ()
    interval_days: int = 1


@dataclass(frozen=True, slots=True)
class ReadingSubmission:
    """A register value in whole m³ on a day."""

    value: Decimal
    day: date


def parse_reading(value: object, day: object, limits: ReadingLimits) -> ReadingSubmission:
    """Read a customer's reading: value as typed or number, day as ISO text or date.

    :raises InputRefused: problems of the fields ``reading_value`` and ``reading_date``, all at once
    """
    problems: list[Problem] = []
    parsed_value = _collect(problems, parse_register_value, value, limits.register_digits)
    parsed_day = _collect(problems, parse_day, day)
    if parsed_day:
        _collect(problems, check_reading_day, parsed_day, limits)
    if problems:
        raise InputRefused(problems)
    return ReadingSubmission(parsed_value, parsed_day)


def parse_register_value(value: object, register_digits: int) -> Decimal:
    """Whole m³ (the black digits) that fit on the register; leading zeros and blanks between thousands are fine.

    :raises InputRefused: field ``reading_value``
    """
    text = clean_line(str(value) if value is not None and value is not False else "")
    text = re.sub(r" ?m(³|3)$", "", text)
    if not text:
        raise _refused("reading_value", "value_missing")
    if _FRACTION.fullmatch(text):
        raise _refused("reading_value", "value_not_whole")
    if not text.isascii() or not _DIGIT_GROUPS.fullmatch(text):
        raise _refused("reading_value", "value_not_number")
    digits = text.replace(" ", "").lstrip("0") or "0"
    if len(digits) > register_digits:
        raise _refused("reading_value", "value_too_long", digits=register_digits)
    return Decimal(digits)


def parse_day(day: object) -> date:
    """A day as ISO text (``2026-03-31``) or date.

    :raises InputRefused: field ``reading_date``
    """
    if isinstance(day, date):
        return day
    text = clean_line(day) if isinstance(day, str) else ""
    if not text:
        raise _refused("reading_date", "date_missing")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise _refused("reading_date", "date_not_date")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _refused("reading_date", "date_not_date") from error


def check_reading_day(day: date, limits: ReadingLimits) -> None:
    """Refuse a day that is in the future, out of the window, before the meter's time, invoiced or taken.

    :raises InputRefused: field ``reading_date``
    """
    earliest = limits.today - timedelta(days=limits.window_days)
    if day > limits.today:
        raise _refused("reading_date", "date_future")
    if day < earliest:
        raise _refused("reading_date", "date_too_old", days=limits.window_days, earliest=earliest)
    if limits.first_day and day < limits.first_day:
        raise _refused("reading_date", "date_before_meter", first_day=limits.first_day)
    if limits.last_day and day > limits.last_day:
        raise _refused("reading_date", "date_after_end", last_day=limits.last_day)
    if limits.billed_until and day <= limits.billed_until:
        raise _refused("reading_date", "date_billed", billed_until=limits.billed_until)
    for taken in limits.submitted_days:
        if abs((day - taken).days) < limits.interval_days:
            raise _refused("reading_date", "date_taken", taken=taken, days=limits.interval_days)


@dataclass(frozen=True, slots=True)
class TextSubmission:
    """Subject (one line) and description (several lines), cleaned."""

    subject: str
    description: str


def parse_text(subject: str | None, description: str | None, *, description_required: bool) -> TextSubmission:
    """Clean subject and description and hold them to their lengths.

    :raises InputRefused: fields ``name`` and ``description``
    """
    cleaned = TextSubmission(clean_line(subject), clean_text(description))
    problems = []
    if len(cleaned.subject) > SUBJECT_LENGTH:
        problems.append(Problem("name", "text_too_long", {"limit": SUBJECT_LENGTH}))
    if len(cleaned.description) > DESCRIPTION_LENGTH:
        problems.append(Problem("description", "text_too_long", {"limit": DESCRIPTION_LENGTH}))
    if description_required and not cleaned.description:
        problems.append(Problem("description", "description_missing"))
    if problems:
        raise InputRefused(problems)
    return cleaned


def _refused(field: str, code: str, **params: object) -> InputRefused:
    return InputRefused([Problem(field, code, params)])


def _collect(problems: list[Problem], function, *args):
    try:
        return function(*args)
    except InputRefused as error:
        problems.extend(error.problems)
        return None
