"""Elvaco CMeX50: ``id;manufacturer;version;devtype;status;rssi;mode;<hex>;``, without time."""

import re
from collections.abc import Iterable, Iterator
from datetime import tzinfo

from ..dump import DumpLine, clean
from ..errors import LineError
from ..lines import Line
from . import _common

CODE = "elvaco_cmex50"
_FIELDS, _RSSI, _TELEGRAM = 8, 5, 7
_ROW = re.compile(r"[0-9A-Fa-f]{1,8};[^;]*;[^;]*;[^;]*;[^;]*;-?\d*;[^;]*;\s*[0-9A-Fa-f]{20,}")


def identify(head: bytes) -> float:
    return _common.share(head, lambda row: bool(_ROW.match(row)))


def parse(lines: Iterable[Line], zone: tzinfo) -> Iterator[DumpLine]:
    def read(line: Line) -> DumpLine | None:
        fields = line.text.split(";")
        if len(fields) < _FIELDS:
            raise LineError(f"{len(fields)} fields, not {_FIELDS}")
        if line.number == 1 and not _ROW.match(line.text) and "id" in fields[0].lower():
            return None  # names of the columns
        return DumpLine(
            line.number,
            clean(line.text),
            rssi=_common.dbm(fields[_RSSI]),
            telegram=_common.telegram(fields[_TELEGRAM].strip()),
        )

    return _common.parse_each(lines, read)
