"""What the formats share."""

from collections.abc import Callable, Iterable, Iterator
from datetime import MAXYEAR, MINYEAR, datetime, tzinfo

from ..dump import DumpLine, clean
from ..errors import DomainError, LineError, LineTooLongError, NotHexError
from ..lines import Line

_LOOKED_AT = 20


def share(head: bytes, fits: Callable[[str], bool]) -> float:
    """Share of the first lines that ``fits`` accepts; the last one may be cut and does not count."""
    rows = [row.strip() for row in head.decode("utf-8", "replace").split("\n")]
    if len(rows) > 1:
        rows = rows[:-1] or rows
    rows = [row for row in rows if row and not row.startswith("#")][:_LOOKED_AT]
    return sum(map(fits, rows)) / len(rows) if rows else 0.0


def parse_each(lines: Iterable[Line], read: Callable[[Line], DumpLine | None]) -> Iterator[DumpLine]:
    """``read`` on each line that is not blank; its DomainErrors stay on the line; None means nothing to keep."""
    for line in lines:
        if line.too_long:
            yield DumpLine(line.number, clean(line.text), error=LineTooLongError())
            continue
        if not line.text or line.text.isspace():
            continue
        try:
            found = read(line)
        except DomainError as error:
            found = DumpLine(line.number, clean(line.text), error=error)
        if found is not None:
            yield found


def telegram(text: str) -> bytes:
    """Bytes of hexadecimal text. Raises NotHexError."""
    try:
        data = bytes.fromhex(text)
    except (ValueError, TypeError):
        raise NotHexError() from None
    if not data:
        raise NotHexError("the line has no telegram")
    return data


def moment(text: str, zone: tzinfo) -> datetime:
    """ISO time; without zone in ``zone``. Raises LineError."""
    try:
        found = datetime.fromisoformat(text.strip())
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise LineError("not a time: " + clean(str(text))[:40]) from None
    return in_zone(found, zone)


def in_zone(found: datetime, zone: tzinfo) -> datetime:
    """The time with its zone, which is ``zone`` where it has none. Raises LineError for one that other zones may not have."""
    if not MINYEAR < found.year < MAXYEAR:
        raise LineError(f"not a time: {found:%d.%m.}{found.year}")
    return found if found.tzinfo else found.replace(tzinfo=zone)


def dbm(value) -> int | None:
    """Signal in dBm, or None when it is no number or out of any receiver's range."""
    try:
        found = round(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return found if -150 <= found <= 20 else None
