"""Diehl PRIOS (IZAR): data behind a shift register."""

from datetime import date

from .frames import Meter, frame
from .records import type_g

KEY = bytes.fromhex("39BC8A10E66D83F8")
TURNED = ("HYD", "DME", "EWT", "SPL")


def encode_prios(
    meter: Meter,
    litres: int,
    target_litres: int,
    target_day: date,
    *,
    flags: tuple[int, int, int] = (0x01, 0x1D, 0x00),
    key: bytes = KEY,
    ci: int = 0xA2,
) -> bytes:
    """``flags``: period and the two alarm bytes; the battery's half years are in the second one."""
    address = meter.link_address
    if meter.manufacturer in TURNED:
        address = meter.maker + bytes([meter.version, meter.medium]) + meter.number
    head = bytes([ci, *flags])
    plain = b"\x4b" + litres.to_bytes(4, "little") + target_litres.to_bytes(4, "little") + type_g(target_day)
    words = (key[:4], key[4:], address[:4], address[4:], head)
    state = 0
    for word in words:
        state ^= int.from_bytes(word, "big")
    hidden = bytearray()
    for byte in plain:
        for _ in range(8):
            new = sum(state >> tap & 1 for tap in (1, 2, 11, 31)) & 1
            state = (state << 1 & 0xFFFFFFFF) | new
        hidden.append(byte ^ state & 0xFF)
    return frame(address, head + b"\x13" + bytes(hidden))
