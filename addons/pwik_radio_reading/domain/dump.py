"""A line of a dump and what was found in it."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from .errors import DomainError

DECIMALS = 6  # of a volume in m³
KEPT_CHARACTERS = 4096  # of a line, as ``raw``


class Value(NamedTuple):
    """A reading that came decoded. ``id``: the meter's or overlay's number as the file has it; the rest may be unknown.

    ``alarms``: empty when the meter said it has none, None when the file says nothing of alarms.
    """

    id: str
    manufacturer: str = ""
    version: int | None = None
    medium: int | None = None
    total_m3: Decimal | None = None
    target_m3: Decimal | None = None
    target_date: date | None = None
    time: datetime | None = None
    alarms: tuple[str, ...] | None = None


class DumpLine(NamedTuple):
    """One line: with a telegram, a decoded value, or an error.

    ``number``: from 1, through all files of an archive; ``raw``: its text, cut where too long, without NUL; ``received``:
    aware, or None when the format has no time; ``rssi``: dBm or None; ``member``: name of the file in an archive.
    """

    number: int
    raw: str
    received: datetime | None = None
    rssi: int | None = None
    telegram: bytes | None = None
    value: Value | None = None
    error: DomainError | None = None
    member: str = ""


def rounded(amount: Decimal) -> Decimal:
    """At most six decimals, as many as it has otherwise."""
    return round(amount, DECIMALS) if amount.as_tuple().exponent < -DECIMALS else amount


def clean(text: str) -> str:
    """Text that a database takes: no NUL, no lone surrogates, cut where too long."""
    if len(text) > KEPT_CHARACTERS:
        text = text[:KEPT_CHARACTERS]
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\x00", "\ufffd")
