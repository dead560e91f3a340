"""How the data of a record become its value (EN 13757-3, annex A)."""

import math
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from . import dates
from .heads import POWERS, REAL, VARIABLE, Head


def reader(head: Head, width: int) -> Callable[[bytes], Any]:
    """How the data of such a record, so many bytes, become its value."""
    kind = head.meaning.kind
    if not width:
        return _nothing
    if kind == "number":
        return (_REAL if head.coding == REAL else _DIGITS if head.coding > REAL + 2 else _WHOLE)[head.scale]
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


def _whole(power: Decimal) -> Callable[[bytes], Decimal]:
    """Reader of binary numbers, which water meters send most."""
    return lambda raw: int.from_bytes(raw, "little", signed=True) * power


def _digits(power: Decimal) -> Callable[[bytes], Decimal | None]:
    """Reader of packed decimal digits."""

    def read(raw: bytes) -> Decimal | None:
        number = bcd(raw)
        return None if number is None else number * power

    return read


def _real(power: int) -> Callable[[bytes], Decimal | None]:
    """Reader of floating point numbers: seven digits of them are known."""

    def read(raw: bytes) -> Decimal | None:
        (value,) = struct.unpack("<f", raw)
        return Decimal(f"{value:.7g}").scaleb(power) if math.isfinite(value) else None

    return read


_WHOLE = {scale: _whole(power) for scale, power in POWERS.items()}
_DIGITS = {scale: _digits(power) for scale, power in POWERS.items()}
_REAL = {scale: _real(scale) for scale in POWERS}


def _signed_bcd(raw: bytes, minus: bool, scale: int) -> Decimal | None:
    number = bcd(raw)
    return None if number is None else Decimal(-number if minus else number).scaleb(scale)


def bcd(raw: bytes) -> int | None:
    """Number of packed decimal digits, low byte first; a top digit F means minus; None when it is no number."""
    digits = raw[::-1].hex()
    if digits.isdigit():
        return int(digits)
    if digits[0] == "f" and digits[1:].isdigit():
        return -int(digits[1:])
    return None


# Types G, J, F and I by their width
_MOMENTS = {2: dates.type_g, 3: dates.type_j, 4: dates.type_f, 6: dates.type_i}


def _text(raw: bytes) -> str:
    """Text of a record: sent backwards, latin-1 (EN 13757-3, table 5)."""
    return raw[::-1].decode("latin-1").replace("\x00", "").strip()
