"""Rows of an XLSX workbook, with limits against files that are made to hurt."""

import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from .errors import ArchiveError, ArchiveLimitError, DomainError, ProfileError
from .unpack import translated

MOST_BYTES = 1 << 28  # of all parts unpacked
MOST_RATIO = 400
FREE_BYTES = 1 << 22
MOST_ROWS = 1 << 20
MOST_COLUMNS = 512
MOST_STRINGS = 1 << 21
MOST_PART = 1 << 22  # of what the library reads in one piece: styles, relations, names
_ENTITY = b"<!ENTITY"
_DOCTYPE = b"<!DOCTYPE"
_CHUNK = 1 << 16


def rows(file: BinaryIO, sheet: str = "") -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Number (from 1) and cells of each row of ``sheet``, else of the first one.

    Raises ArchiveError, ArchiveLimitError, ProfileError when the sheet is not there.
    """
    check(file)
    from . import workbook_parts  # only who reads workbooks pays for the library

    try:
        book = workbook_parts.load(file, MOST_STRINGS, MOST_PART, MOST_COLUMNS)
    except DomainError:
        raise
    except Exception as error:  # the library raises whatever the file makes it stumble over
        raise ArchiveError("the workbook is damaged") from error
    try:
        yield from _sheet_rows(book, sheet)
    finally:
        book.close()


def _sheet_rows(book, sheet: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    if sheet and sheet not in book.sheetnames:
        raise ProfileError(f"no sheet {sheet}")
    if not book.worksheets:
        raise ArchiveError("the workbook has no sheet")
    chosen = book[sheet] if sheet else book.worksheets[0]
    chosen.reset_dimensions()  # what the sheet says of its own size is not to be trusted
    found = chosen.iter_rows(values_only=True)
    number = 0
    while number < MOST_ROWS:
        try:
            cells = next(found, None)
        except Exception as error:
            raise ArchiveError("the workbook is damaged") from error
        if cells is None:
            return
        number += 1
        yield number, tuple(cells[:MOST_COLUMNS])


def check(file: BinaryIO) -> None:
    """Unpack all parts once: none with entities, all together within the limits. Raises ArchiveError, ArchiveLimitError."""
    file.seek(0)
    total = 0
    with translated():
        archive = zipfile.ZipFile(file)
    with archive:
        packed = max(1, sum(entry.compress_size for entry in archive.infolist()))
        for entry in archive.infolist():
            for chunk in _chunks(archive, entry):
                total += len(chunk)
                if total > MOST_BYTES or total > FREE_BYTES and total > packed * MOST_RATIO:
                    raise ArchiveLimitError()
                text = chunk.replace(b"\0", b"")  # it may be in UTF-16, too
                if _ENTITY in text or _DOCTYPE in text:
                    raise ArchiveError("the workbook declares entities")
    file.seek(0)


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Pieces that overlap a little, so that no word is missed at a seam."""
    with translated():
        part = archive.open(entry)
    tail = b""
    with part:
        while True:
            with translated():
                chunk = part.read(_CHUNK)
            if not chunk:
                return
            yield tail + chunk
            tail = chunk[-2 * len(_DOCTYPE) :]
