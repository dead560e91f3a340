"""wmbusmeters log: ``telegram=|<hex>_<hex>|+<seconds>``; its seconds count from the start of the recording, so no time."""

import re
from collections.abc import Iterable, Iterator
from datetime import tzinfo

from ..dump import DumpLine, clean
from ..errors import LineError
from ..lines import Line
from . import _common

CODE = "wmbusmeters_log"
_MARK = "telegram="
_LOG_PREFIX = re.compile(r"\s*(\[|\(|#)")
_SEPARATORS = str.maketrans("", "", "_| ")


def identify(head: bytes) -> float:
    return _common.share(head, lambda row: _MARK in row)


def parse(lines: Iterable[Line], zone: tzinfo) -> Iterator[DumpLine]:
    def read(line: Line) -> DumpLine | None:
        place = line.text.find(_MARK)
        if place < 0:
            if _LOG_PREFIX.match(line.text):
                return None  # what the program says about itself
            raise LineError("no telegram in the line")
        content = line.text[place + len(_MARK) :].strip()
        if content.startswith("|"):
            content, closed, _ = content[1:].rpartition("|")
            if not closed:
                raise LineError("the telegram has no end")
        return DumpLine(
            line.number,
            clean(line.text),
            telegram=_common.telegram(content.translate(_SEPARATORS)),
        )

    return _common.parse_each(lines, read)
