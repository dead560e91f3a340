"""Elvaco report 2001: ``serial;device-id;YYYY-MM-DD hh:mm:ss;telegram-no;mbus-raw``; also wired M-Bus frames."""

import re
from collections.abc import Iterable, Iterator
from datetime import tzinfo

from ..dump import DumpLine, clean
from ..errors import LineError
from ..lines import Line
from . import _common

CODE = "elvaco_2001"
_FIELDS, _TIME, _TELEGRAM = 5, 2, 4
_ROW = re.compile(r"[^;]*;[^;]*;\d{4}-\d\d-\d\d \d\d:\d\d:\d\d;[^;]*;\s*[0-9A-Fa-f]{2}")


def identify(head: bytes) -> float:
    return _common.share(head, lambda row: bool(_ROW.match(row)))


def parse(lines: Iterable[Line], zone: tzinfo) -> Iterator[DumpLine]:
    def read(line: Line) -> DumpLine | None:
        fields = line.text.split(";")
        if len(fields) < _FIELDS:
            raise LineError(f"{len(fields)} fields, not {_FIELDS}")
        if line.number == 1 and not any(letter.isdigit() for letter in fields[_TIME]):
            return None  # names of the columns
        return DumpLine(
            line.number,
            clean(line.text),
            received=_common.moment(fields[_TIME], zone),
            telegram=_common.telegram(fields[_TELEGRAM].strip()),
        )

    return _common.parse_each(lines, read)
