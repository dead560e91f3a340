"""Qundis Q water 5.5: plain OMS in most telegrams, and a walk-by telegram with one block of its own (0DFF5F).

Block: 9 bytes, 13 (litres), u16 day of an error, register, day and register of the year, day and register of the month
(decimal digits; days of type G), then use of the twelve months before.
"""

from decimal import Decimal

from ..dates import type_g
from ..driver import ANY, Driver, Frame, Values
from ..interpret import choose_target
from ..readers import bcd

_HEAD = bytes.fromhex("0DFF5F")
_LITRES, _PLACE = 0x13, 9
_SIZE = 28


def refine(frame: Frame, values: Values) -> None:
    for data in values.records.with_head(_HEAD):
        if len(data) >= _SIZE and data[_PLACE] == _LITRES:
            values.total = _register(data, 12)
            for day_at in (16, 22):
                day, amount = type_g(data[day_at : day_at + 2]), _register(data, day_at + 2)
                if day is not None and amount is not None:
                    values.history.append((day, amount))
            choose_target(values)


def _register(data: bytes, start: int) -> Decimal | None:
    number = bcd(data[start : start + 4])
    return None if number is None else Decimal(number).scaleb(-3)


DRIVERS = (Driver("qwater", (("QDS", ANY, ANY), ("LSE", ANY, ANY)), refine=refine),)
