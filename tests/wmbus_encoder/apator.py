"""Apator's overlays NA-1 and AT-WMBUS-16-2."""

from collections.abc import Sequence
from datetime import datetime

from . import ciphers
from .frames import Meter, checksum, frame

EPOCH = datetime(2000, 1, 1)


def encode_apator_na1(
    meter: Meter,
    litres: int,
    moment: datetime,
    *,
    key: bytes,
    access: int = 1,
    frame_status: int = 0,
    status: int = 0,
    status_before: int = 0,
    hours: int = 0,
    since: int = 0,
    ci: int = 0xA0,
) -> bytes:
    """``moment``: the meter's clock; ``hours`` ago the month ended, ``since`` litres ran since then."""
    history = bytes([hours & 0xFF, hours >> 8 << 2 | since & 3]) + (since >> 2).to_bytes(3, "little")
    coded = litres // 16 << 8 | litres % 16
    seconds = int((moment - EPOCH).total_seconds())
    plain = (
        b"\x2f"
        + coded.to_bytes(4, "little")
        + seconds.to_bytes(4, "little")
        + history
        + bytes([status, status_before])
    )
    hidden = ciphers.cbc(key, meter.link_address + bytes([access]) * 8, plain)
    return frame(meter.link_address, bytes([ci, access, frame_status]) + hidden)


def encode_apator_162(
    meter: Meter, litres: int, months: Sequence[int], *, key: bytes | None, access: int = 1, status: int = 0
) -> bytes:
    """``months``: up to 15 registers at past month ends, newest first, in litres."""
    listed = (
        b"\x0f" + bytes.fromhex("0C449294") + bytes(3) + b"\x43\xb5\x02\x10" + litres.to_bytes(4, "little")
    )
    if months:
        listed += bytes([0x70 + len(months) - 1, 1]) + b"".join(
            month.to_bytes(4, "little") for month in months
        )
    listed += bytes(-(len(listed) + 4) % 16).replace(b"\x00", b"\xff")
    plain = b"\x2f\x2f" + listed + checksum(listed)
    config = (5 << 8 | len(plain) // 16 << 4 if key else 0).to_bytes(2, "little")
    hidden = ciphers.cbc(key, meter.link_address + bytes([access]) * 8, plain) if key else plain
    return frame(meter.link_address, bytes([0x7A, access, status]) + config + hidden)
