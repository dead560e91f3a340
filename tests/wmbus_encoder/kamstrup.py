"""Kamstrup water meters: AES-CTR in the extended link layer, full and compact frames."""

from . import ciphers
from .frames import Meter, checksum, frame

COMMUNICATION = 0x20
HEADS = ("02FF20", "0413", "4413", "615B", "6167")


def encode_kamstrup(
    meter: Meter,
    litres: int,
    target_litres: int,
    *,
    key: bytes,
    info: int = 0,
    temperatures: tuple[int, int] = (12, 18),
    access: int = 1,
    session: int = 1,
    compact: bool = False,
) -> bytes:
    """``info``: bits of the info code; ``temperatures``: coldest water and surroundings of the month, °C."""
    values = (
        info.to_bytes(2, "little"),
        litres.to_bytes(4, "little"),
        target_litres.to_bytes(4, "little"),
        bytes([temperatures[0]]),
        bytes([temperatures[1]]),
    )
    heads = [bytes.fromhex(head) for head in HEADS]
    full = b"".join(head + value for head, value in zip(heads, values, strict=True))
    message = b"\x78" + full
    if compact:
        signature, check = checksum(b"".join(heads))[::-1], checksum(full)[::-1]
        message = b"\x79" + signature + check + b"".join(values)
    return _sealed(meter, key, access, session, message)


def _sealed(meter: Meter, key: bytes, access: int, session: int, message: bytes) -> bytes:
    number = (session & 0x1FFFFFFF | 0x20000000).to_bytes(4, "little")
    counter = meter.link_address + bytes([COMMUNICATION]) + number + bytes(3)
    hidden = ciphers.ctr(key, counter, checksum(message)[::-1] + message)
    return frame(meter.link_address, bytes([0x8D, COMMUNICATION, access]) + number + hidden)
