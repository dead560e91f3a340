"""Rows of a CSV or XLSX file as texts, whatever program wrote it."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from .problems import FileError, Problem

MOST_BYTES = 1 << 29  # of all parts of a workbook, unpacked
MOST_COLUMNS = 200
MOST_MERGED_ROWS = 200_000
DELIMITERS = ";,\t"
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file. ``number`` counts from 1, the header included; ``problems`` name cells by their place."""

    number: int
    cells: tuple[str, ...]
    problems: tuple[tuple[int, Problem], ...] = ()


def read_table(content: bytes) -> Iterator[Line]:
    """Rows with anything in them; the first is the header.

    :raises FileError: no table at all (``empty``, ``damaged``, ``encoding``, ``too_big``, ``old_excel``)
    """
    if content[:4] == b"PK\x03\x04":
        return _read_xlsx(content)
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise FileError("old_excel")
    return _read_csv(decode(content))


# CSV


def decode(content: bytes) -> str:
    """UTF-8 with or without a byte order mark, UTF-16 with one, else CP1250, which Polish Windows writes.

    :raises FileError: ``encoding``
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        attempts = ("utf-16",)
    else:
        attempts = ("utf-8-sig", "cp1250")
    for encoding in attempts:
        try:
            found = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in found:
            return found
    raise FileError("encoding")


def find_delimiter(head: str) -> str:
    """The sign that stands most often between the titles of the first line, outside of quotes."""
    bare = re.sub(r'"[^"]*"', "", head)
    return max(DELIMITERS, key=bare.count)


def _read_csv(text: str) -> Iterator[Line]:
    head = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(head), strict=True)
    number = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            raise FileError("damaged", row=number + 1) from None
        if cells is None:
            return
        number += 1
        if len(cells) > MOST_COLUMNS:
            raise FileError("damaged", row=number)
        if any(cell.strip() for cell in cells):
            yield Line(number, tuple(cell.strip() for cell in cells))


# XLSX


def _read_xlsx(content: bytes) -> Iterator[Line]:
    import openpyxl  # only who reads workbooks pays for it

    file = io.BytesIO(content)
    try:
        with zipfile.ZipFile(file) as archive:
            # what a part declares is the most that is unpacked of it
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MOST_BYTES:
            raise FileError("too_big")
        book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except FileError:
        raise
    except Exception as error:  # the library raises whatever the file makes it stumble over
        raise FileError("damaged", row=1) from error
    try:
        if not book.worksheets:
            raise FileError("empty")
        sheet = book.worksheets[0]
        merged = _find_merged(sheet)
        sheet.reset_dimensions()  # what the sheet says of its own size is not to be trusted
        yield from _sheet_lines(sheet, merged)
    finally:
        book.close()


def _sheet_lines(sheet, merged: dict[int, str]) -> Iterator[Line]:
    rows = sheet.iter_rows()
    number = 0
    while True:
        try:
            row = next(rows, None)
        except Exception as error:
            raise FileError("damaged", row=number + 1) from error
        if row is None:
            return
        number += 1
        cells, problems = [], []
        for place, cell in enumerate(row[:MOST_COLUMNS]):
            if cell.data_type == "f":
                problems.append((place, Problem("formula")))
                cells.append("")
            elif cell.data_type == "e":
                problems.append((place, Problem("error_value", params={"value": str(cell.value)})))
                cells.append("")
            else:
                cells.append(show_cell(cell.value))
        if number in merged:
            problems.append((-1, Problem("merged", params={"cells": merged[number]})))
        if problems or any(cells):
            yield Line(number, tuple(cells), tuple(problems))


def show_cell(value: Any) -> str:
    """What a cell says, as it would stand in a CSV file: days as ISO text, numbers without the noise of floats."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    return str(value).strip()


def _find_merged(sheet) -> dict[int, str]:
    """Rows with merged cells and where they are. The library's reader in pieces passes over them, so they are looked
    up in the sheet's own text."""
    found: dict[int, str] = {}
    with sheet._get_source() as source:
        tail = b""
        while chunk := source.read(_CHUNK):
            window = tail + chunk
            for left, top, right, bottom in _MERGE.findall(window):
                first, last = int(top), int(bottom)
                if last - first + len(found) > MOST_MERGED_ROWS:
                    raise FileError("merged_everywhere")
                name = f"{left.decode()}{first}:{right.decode()}{last}"
                found.update(dict.fromkeys(range(first, last + 1), name))
            tail = window[-80:]
    return found
