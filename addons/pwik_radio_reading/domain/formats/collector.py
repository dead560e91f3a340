"""The collector's own: JSON lines ``{"ts", "rssi", "mode", "device", "gps"?, "telegram"}``."""

import json
from collections.abc import Iterable, Iterator
from datetime import tzinfo

from ..dump import DumpLine, clean
from ..errors import LineError
from ..lines import Line
from . import _common

CODE = "collector"


def identify(head: bytes) -> float:
    return _common.share(head, lambda row: row.startswith("{") and '"telegram"' in row and '"ts"' in row)


def parse(lines: Iterable[Line], zone: tzinfo) -> Iterator[DumpLine]:
    def read(line: Line) -> DumpLine:
        row = load(line.text)
        return DumpLine(
            line.number,
            clean(line.text),
            received=_common.moment(row.get("ts"), zone),
            rssi=_common.dbm(row.get("rssi")),
            telegram=_common.telegram(row.get("telegram")),
        )

    return _common.parse_each(lines, read)


def load(text: str) -> dict:
    """A JSON object. Raises LineError."""
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        raise LineError("not a JSON object") from None
    if not isinstance(row, dict):
        raise LineError("not a JSON object")
    return row
