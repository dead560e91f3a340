"""Settlement requests as JSON lines in, settlements as JSON lines out.

Every line gets an answer, an empty one too. Errors: ``bad_request``, ``missing_rate``, ``missing_reading``,
``overlapping_tariffs``, ``implausible``, and ``internal_error`` for a fault of the engine itself (told on standard error).
Beside the keys of a document that an answer always has, ``estimated`` names the points that wait for a reading.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterable
from typing import TextIO

from .errors import DomainError
from .settlement import settle
from .wire import dump_error, dump_settlement, load_request, parse, request_id

INTERNAL = "internal_error"


def answer(line: str) -> dict[str, object]:
    """The answer to one request line; what is wrong with it is an error object, never an exception."""
    found: str | None = None
    try:
        raw = parse(line)
        found = request_id(raw)
        return dump_settlement(settle(load_request(raw)))
    except DomainError as error:
        return dump_error(error, found)
    except Exception as error:  # a fault of ours costs this line only, and says so aloud
        traceback.print_exc(file=sys.stderr)
        return {"id": found, "error": INTERNAL, "message": f"{type(error).__name__}: {error}", "where": ""}


def main(lines: Iterable[str], out: TextIO) -> int:
    """Answer each of ``lines`` with one line on ``out``, in the same order. Returns the exit status, 0."""
    readable = (getattr(out, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"
    for line in lines:
        out.write(_text(answer(line), readable) + "\n")
    out.flush()
    return 0


def _text(found: dict[str, object], readable: bool) -> str:
    """As UTF-8 where the output can take it; a lone surrogate, which JSON allows in a text, stays an escape."""
    if readable:
        text = json.dumps(found, ensure_ascii=False, separators=(", ", ": "))
        if text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text):
            return text
    return json.dumps(found)
