"""From the text of a cell to a value that fits into JSON: decimals and days as text, so that nothing is rounded.

Each parser takes a stripped, non-empty text and raises CellError.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .problems import CellError

Parser = Callable[[str], Any]

_NUMBER = re.compile(r"^[+-]?\d+(?:[.,]\d+)?$", re.ASCII)
_SPACES = re.compile(r"[\s\u00a0\u202f]")
_DAY = re.compile(r"^(?:(\d{4})[-./](\d{1,2})[-./](\d{1,2})|(\d{1,2})[-./](\d{1,2})[-./](\d{4}))$", re.ASCII)
_TIME = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$", re.ASCII)
_EMAIL = re.compile(r"^[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+$")
_ZIP = re.compile(r"^(\d{2})-?(\d{3})$", re.ASCII)
_NIP_WEIGHTS = (6, 5, 7, 2, 3, 4, 5, 6, 7)
FIRST_DAY = date(1900, 1, 1)


def text(longest: int = 255) -> Parser:
    """Any text up to ``longest`` characters."""

    def parse(value: str) -> str:
        if len(value) > longest:
            raise CellError("too_long", longest=longest)
        if any(ord(sign) < 32 and sign not in "\t\n\r" for sign in value):
            raise CellError("control")
        return value

    return parse


TEXT = text()


def decimal(
    places: int = 3, least: str = "0", most: str = "999999999", more_than: str | None = None
) -> Parser:
    """Number with a comma or a dot as decimal sign, spaces between thousands; at most ``places`` decimals.

    Returned as text with a dot and without needless zeros, e.g. ``"1234.5"``.
    """

    def parse(value: str) -> str:
        plain = _SPACES.sub("", value)
        if not _NUMBER.match(plain):
            raise CellError("number", value=value)
        number = Decimal(plain.replace(",", "."))
        if number.normalize().as_tuple().exponent < -places:
            raise CellError("places", value=value, places=places)
        if not Decimal(least) <= number <= Decimal(most):
            raise CellError("range", value=value, least=least, most=most)
        if more_than is not None and number <= Decimal(more_than):
            raise CellError("more_than", value=value, least=more_than)
        return _plain(number)

    return parse


def _plain(number: Decimal) -> str:
    shown = f"{number:f}"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) or "0"


def integer(least: int, most: int) -> Parser:
    """Whole number; ``20.0`` as spreadsheets write it counts too."""
    parse_number = decimal(places=0, least=str(least), most=str(most))

    def parse(value: str) -> int:
        try:
            return int(parse_number(value))
        except CellError as error:
            raise CellError("integer", value=value) if error.code in ("places", "number") else error from None

    return parse


def _parse_day(value: str) -> date:
    found = _DAY.match(value)
    if not found:
        raise CellError("day", value=value)
    year, month, day, day2, month2, year2 = found.groups()
    try:
        parsed = date(int(year or year2), int(month or month2), int(day or day2))
    except ValueError:
        raise CellError("day", value=value) from None
    if parsed < FIRST_DAY:
        raise CellError("day", value=value)
    return parsed


def day(value: str) -> str:
    """Day as 2024-01-31 or 31.01.2024 (also with ``-`` and ``/``), as ISO text; midnight after it is passed over."""
    head, _, tail = value.partition("T") if "T" in value else value.partition(" ")
    if tail and (not _TIME.match(tail.strip()) or tail.strip().strip("0:.")):
        raise CellError("day", value=value)
    return _parse_day(head).isoformat()


def moment(value: str) -> str:
    """Day, or day and time of the place, as ISO text: ``2024-01-31`` or ``2024-01-31T14:05:00``."""
    head, _, tail = value.partition("T") if "T" in value else value.partition(" ")
    when = _parse_day(head)
    if not tail.strip():
        return when.isoformat()
    found = _TIME.match(tail.strip())
    if not found:
        raise CellError("moment", value=value)
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        return datetime(when.year, when.month, when.day, hours, minutes, seconds).isoformat()
    except ValueError:
        raise CellError("moment", value=value) from None


def choice(words: Mapping[str, tuple[str, ...]]) -> Parser:
    """One of the codes, or one of the words that stand for it; case does not matter."""
    table = {word.casefold(): code for code, several in words.items() for word in (code, *several)}

    def parse(value: str) -> str:
        try:
            return table[value.casefold()]
        except KeyError:
            shown = ", ".join(several[0] if several else code for code, several in words.items())
            raise CellError("choice", value=value, choices=shown) from None

    return parse


_YES = choice(
    {"1": ("tak", "t", "yes", "y", "true", "prawda", "x"), "0": ("nie", "n", "no", "false", "fałsz")}
)


def boolean(value: str) -> bool:
    """Yes or no, in Polish or English."""
    try:
        return _YES(value) == "1"
    except CellError:
        raise CellError("boolean", value=value) from None


def email(value: str) -> str:
    if not _EMAIL.match(value) or len(value) > 254:
        raise CellError("email", value=value)
    return value


def postal_code(value: str) -> str:
    """Polish postal code 00-000; spreadsheets like to lose the dash."""
    found = _ZIP.match(value)
    if not found:
        raise CellError("postal_code", value=value)
    return f"{found[1]}-{found[2]}"


def nip(value: str) -> str:
    """Polish tax number: ten digits of which the last checks the others (weights 6 5 7 2 3 4 5 6 7, modulo 11)."""
    digits = re.sub(r"[\s-]", "", value.upper().removeprefix("PL"))
    if not re.fullmatch(r"\d{10}", digits, re.ASCII):
        raise CellError("nip", value=value)
    total = sum(weight * int(sign) for weight, sign in zip(_NIP_WEIGHTS, digits, strict=False))
    if total % 11 != int(digits[9]):
        raise CellError("nip", value=value)
    return digits


def keys(value: str) -> list[str]:
    """Several keys, with ``|`` between them."""
    found = [part.strip() for part in value.split("|") if part.strip()]
    if not found:
        raise CellError("empty_list", value=value)
    return list(dict.fromkeys(found))
