"""Kamstrup water meters: plain data records in AES-CTR, full or compact, and an info code of Kamstrup's own."""

from ... import alarms
from ..driver import ANY, Driver, Frame, Values

# Info code 02FF20 (flow meters with ultrasound) and what 04FF23 adds.
INFO = {0x01: alarms.DRY, 0x02: alarms.BACKFLOW, 0x04: alarms.LEAK, 0x08: alarms.BURST}
INFO_LONG = {
    **INFO,
    0x10: alarms.TAMPER,
    0x20: alarms.BATTERY_LOW,
    0x40: alarms.FREEZE,
    0x80: alarms.OVERLOAD,
    0x200: alarms.NO_FLOW,
}
_CODES = ((b"\x02\xff\x20", INFO), (b"\x04\xff\x23", INFO_LONG))


def refine(frame: Frame, values: Values) -> None:
    for head, bits in _CODES:
        for data in values.records.with_head(head):
            values.alarms |= alarms.from_bits(int.from_bytes(data, "little"), bits)


DRIVERS = (Driver("kamwater", (("KAM", ANY, ANY), ("KAW", ANY, ANY)), refine=refine),)
