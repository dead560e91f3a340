"""CRC-16 of EN 13757-4 (11.4): polynomial 3D65, start 0, complemented, high byte first."""


def _entry(index: int) -> int:
    value = index << 8
    for _ in range(8):
        value = ((value << 1) ^ 0x3D65 if value & 0x8000 else value << 1) & 0xFFFF
    return value


_TABLE = tuple(_entry(index) for index in range(256))


def crc16(data: bytes) -> int:
    """Checksum of ``data`` as it stands in a frame (high byte first there)."""
    value = 0
    table = _TABLE
    for byte in data:
        value = ((value << 8) & 0xFF00) ^ table[(value >> 8) ^ byte]
    return value ^ 0xFFFF
