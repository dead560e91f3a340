"""Dump formats: one file each, found by lying in this folder.

A file offers ``CODE``; ``identify(head: bytes) -> float``, how sure it is (0 to 1) by the first bytes; and
``parse(lines, zone) -> Iterator[DumpLine]``, which keeps a line that it cannot read as a line with an error.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, tzinfo
from types import ModuleType
from typing import BinaryIO

from ..dump import DumpLine
from ..errors import ArchiveError, DumpError, EmptyFileError, UnknownFormatError
from ..lines import encoding_of, read_lines
from ..unpack import Limits, Member, open_members

_LEAST = 0.2  # share of the first lines that must fit

FORMATS: dict[str, ModuleType] = {
    module.CODE: module
    for module in (
        importlib.import_module(f"{__name__}.{found.name}")
        for found in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name)
        if not found.name.startswith("_")
    )
}

Parser = Callable[[Member], Iterator[DumpLine]]


def identify(head: bytes) -> str:
    """Code of the format that fits the first bytes of a file best.

    Raises EmptyFileError, BinaryFileError, UnknownFormatError.
    """
    encoding, mark = encoding_of(head)
    text = head[mark:].decode(encoding, "replace").encode("utf-8", "replace")
    if not text.strip():
        raise EmptyFileError()
    sure, code = max((module.identify(text), code) for code, module in FORMATS.items())
    if sure < _LEAST:
        raise UnknownFormatError()
    return code


def read_dump(
    source: bytes | BinaryIO,
    *,
    parser: Parser | None = None,
    code: str | None = None,
    zone: tzinfo = UTC,
    limits: Limits | None = None,
) -> Iterator[DumpLine]:
    """All lines of a dump that are not blank, in order; gzip and zip around it are opened.

    ``source``: content or a seekable binary stream. ``parser``: reads a member by a mapping profile
    (``profile.parser``); else the format is ``code``, or recognised. ``zone``: of times without one.

    What is wrong with a line stands on the line; a damaged archive ends with such a line. Raises, before the first
    line, DumpError: ``empty_file``, ``binary_file``, ``unknown_format``, ``bad_archive``; and any time
    ``archive_limit``.
    """
    members = open_members(source, limits)
    first = next(members, None)
    if first is None:
        raise EmptyFileError("the archive holds no file")
    lines = _member_lines(first, parser, code, zone)
    return _all_lines(first, lines, members, parser, code, zone)


def _member_lines(
    member: Member, parser: Parser | None, code: str | None, zone: tzinfo
) -> Iterator[DumpLine]:
    if parser is not None:
        return parser(member)
    if member.workbook is not None:
        raise UnknownFormatError("a workbook needs a mapping profile")
    chosen = FORMATS[code or identify(member.stream.head)]
    encoding, mark = encoding_of(member.stream.head)
    return chosen.parse(read_lines(member.stream, encoding, mark), zone)


def _all_lines(first, lines, members, parser, code, zone) -> Iterator[DumpLine]:
    number, last, member = 0, 0, first
    while True:
        try:
            if lines is None:
                lines = _member_lines(member, parser, code, zone)
            for line in lines:
                last = number + line.number
                yield line._replace(number=last, member=member.name) if number or member.name else line
        except ArchiveError as error:
            yield DumpLine(last + 1, "", error=error, member=member.name)
            return
        except DumpError as error:
            if error.code == "archive_limit":
                raise
            last += 1
            yield DumpLine(last, "", error=error, member=member.name)
        number, lines = last, None
        try:
            member = next(members, None)
        except ArchiveError as error:
            yield DumpLine(last + 1, "", error=error)
            return
        if member is None:
            return
