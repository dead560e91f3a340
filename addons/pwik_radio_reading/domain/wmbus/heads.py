"""What stands before the data of a record: DIF, DIFE, VIF, VIFE of EN 13757-3 (6.3).

Heads repeat from telegram to telegram, so what they mean is kept by their bytes.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from ..errors import TruncatedError, UnknownEncodingError
from . import vif

INSTANT, MAXIMUM, MINIMUM, AT_ERROR = range(4)
SPECIAL = 0x0F
_WIDTHS = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 4, 6: 6, 7: 8, 8: 0, 9: 1, 0xA: 2, 0xB: 3, 0xC: 4, 0xE: 6}
REAL, VARIABLE = 0x5, 0xD
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


_heads: dict[bytes, Head] = {}


def layout_heads(layout: bytes) -> Iterator[Head]:
    """The heads that stand in a row in ``layout``. Raises UnknownEncodingError when their data has no fixed width."""
    position = 0
    while position < len(layout):
        head, position = read_head(layout, position)
        if head.width < 0:
            raise UnknownEncodingError("a layout with data of variable length")
        yield head


def scale_of(head: bytes) -> Decimal:
    """Factor that leads from the number of a record with this head to its unit."""
    return POWERS[read_head(head, 0)[0].scale]


def read_head(data: bytes, start: int) -> tuple[Head, int]:
    """The head that begins at ``start``, and where its data begin. Raises TruncatedError, UnknownEncodingError."""
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
    if scale not in POWERS:
        raise UnknownEncodingError(f"a factor of ten to the power of {scale}")
    coding = dif & 0x0F
    if coding == SPECIAL:
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


def with_length(head: Head, data: bytes, position: int) -> tuple[Head, int, int]:
    """For data that begin with their own length, LVAR (EN 13757-3, table 5): the head with their kind, their width and place.

    Raises TruncatedError, UnknownEncodingError.
    """
    if position >= len(data):
        raise TruncatedError("a data record of variable length has no length")
    length = data[position]
    for first, last, kind, size in _LENGTH_CODINGS:
        if first <= length <= last:
            meaning = head.meaning
            if kind != "text" or meaning.kind not in ("raw", "identity"):
                meaning = meaning._replace(kind=meaning.kind if meaning.kind == "raw" else kind)
            return head._replace(meaning=meaning), (length - first) * size, position + 1
    raise UnknownEncodingError(f"data of variable length {length:02X}")
