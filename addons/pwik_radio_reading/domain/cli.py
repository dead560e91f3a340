"""``./pwik decode``: telegrams as JSON lines in, what they say as JSON lines out, one for one."""

import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, TextIO

from .errors import BadKeyError, DomainError, LineError, NotHexError
from .wmbus import Layouts, Telegram, decode


def main(lines: Iterable[str], out: TextIO) -> int:
    """Decode each line ``{"telegram": hex, "key": hex or null, "received"?: ISO time}``; always 0.

    A line each comes out: ``{"id", "manufacturer", "version", "medium", "total_m3", "target_m3", "target_date", "time",
    "alarms", "driver"}`` or ``{"error": code, "message": text}``. ``version`` is two hexadecimal digits, ``medium`` a
    word, volumes are numbers of at most six decimals. Full frames teach the layouts that later compact frames need.
    """
    layouts = Layouts()
    for line in lines:
        out.write(_answer(line, layouts))
        out.write("\n")
    return 0


def _answer(line: str, layouts: Layouts) -> str:
    try:
        answer = describe(_decode(line, layouts))
    except DomainError as error:
        answer = {"error": error.code, "message": error.message}
    return json.dumps(answer, ensure_ascii=False)


def _decode(line: str, layouts: Layouts) -> Telegram:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise LineError("not a JSON object") from error
    if not isinstance(request, dict):
        raise LineError("not a JSON object")
    key = request.get("key")
    return decode(
        _bytes(request.get("telegram"), NotHexError("the telegram is not hexadecimal text")),
        None if key is None else _bytes(key, BadKeyError("the key is not hexadecimal text")),
        received=_moment(request.get("received")),
        layouts=layouts,
    )


def _bytes(text: Any, error: DomainError) -> bytes:
    try:
        return bytes.fromhex(text)
    except (TypeError, ValueError):
        raise error from None


def _moment(text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise LineError("received is not a time") from None


def describe(telegram: Telegram) -> dict[str, Any]:
    """The telegram as the JSON object of the contract."""
    return {
        "id": telegram.id,
        "manufacturer": telegram.manufacturer,
        "version": f"{telegram.version:02x}",
        "medium": telegram.medium_name,
        "total_m3": _number(telegram.total_m3),
        "target_m3": _number(telegram.target_m3),
        "target_date": telegram.target_date.isoformat() if telegram.target_date else None,
        "time": telegram.time.isoformat() if telegram.time else None,
        "alarms": list(telegram.alarms),
        "driver": telegram.driver,
    }


def _number(amount: Decimal | None) -> float | None:
    """A JSON number without noise: six decimals survive the way through a float below 10^9."""
    return None if amount is None else float(round(amount, 6))
