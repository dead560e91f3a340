"""rtl-wmbus: MODE;CRC_OK;3OUTOF6OK;TIMESTAMP;PACKET_RSSI;CURRENT_RSSI;LINK_LAYER_IDENT_NO;DATAGRAM_WITHOUT_CRC_BYTES.

Its RSSI is no dBm, so it is not taken.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import tzinfo

from ..dump import DumpLine, clean
from ..errors import LineError, ReceiverCrcError
from ..lines import Line
from . import _common

CODE = "rtl_wmbus"
_FIELDS = 8
_START = re.compile(r"[A-Z]\d;[01];[01];")


def identify(head: bytes) -> float:
    return _common.share(head, lambda row: bool(_START.match(row)) and row.count(";") >= _FIELDS - 1)


def parse(lines: Iterable[Line], zone: tzinfo) -> Iterator[DumpLine]:
    def read(line: Line) -> DumpLine:
        fields = line.text.split(";")
        if len(fields) < _FIELDS:
            raise LineError(f"{len(fields)} fields, not {_FIELDS}")
        if fields[1] != "1" or fields[2] != "1":
            raise ReceiverCrcError()
        return DumpLine(
            line.number,
            clean(line.text),
            received=_common.moment(fields[3], zone),
            telegram=_common.telegram(fields[7].strip().removeprefix("0x")),
        )

    return _common.parse_each(lines, read)
