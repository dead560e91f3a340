"""Link layer: addresses, frames, checksums (EN 13757-4)."""

from dataclasses import dataclass

SND_NR = 0x44


@dataclass(frozen=True)
class Meter:
    """``id``: eight hexadecimal digits; ``version``, ``medium``: codes."""

    manufacturer: str
    id: str
    version: int
    medium: int

    @property
    def maker(self) -> bytes:
        first, second, third = (ord(letter) - 64 for letter in self.manufacturer)
        return (first * 1024 + second * 32 + third).to_bytes(2, "little")

    @property
    def number(self) -> bytes:
        return bytes.fromhex(self.id)[::-1]

    @property
    def link_address(self) -> bytes:
        """M and A as the link layer sends them."""
        return self.maker + self.number + bytes([self.version, self.medium])

    @property
    def transport_address(self) -> bytes:
        """As a long header of the transport layer sends it."""
        return self.number + self.maker + bytes([self.version, self.medium])


def frame(address: bytes, body: bytes, control: int = SND_NR) -> bytes:
    """L, C, address, body; without checksums."""
    content = bytes([control]) + address + body
    if len(content) > 255:
        raise ValueError(f"{len(content)} bytes do not fit a frame")
    return bytes([len(content)]) + content


def checksum(data: bytes) -> bytes:
    """CRC-16 of EN 13757, bit by bit as the standard says it."""
    register = 0
    for byte in data:
        for bit in range(7, -1, -1):
            top = register >> 15 ^ byte >> bit & 1
            register = register << 1 & 0xFFFF
            if top:
                register ^= 0x3D65
    return (register ^ 0xFFFF).to_bytes(2, "big")


def with_crc_a(plain: bytes) -> bytes:
    """Frame format A: a checksum after the first 10 bytes and after each further 16."""
    blocks = [plain[:10], *(plain[start : start + 16] for start in range(10, len(plain), 16))]
    return b"".join(block + checksum(block) for block in blocks)


def with_crc_b(plain: bytes) -> bytes:
    """Frame format B: a checksum after 126 bytes and at the end, both counted by L."""
    sums = 2 if len(plain) > 126 else 1
    content = bytes([plain[0] + 2 * sums]) + plain[1:]
    if sums == 1:
        return content + checksum(content)
    return content[:126] + checksum(content[:126]) + content[126:] + checksum(content[126:])
