"""Data records of EN 13757-3 (6.3): DIF, DIFE, VIF, VIFE and the data of each.

The heads of records repeat from telegram to telegram, so what they mean is kept by their bytes. So does where they stand: a
payload whose heads are those of one before is cut at the same places (``plans.py``).
"""

import struct
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from ..errors import TruncatedError, UnknownEncodingError
from . import dates, vif
from .plans import Plans

INSTANT, MAXIMUM, MINIMUM, AT_ERROR = range(4)
IDLE, VENDOR_DATA, VENDOR_DATA_MORE = 0x2F, 0x0F, 0x1F
_SPECIAL = 0x0F
_WIDTHS = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 4, 6: 6, 7: 8, 8: 0, 9: 1, 0xA: 2, 0xB: 3, 0xC: 4, 0xE: 6}
VARIABLE = 0xD
_MOST_EXTENSIONS = 10
_MOST_HEADS = 4096
POWERS = {power: Decimal(1).scaleb(power) for power in range(-24, 25)}


class Head(NamedTuple):
    """What stands before the data of a record. ``qualifiers``: names of the combinable extensions."""

    storage: int
    tariff: int
    subunit: int
    function: int
    coding: int
    width: int
    meaning: vif.Meaning
    scale: int
    qualifiers: tuple[str, ...]
    raw: bytes


class Record(NamedTuple):
    """One data record. ``value``: Decimal in ``unit``, date, datetime, text, bytes or None (invalid)."""

    storage: int
    tariff: int
    subunit: int
    function: int
    quantity: str
    unit: str
    value: Any
    qualifiers: tuple[str, ...]
    head: bytes
    data: bytes


class Payload(NamedTuple):
    """All records, the manufacturer's own data after DIF 0F or 1F, and the heads in a row."""

    records: tuple[Record, ...]
    vendor: bytes
    heads: bytes


_heads: dict[bytes, Head] = {}
_plans: Plans["Plan"] = Plans()


class Plan(NamedTuple):
    """How to cut payloads whose heads stand where those of another did.

    ``steps``: for each record what comes before its value, how the value is read, what comes after it, and where its data
    begin and end; ``vendor``: where the maker's own data begin, or None; ``heads``: in a row.
    """

    steps: tuple[tuple[tuple, Callable[[bytes], Any], tuple, int, int], ...]
    vendor: int | None
    heads: bytes

    @classmethod
    def of(cls, cuts: list[tuple[Head, int, int]], vendor: int | None, heads: list[bytes]) -> "Plan":
        return cls(
            tuple(
                (_before(head), _reader(head, end - start), (head.qualifiers, head.raw), start, end)
                for head, start, end in cuts
            ),
            vendor,
            b"".join(heads),
        )

    def cut(self, data: bytes) -> Payload:
        records = []
        for before, read, after, start, end in self.steps:
            raw = data[start:end]
            records.append(Record._make((*before, read(raw), *after, raw)))
        return Payload(tuple(records), b"" if self.vendor is None else data[self.vendor :], self.heads)


def parse(data: bytes) -> Payload:
    """Take the payload apart.

    Raises TruncatedError when a record is longer than what is left, UnknownEncodingError for reserved DIFs.
    """
    plan = _plans.find(data)
    if plan is None:
        plan = _make_plan(data)
    return plan.cut(data)


def _make_plan(data: bytes) -> Plan:
    """Look where the records stand, and remember it. Raises as ``parse``."""
    cuts: list[tuple[Head, int, int]] = []
    heads: list[bytes] = []
    position, end, vendor = 0, len(data), None
    while position < end:
        first = data[position]
        if first & 0x0F == _SPECIAL:
            if first == IDLE:
                position += 1
                continue
            if first in (VENDOR_DATA, VENDOR_DATA_MORE):
                vendor = position + 1
                break
            raise UnknownEncodingError(f"reserved DIF {first:02X}")
        head, position = _read_head(data, position)
        width = head.width
        if width < 0:
            head, width, position = _variable(head, data, position)
        stop = position + width
        if stop > end:
            raise TruncatedError("a data record is longer than the telegram")
        cuts.append((head, position, stop))
        heads.append(head.raw)
        position = stop
    plan = Plan.of(cuts, vendor, heads)
    free = [(start, stop) for _head, start, stop in cuts]
    _plans.learn(data, free if vendor is None else [*free, (vendor, end)], plan)
    return plan


def parse_with_layout(layout: bytes, data: bytes) -> tuple[Record, ...]:
    """Records of a compact frame: heads from ``layout``, values from ``data`` (EN 13757-3, annex K)."""
    records, start = [], 0
    for head in layout_heads(layout):
        raw = data[start : start + head.width]
        if len(raw) != head.width:
            raise TruncatedError("the compact frame is shorter than its layout")
        records.append(_record(head, raw))
        start += head.width
    if data[start:].strip(b"\x2f"):
        raise TruncatedError("the compact frame is longer than its layout")
    return tuple(records)


def layout_heads(layout: bytes) -> Iterator[Head]:
    """The heads that stand in a row in ``layout``. Raises UnknownEncodingError when their data has no fixed width."""
    position = 0
    while position < len(layout):
        head, position = _read_head(layout, position)
        if head.width < 0:
            raise UnknownEncodingError("a layout with data of variable length")
        yield head


def scale_of(head: bytes) -> Decimal:
    """Factor that leads from the number of a record with this head to its unit."""
    return POWERS[_read_head(head, 0)[0].scale]


def _read_head(data: bytes, start: int) -> tuple[Head, int]:
    position = _chain_end(data, start)
    if position >= len(data):
        raise TruncatedError("a data record ends after its DIF")
    text_end = 0
    if data[position] & 0x7F == 0x7C:
        text_end = position + 2 + (data[position + 1] if position + 1 < len(data) else 0)
        if text_end > len(data):
            raise TruncatedError("the text of a unit is longer than the telegram")
    position = _chain_end(data, position) if not text_end else _after_text(data, position, text_end)
    raw = data[start:position]
    head = _heads.get(raw)
    if head is None:
        head = _make_head(raw)
        if len(_heads) < _MOST_HEADS:
            _heads[raw] = head
    return head, position


def _after_text(data: bytes, position: int, text_end: int) -> int:
    return _chain_end(data, text_end) if data[position] & 0x80 else text_end


def _chain_end(data: bytes, position: int) -> int:
    """Position after a field and its extensions, each announced by the top bit of the one before."""
    limit = position + _MOST_EXTENSIONS + 1
    size = len(data)
    while position < size:
        byte = data[position]
        position += 1
        if not byte & 0x80:
            return position
        if position >= limit:
            raise UnknownEncodingError("more than ten extensions in a row")
    raise TruncatedError("a data record ends inside its head")


def _make_head(raw: bytes) -> Head:
    dif, position = raw[0], 1
    storage, tariff, subunit, shift = dif >> 6 & 1, 0, 0, 0
    byte = dif
    while byte & 0x80:
        byte = raw[position]
        storage |= (byte & 0x0F) << (1 + 4 * shift)
        tariff |= (byte >> 4 & 3) << (2 * shift)
        subunit |= (byte >> 6 & 1) << shift
        position, shift = position + 1, shift + 1
    meaning, extensions = _meaning(raw[position:])
    names, scale = [], meaning.scale
    for code in extensions:
        name, change = vif.qualifier(code)
        scale += change
        if name != "corrected":
            names.append(name)
        if name == "vendor":
            break
    coding = dif & 0x0F
    if coding == _SPECIAL:
        raise UnknownEncodingError(f"DIF {dif:02X} inside a layout")
    width = -1 if coding == VARIABLE else _WIDTHS[coding]
    return Head(storage, tariff, subunit, dif >> 4 & 3, coding, width, meaning, scale, tuple(names), raw)


def _meaning(raw: bytes) -> tuple[vif.Meaning, list[int]]:
    """Meaning of VIF and VIFEs, and the combinable extensions that are left."""
    first = raw[0]
    rest = [byte & 0x7F for byte in raw[1:]]
    code = first & 0x7F
    if code == 0x7C:
        return vif.PLAIN_TEXT, []
    if code == 0x7F:
        return vif.VENDOR, []
    if first == 0xFD and rest:
        return vif.FD.get(rest[0], vif.UNKNOWN), rest[1:]
    if first == 0xFB and rest:
        return vif.FB.get(rest[0], vif.UNKNOWN), rest[1:]
    if first == 0xEF and rest:
        return vif.UNKNOWN, rest[1:]
    return vif.PRIMARY.get(code, vif.UNKNOWN), rest


_LENGTH_CODINGS = (
    (0x00, 0xBF, "text", 1),
    (0xC0, 0xC9, "bcd", 1),
    (0xD0, 0xD9, "minus", 1),
    (0xE0, 0xEF, "binary", 1),
)


def _variable(head: Head, data: bytes, position: int) -> tuple[Head, int, int]:
    """Width of data that begins with its own length, LVAR (EN 13757-3, table 5)."""
    if position >= len(data):
        raise TruncatedError("a data record of variable length has no length")
    length = data[position]
    for first, last, kind, size in _LENGTH_CODINGS:
        if first <= length <= last:
            meaning = head.meaning
            if kind != "text" or meaning.kind not in ("raw", "identity"):
                meaning = meaning._replace(kind=meaning.kind if meaning.kind == "raw" else kind)
            return head._replace(meaning=meaning, raw=head.raw), (length - first) * size, position + 1
    raise UnknownEncodingError(f"data of variable length {length:02X}")


def _record(head: Head, raw: bytes) -> Record:
    return Record._make((*_before(head), _reader(head, len(raw))(raw), head.qualifiers, head.raw, raw))


def _before(head: Head) -> tuple:
    """Fields of a record up to its value."""
    meaning = head.meaning
    return (head.storage, head.tariff, head.subunit, head.function, meaning.quantity, meaning.unit)


def _reader(head: Head, width: int) -> Callable[[bytes], Any]:
    """How the data of such a record, so many bytes, become its value."""
    kind = head.meaning.kind
    if not width:
        return _nothing
    if kind == "number":
        if head.coding <= 4 or head.coding in (6, 7):
            return _WHOLE[head.scale]
        return lambda raw: _scaled(_number(head.coding, raw), head.scale)
    if kind == "datetime" or kind == "date":
        return _MOMENTS.get(width, _nothing)
    if kind == "identity":
        return _text if head.coding == VARIABLE else _backwards
    if head.qualifiers and "profile" in head.qualifiers[0]:
        return _as_it_is
    if kind == "text":
        return _text
    if kind in ("bcd", "minus"):
        return lambda raw: _signed_bcd(raw, kind == "minus", head.scale)
    if kind == "binary":
        return lambda raw: Decimal(int.from_bytes(raw, "little", signed=True)).scaleb(head.scale)
    return _as_it_is


def _nothing(raw: bytes) -> None:
    return None


def _as_it_is(raw: bytes) -> bytes:
    return raw


def _backwards(raw: bytes) -> str:
    return raw[::-1].hex()


def _whole(scale: int) -> Callable[[bytes], Decimal]:
    """Reader of binary numbers, which water meters send most."""
    if not scale:
        return lambda raw: Decimal(int.from_bytes(raw, "little", signed=True))
    power = POWERS[scale]
    return lambda raw: int.from_bytes(raw, "little", signed=True) * power


_WHOLE = {scale: _whole(scale) for scale in POWERS}


def _scaled(number: int | Decimal | None, scale: int) -> Decimal | None:
    if number is None or type(number) is Decimal:
        return number if not scale or number is None else number.scaleb(scale)
    return number * POWERS[scale] if scale else Decimal(number)


def _signed_bcd(raw: bytes, minus: bool, scale: int) -> Decimal | None:
    number = bcd(raw)
    return None if number is None else Decimal(-number if minus else number).scaleb(scale)


def _number(coding: int, raw: bytes) -> int | Decimal | None:
    return _real(raw) if coding == 5 else bcd(raw)


def bcd(raw: bytes) -> int | None:
    """Number of packed decimal digits, low byte first; a top digit F means minus; None when it is no number."""
    digits = raw[::-1].hex()
    if digits.isdigit():
        return int(digits)
    if digits[0] == "f" and digits[1:].isdigit():
        return -int(digits[1:])
    return None


def _real(raw: bytes) -> Decimal | None:
    (value,) = struct.unpack("<f", raw)
    if value != value or value in (float("inf"), float("-inf")):
        return None
    return Decimal(f"{value:.7g}")


# Types G, J, F and I by their width
_MOMENTS = {2: dates.type_g, 3: dates.type_j, 4: dates.type_f, 6: dates.type_i}


def _text(raw: bytes) -> str:
    """Text of a record: sent backwards, latin-1 (EN 13757-3, table 5)."""
    return raw[::-1].decode("latin-1").replace("\x00", "").strip()
