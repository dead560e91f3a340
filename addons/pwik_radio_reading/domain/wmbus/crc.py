"""CRC-16 of EN 13757-4 (11.4): polynomial 3D65, start 0, complemented, high byte first."""

from array import array
from struct import unpack_from


def _entry(index: int) -> int:
    value = index << 8
    for _ in range(8):
        value = ((value << 1) ^ 0x3D65 if value & 0x8000 else value << 1) & 0xFFFF
    return value


_TABLE = tuple(_entry(index) for index in range(256))
# The same two bytes at a time: the register is as wide, so that it is looked up as a whole.
_PAIRS = array(
    "H",
    (((high << 8) & 0xFF00) ^ _TABLE[(high >> 8) ^ low] for high in _TABLE for low in range(256)),
)


def crc16(data: bytes) -> int:
    """Checksum of ``data`` as it stands in a frame (high byte first there)."""
    value, pairs, size = 0, _PAIRS, len(data)
    for pair in unpack_from(f">{size >> 1}H", data):
        value = pairs[value ^ pair]
    if size & 1:
        value = ((value << 8) & 0xFF00) ^ _TABLE[(value >> 8) ^ data[-1]]
    return value ^ 0xFFFF


MOST_BYTES = 256  # as many as a frame can have: its length is told by one byte


def _parities() -> tuple[int, ...]:
    masks, value = [0] * 16, 1
    for place in range(8 * MOST_BYTES):
        for bit in range(16):
            masks[bit] |= (value >> bit & 1) << place
        value = (value << 1) ^ (0x13D65 if value & 0x8000 else 0)
    return tuple(masks)


# Of a sequence that ends in its checksum each of these sums of bits is odd (the checksum is complemented). Bit n of a sequence
# that is read as one number stands for x^n, whatever its length.
_PARITIES = _parities()


def ends_in_checksum(data: bytes) -> bool:
    """Whether the last two of at most 256 bytes are the checksum of those before.

    Quickest where they are not, because half of what is no checksum ends at each sum: most frames without checksums are asked
    whether they have any.
    """
    number = int.from_bytes(data, "big")
    for mask in _PARITIES:
        if not (number & mask).bit_count() & 1:
            return False
    return True
