"""What a vendor's file says of itself: where its headings stand and how its columns, numbers and days are written."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from . import profile as mapping
from .errors import EmptyFileError
from .lines import encoding_of
from .unpack import Limits, open_members

LOOKED_AT = 40  # lines; headings stand higher, and as many values show how they are written
_DELIMITERS = ";\t,|"
# Days without a zone as vendors write them; day before month unless a day above 12 says otherwise. Empty: ISO.
_DAYS = ("%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y", "%Y.%m.%d", "%Y/%m/%d", "%d.%m.%y", "%m/%d/%Y")
_TIMES = ("", " %H:%M", " %H:%M:%S")
DATE_FORMATS = ("", *(day + time for day in _DAYS for time in _TIMES))
# Letters of Polish that stand elsewhere in ISO 8859-2 than in Windows-1250, as the bytes of each.
_ISO_ONLY = frozenset(b"\xb1\xb6\xbc\xa1\xa6\xac")
_WINDOWS_ONLY = frozenset(b"\xb9\x9c\x9f\xa5\x8c\x8f")
_UNITS = (
    ("hl", r"\bhl\b"),
    ("dm3", r"\bdm(3|³)"),
    ("l", r"\b(l|litr\w*|lit(er|re)s?)\b"),
    ("m3", r"\bm(3|³)"),
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How a file is to be read as far as it shows: fields as in ``profile.Profile``, None where it does not say."""

    columns: dict[str, str | int] = field(default_factory=dict)
    delimiter: str | None = None
    encoding: str | None = None
    header_row: int | None = None
    decimal_comma: bool | None = None
    unit: str | None = None
    date_format: str | None = None


def suggest(source: bytes | BinaryIO, sheet: str = "", limits: Limits | None = None) -> Suggestion:
    """Look at the first lines of the (first) file.

    Raises DumpError; ProfileError when the workbook has no such sheet.
    """
    member = next(open_members(source, limits), None)
    if member is None:
        raise EmptyFileError()
    encoding = None if member.workbook is not None else _encoding(member.stream.head)
    plain = mapping.Profile(columns={"id": 1, "total": 2}, encoding=encoding or "utf-8", sheet=sheet)
    if member.workbook is not None:
        found = [(row.number, row.cells) for row in islice(mapping.rows(plain, member), LOOKED_AT)]
        return _read_table(None, found)
    lines = list(islice(mapping.lines_of(plain, member), LOOKED_AT))
    tables = (
        (sign, [(line.number, mapping.split(line.text, sign)) for line in lines]) for sign in _DELIMITERS
    )
    best = max((_read_table(*table) for table in tables), key=lambda found: len(found.columns))
    return replace(best, encoding=encoding)


def _encoding(head: bytes) -> str:
    """Of text: by its mark; UTF-8 where it is that; else by where its Polish letters stand."""
    found, mark = encoding_of(head)
    if mark or found.startswith("utf-16"):
        return found
    try:
        head[: head.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError:
        iso = sum(byte in _ISO_ONLY for byte in head)
        return "iso-8859-2" if iso > sum(byte in _WINDOWS_ONLY for byte in head) else "cp1250"
    return "utf-8"


def _read_table(sign: str | None, table: Sequence[tuple[int, Sequence[Any]]]) -> Suggestion:
    """What the cells show under one delimiter: the line with the most telling headings, then the values below it."""
    place, columns = 0, {}
    for number, (_line, cells) in enumerate(table):
        found = mapping.suggest_columns([mapping.text_of(cell).strip() for cell in cells])
        if "id" in found and {"total", "telegram"} & set(found) and len(found) > len(columns):
            place, columns = number, found
    if not columns:
        return Suggestion(delimiter=sign)
    headings = [mapping.text_of(cell).strip() for cell in table[place][1]]
    below = [cells for _line, cells in table[place + 1 :]]
    return Suggestion(
        columns=columns,
        delimiter=sign,
        header_row=table[place][0],
        decimal_comma=_decimal_comma(_values(below, headings, columns, "total")),
        unit=_unit(columns.get("total", "")),
        date_format=_date_format(below, headings, columns),
    )


def _values(below: Iterable[Sequence[Any]], headings: list[str], columns: dict, name: str) -> list[Any]:
    """Cells of a column that hold something."""
    if name not in columns:
        return []
    place = headings.index(columns[name])
    return [cells[place] for cells in below if place < len(cells) and mapping.text_of(cells[place]).strip()]


def _decimal_comma(values: list[Any]) -> bool | None:
    """By the last sign of each number; numbers of a workbook say nothing."""
    signs = [
        found[-1]
        for value in values
        if isinstance(value, str) and (found := re.findall(r"[.,](?=\d+\s*$)", value))
    ]
    return None if not signs else signs.count(",") * 2 >= len(signs)


def _unit(heading: str) -> str | None:
    return next((unit for unit, word in _UNITS if re.search(word, heading.casefold())), None)


def _date_format(below: Sequence[Sequence[Any]], headings: list[str], columns: dict) -> str | None:
    """The way of writing that fits most moments; None where none fits half of them, or a workbook holds real ones."""
    moments = _values(below, headings, columns, "received")
    if "time_of_day" in columns:
        hours = _values(below, headings, columns, "time_of_day")
        if len(hours) == len(moments):
            pairs = zip(moments, hours, strict=True)
            moments = [day if isinstance(day, datetime) else f"{day} {hour}" for day, hour in pairs]
    texts = [value.strip() for value in moments if isinstance(value, str)]
    if not texts:
        return None
    best = max(
        DATE_FORMATS, key=lambda pattern: sum(_fits(text, pattern) for text in texts)
    )  # the first of equals
    return best if 2 * sum(_fits(text, best) for text in texts) >= len(texts) else None


def _fits(text: str, pattern: str) -> bool:
    try:
        if pattern:
            datetime.strptime(text, pattern)
        else:
            datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
