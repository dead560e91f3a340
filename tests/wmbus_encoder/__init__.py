"""Encoder of wM-Bus telegrams, written from the standards: for tests, demo data and the generator.

Everything returns the bytes of a frame without checksums, from the L field on; ``with_crc_a`` and ``with_crc_b`` add them.

- ``Meter(manufacturer, id, version, medium)``: the sender
- ``encode_oms(meter, records, key=..., mode=0 | 5 | 7, ...)``: any OMS meter; records from ``records.volume``, ``.datetime_f``…
- ``encode_kamstrup(meter, litres, target_litres, key=..., compact=False, ...)``
- ``encode_apator_na1(meter, litres, moment, key=..., ...)``
- ``encode_apator_162(meter, litres, months, key=..., ...)``
- ``encode_prios(meter, litres, target_litres, target_day, ...)``
- ``encode_techem(meter, before, since, due, today)``
"""

from . import records
from .apator import encode_apator_162, encode_apator_na1
from .frames import Meter, with_crc_a, with_crc_b
from .kamstrup import encode_kamstrup
from .oms import encode_oms
from .prios import encode_prios
from .techem import encode_techem

__all__ = [
    "Meter",
    "encode_apator_162",
    "encode_apator_na1",
    "encode_kamstrup",
    "encode_oms",
    "encode_prios",
    "encode_techem",
    "records",
    "with_crc_a",
    "with_crc_b",
]
