"""Mapping of a vendor's export (CSV or XLSX) to readings, made by staff in the back office and tried on a preview."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO

from . import alarms, workbook
from .dump import DumpLine, Value, clean, rounded
from .errors import DomainError, EmptyFileError, LineError, LineTooLongError, ProfileError
from .formats._common import dbm, in_zone, telegram
from .lines import Line, encoding_of, read_lines
from .unpack import Limits, Member, open_members

FIELDS = (
    "id",
    "manufacturer",
    "total",
    "received",
    "time_of_day",
    "target",
    "target_date",
    "alarms",
    "rssi",
    "telegram",
)
UNITS = {"m3": Decimal(1), "l": Decimal("0.001"), "dm3": Decimal("0.001"), "hl": Decimal("0.1")}
ENCODINGS = ("utf-8", "cp1250", "iso-8859-2", "cp1252", "utf-16-le", "utf-16-be")
_MOST_M3 = Decimal(100_000_000)
LONGEST_ID = 32  # characters; it is looked for by an index, which takes no page of text
_SPACES = str.maketrans("", "", " \u00a0\u202f'")


@dataclass(frozen=True, slots=True)
class Profile:
    """How to read a vendor's file.

    ``columns``: names of ``FIELDS`` to a column's heading, or its number from 1; ``id`` and one of ``total`` and
    ``telegram`` are needed. ``header_row``: line of the headings, 0 without any. ``unit``: of ``UNITS``. ``date_format``:
    as for strptime, empty for ISO; with a column ``time_of_day``, that of date, space and time. ``alarm_map``: the
    vendor's words to ours (``alarms.ALARMS``); unknown words are no alarm. ``sheet``: of a workbook, empty for the first.
    ``manufacturer``: of all overlays in files that do not name it, three letters or nothing.
    """

    columns: Mapping[str, str | int]
    delimiter: str = ";"
    encoding: str = "utf-8"
    header_row: int = 1
    decimal_comma: bool = True
    unit: str = "m3"
    date_format: str = ""
    alarm_map: Mapping[str, str] = field(default_factory=dict)
    alarm_separator: str = ","
    sheet: str = ""
    manufacturer: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """First lines of a file under a profile: its headings, the cells of its rows, and what they give."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[DumpLine, ...]


def check(profile: Profile) -> None:
    """Raise ProfileError when the profile contradicts itself."""
    wrong = [name for name in profile.columns if name not in FIELDS]
    if wrong:
        raise ProfileError(f"unknown field {wrong[0]}")
    if "id" not in profile.columns or not {"total", "telegram"} & set(profile.columns):
        raise ProfileError("a column for the number and one for the register or the telegram are needed")
    if len(profile.delimiter) != 1 or profile.delimiter in '\r\n"':
        raise ProfileError("the delimiter is one character")
    if profile.encoding not in ENCODINGS:
        raise ProfileError(f"unknown encoding {profile.encoding}")
    if profile.unit not in UNITS:
        raise ProfileError(f"unknown unit {profile.unit}")
    if (
        profile.header_row < 0
        or not profile.header_row
        and any(not isinstance(column, int) for column in profile.columns.values())
    ):
        raise ProfileError("without a line of headings, columns are numbers")
    if profile.manufacturer and not re.fullmatch("[A-Z]{3}", profile.manufacturer):
        raise ProfileError("a manufacturer is three letters")
    _check_date_format(profile.date_format)
    unknown = [word for word in profile.alarm_map.values() if word not in alarms.ALARMS]
    if unknown:
        raise ProfileError(f"unknown alarm {unknown[0]}")


def _check_date_format(pattern: str) -> None:
    """Raise ProfileError for what strptime takes for no form of a day: it says so by errors of its own, row after row."""
    try:
        datetime.strptime("", pattern)
    except ValueError as error:
        if "directive" in str(error) or "stray" in str(error):
            raise ProfileError(f"not a form of a day: {pattern[:40]}") from None
    except re.error:  # a part that stands twice
        raise ProfileError(f"not a form of a day: {pattern[:40]}") from None


def parser(profile: Profile, zone: tzinfo = UTC) -> Callable[[Member], Iterator[DumpLine]]:
    """A reader of members for ``formats.read_dump``. Raises ProfileError."""
    check(profile)
    return lambda member: _parse(profile, rows(profile, member), zone)


def preview(
    source: bytes | BinaryIO,
    profile: Profile,
    *,
    count: int = 20,
    zone: tzinfo = UTC,
    limits: Limits | None = None,
) -> Preview:
    """The first ``count`` rows of the (first) file and what they give.

    Raises DumpError, ProfileError.
    """
    check(profile)
    member = next(open_members(source, limits), None)
    if member is None:
        raise EmptyFileError()
    first = list(islice(rows(profile, member), profile.header_row + count))
    found = tuple(_parse(profile, iter(first), zone))
    heading = next((row.cells for row in first if row.number == profile.header_row), ())
    cells = tuple(
        tuple(text_of(cell) for cell in row.cells) for row in first if row.number > profile.header_row
    )
    return Preview(tuple(map(text_of, heading)), cells, found)


# Words by which vendors head their columns, in the order in which they are looked for: the narrower ones first.
_HEADINGS = (
    ("telegram", ("telegram", "datagram", "raw")),
    ("target_date", ("data miesiąc", "target date", "due date", "stichtag")),
    ("target", ("objętość miesiąc", "target", "month", "miesiąc")),
    ("rssi", ("rssi", "sygnał", "signal")),
    ("alarms", ("alarm", "info", "error", "status")),
    ("time_of_day", ("godzina",)),
    ("received", ("data odczytu", "date", "time", "data", "czas")),
    ("manufacturer", ("manufacturer", "producent")),
    ("total", ("stan", "objętość", "volume", "register", "wskazanie", "total")),
    ("id", ("nakładk", "serial", "numer", "number", "radio", "nr", "id")),
)


def suggest_columns(headings: Iterable[str]) -> dict[str, str]:
    """Columns whose headings speak for themselves: ``{name of FIELDS: heading}``, each heading once."""
    free = [heading for heading in headings if heading.strip()]
    found = {}
    for name, words in _HEADINGS:
        fitting = (heading for word in words for heading in free if word in heading.casefold())
        if heading := next(fitting, None):
            found[name] = heading
            free.remove(heading)
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: tuple[Any, ...]
    raw: str
    error: DomainError | None = None


def rows(profile: Profile, member: Member) -> Iterator[_Row]:
    """Rows of a file as cells, the headings among them: ``number``, ``cells``, ``raw``, ``error``. Raises DumpError."""
    if member.workbook is not None:
        for number, cells in workbook.rows(member.workbook, profile.sheet):
            yield _Row(number, cells, clean(profile.delimiter.join(map(text_of, cells))))
        return
    for line in lines_of(profile, member):
        yield _csv_row(profile, line)


def lines_of(profile: Profile, member: Member) -> Iterator[Line]:
    """Lines of a text in the profile's encoding, or the one its mark names. Raises EmptyFileError, BinaryFileError."""
    encoding, mark = profile.encoding, 0
    if not encoding.startswith("utf-16"):
        found, mark = encoding_of(member.stream.head)
        encoding = found if mark else encoding
    yield from read_lines(member.stream, encoding, mark)


def _csv_row(profile: Profile, line) -> _Row:
    raw = clean(line.text)
    if line.too_long:
        return _Row(line.number, (), raw, LineTooLongError())
    try:
        cells = next(csv.reader((line.text,), delimiter=profile.delimiter), [])
    except csv.Error as error:
        return _Row(line.number, (), raw, LineError(str(error)))
    return _Row(line.number, tuple(cells), raw)


def split(text: str, delimiter: str) -> tuple[str, ...]:
    """Cells of a line of text; none where it cannot be cut."""
    try:
        return tuple(next(csv.reader((text,), delimiter=delimiter), []))
    except csv.Error:
        return ()


def _parse(profile: Profile, rows: Iterable[_Row], zone: tzinfo) -> Iterator[DumpLine]:
    places: dict[str, int] | None = None if profile.header_row else _numbered(profile)
    for row in rows:
        if row.number < profile.header_row:
            continue
        if row.number == profile.header_row:
            places = _named(profile, row)
            continue
        if places is None:
            raise ProfileError("the file has no line of headings")
        if row.error is None and not any(text_of(cell).strip() for cell in row.cells):
            continue
        yield _line(profile, places, row, zone)


def _numbered(profile: Profile) -> dict[str, int]:
    return {name: int(column) - 1 for name, column in profile.columns.items()}


def _named(profile: Profile, row: _Row) -> dict[str, int]:
    headings = [text_of(cell).strip().casefold() for cell in row.cells]
    places = {}
    for name, column in profile.columns.items():
        if isinstance(column, int):
            places[name] = column - 1
        elif column.strip().casefold() in headings:
            places[name] = headings.index(column.strip().casefold())
        else:
            raise ProfileError(f"no column {column}")
    return places


def _line(profile: Profile, places: Mapping[str, int], row: _Row, zone: tzinfo) -> DumpLine:
    if row.error is not None:
        return DumpLine(row.number, row.raw, error=row.error)
    cells = {name: row.cells[place] for name, place in places.items() if 0 <= place < len(row.cells)}
    try:
        received = _moment(profile, cells, zone)
        signal = dbm(text_of(cells.get("rssi", "")).replace(",", "."))
        if text_of(cells.get("telegram", "")).strip():
            data = telegram(text_of(cells["telegram"]).strip())
            return DumpLine(row.number, row.raw, received, signal, telegram=data)
        return DumpLine(row.number, row.raw, received, signal, value=_value(profile, cells))
    except DomainError as error:
        return DumpLine(row.number, row.raw, error=error)


def _value(profile: Profile, cells: Mapping[str, Any]) -> Value:
    number = clean(text_of(cells.get("id", ""))).strip()
    if not number:
        raise LineError("no number of a meter")
    if len(number) > LONGEST_ID:
        raise LineError(f"a number of more than {LONGEST_ID} characters")
    total = _volume(profile, cells.get("total"))
    if total is None:
        raise LineError("no register")
    return Value(
        number,
        manufacturer=clean(text_of(cells.get("manufacturer", ""))).strip().upper()[:3]
        or profile.manufacturer,
        total_m3=total,
        target_m3=_volume(profile, cells.get("target")),
        target_date=_day(profile, cells.get("target_date")),
        alarms=_alarms(profile, cells["alarms"]) if "alarms" in cells else None,
    )


def _volume(profile: Profile, cell: Any) -> Decimal | None:
    """Raises LineError for what is no number or no register."""
    if cell is None or text_of(cell).strip() == "":
        return None
    text = repr(cell) if isinstance(cell, float) else text_of(cell).translate(_SPACES)
    if not isinstance(cell, int | float):
        point, group = (",", ".") if profile.decimal_comma else (".", ",")
        if group in text and point not in text:
            raise LineError(f"{text[:40]}: {group} where {point} is expected")
        text = text.replace(group, "").replace(point, ".")
    try:
        amount = Decimal(text) * UNITS[profile.unit]
    except ArithmeticError:
        raise LineError(f"not a number: {text[:40]}") from None
    if not amount.is_finite() or not 0 <= amount < _MOST_M3:
        raise LineError(f"a register of {text[:40]} cannot be")
    return rounded(amount)


def _moment(profile: Profile, cells: Mapping[str, Any], zone: tzinfo) -> datetime | None:
    cell = cells.get("received")
    if cell is None or text_of(cell).strip() == "":
        return None
    if isinstance(cell, datetime):
        return in_zone(_with_hour(cell.replace(tzinfo=None), cells.get("time_of_day")), zone)
    hour = cells.get("time_of_day")
    if isinstance(hour, time | datetime):  # a workbook's, beside a day in words
        hour = (
            f"{hour:%H:%M:%S}" if "%S" in profile.date_format or not profile.date_format else f"{hour:%H:%M}"
        )
    text = " ".join(part for part in (text_of(cell).strip(), text_of(hour).strip()) if part)
    return in_zone(_by_format(profile, text), zone)


def _with_hour(day: datetime, cell: Any) -> datetime:
    """A workbook's day with the hour of another cell, which holds a time, a moment or text. Raises LineError."""
    if isinstance(cell, datetime):
        cell = cell.time()
    if not isinstance(cell, time):
        text = text_of(cell).strip()
        if not text:
            return day
        try:
            cell = time.fromisoformat(("0" if text[1:2] in (":", ".") else "") + text.replace(".", ":"))
        except ValueError:
            raise LineError(f"not a time: {clean(text)[:40]}") from None
    return datetime.combine(day, cell.replace(tzinfo=None))


def _day(profile: Profile, cell: Any) -> date | None:
    if cell is None or text_of(cell).strip() == "":
        return None
    if isinstance(cell, datetime):
        return cell.date()
    text = text_of(cell).strip()
    try:
        return _by_format(profile, text).date()
    except LineError:
        return _by_format(profile, text[:10], date_only=True).date()


def _by_format(profile: Profile, text: str, date_only: bool = False) -> datetime:
    pattern = profile.date_format.split(" ")[0] if date_only else profile.date_format
    try:
        return datetime.strptime(text, pattern) if pattern else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise LineError(f"not a time: {clean(text)[:40]}") from None


def _alarms(profile: Profile, cell: Any) -> tuple[str, ...]:
    words = text_of(cell if cell is not None else "").split(profile.alarm_separator or None)
    wanted = {word.casefold(): alarm for word, alarm in profile.alarm_map.items()}
    return alarms.ordered(wanted[key] for word in words if (key := word.strip().casefold()) in wanted)


def text_of(cell: Any) -> str:
    """A cell as text: numbers of a workbook without a needless fraction, nothing for an empty one."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell if isinstance(cell, str) else str(cell)
