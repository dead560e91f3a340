"""The link layer of a telegram, as far as the collector must know it: who speaks, and are the bytes sound.

EN 13757-4. A telegram is kept as bytes beginning with the length field L. Three shapes occur:

- *plain*: the dongle checked and removed the CRCs; ``len == L + 1``;
- *format A*: a CRC after the first 10 bytes and after each following 16; L counts no CRC;
- *format B*: a CRC at the end (after byte 126 and at the end if longer); L counts the CRCs, so ``len == L + 1``.

Nothing is decoded beyond the address: the collector has no keys.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import TelegramError

MIN_L = 10  # C, M (2), A (6), CI
_BLOCK_1 = 10
_BLOCK_N = 16
_B_FIRST = 126  # bytes of format B which the first CRC covers at most

#: C fields that a meter sends (EN 13757-4, table of C fields): SND-NR, SND-IR, ACC-NR, ACC-DMD, ACK, RSP-UD.
METER_C_FIELDS = frozenset((0x44, 0x46, 0x47, 0x48, 0x00, 0x08, 0x18, 0x28, 0x38))


@dataclass(frozen=True, slots=True)
class Address:
    """Who sent a telegram: maker as three letters, id as eight digits, version and medium as numbers."""

    manufacturer: str
    id: str
    version: int
    medium: int

    @property
    def key(self) -> str:
        """``MFR/ID``, by which tours are matched."""
        return f"{self.manufacturer}/{self.id}"

    def __str__(self) -> str:
        return f"{self.manufacturer}/{self.id}/{self.version:02X}"


def manufacturer(code: int) -> str:
    """Three letters of the 16-bit maker field (EN 13757-3, FLAG association), ``?`` for what is no letter."""
    letters = ((code >> 10) & 31, (code >> 5) & 31, code & 31)
    return "".join(chr(64 + n) if 1 <= n <= 26 else "?" for n in letters)


def address(telegram: bytes) -> Address:
    """Read maker, id, version and medium of a telegram (bytes 2 to 9). Raises :class:`TelegramError` when too short."""
    if len(telegram) < MIN_L + 1 or telegram[0] < MIN_L:
        raise TelegramError("telegram too short")
    return Address(
        manufacturer=manufacturer(int.from_bytes(telegram[2:4], "little") & 0x7FFF),
        id=telegram[7:3:-1].hex().upper(),
        version=telegram[8],
        medium=telegram[9],
    )


_LONG_HEADERS = frozenset((0x72, 0x6B, 0x73))
_LONG_HEADER = 9
_EXTENDED = {0x8C: 2, 0x8D: 8, 0x8E: 10, 0x8F: 16}  # CI of an extended link layer: bytes after it
_WITH_ADDRESS = frozenset((0x8E, 0x8F))
_HIDES = frozenset((0x8D, 0x8F))  # what follows may be encrypted
_AUTHENTICATION = 0x90
_DIEHL = frozenset(("HYD", "DME", "EWT", "SPL", "SAP"))


def _from_link(raw: bytes) -> Address:
    """An address as link layers send it: maker, id, version, medium."""
    return Address(
        manufacturer(int.from_bytes(raw[:2], "little") & 0x7FFF), raw[5:1:-1].hex().upper(), raw[6], raw[7]
    )


def addresses(telegram: bytes) -> tuple[Address, ...]:
    """All addresses that a telegram sends in clear, the link layer's first; the office's files name any of them.

    The extended link layer (EN 13757-4) and a long header of the transport layer (EN 13757-7) name the meter where the link
    layer names the radio. Diehl's older overlays send version, medium, id where the standard has id, version, medium. The
    shape may be any; raises :class:`TelegramError` when too short.
    """
    link = address(telegram)
    try:
        telegram = without_crc(telegram)
    except TelegramError:
        return (link,)
    sent = (telegram[2:10], *_upper_addresses(telegram))
    found = [_from_link(raw) for raw in sent]
    if any(one.manufacturer in _DIEHL for one in found):
        found += [_from_link(raw[:2] + raw[4:8] + raw[2:4]) for raw in sent]
    return tuple(dict.fromkeys(found))


def _upper_addresses(telegram: bytes) -> list[bytes]:
    """The addresses of the layers above the link layer of a plain telegram, each in the order of a link layer."""
    found, place = [], 10
    kind = telegram[place]
    if kind in _EXTENDED:
        if kind in _WITH_ADDRESS and len(telegram) >= place + 11:
            found.append(telegram[place + 3 : place + 11])
        if kind in _HIDES:
            return found
        place += 1 + _EXTENDED[kind]
    if telegram[place : place + 1] == bytes((_AUTHENTICATION,)) and len(telegram) > place + 1:
        place += 2 + telegram[place + 1]
    if len(telegram) >= place + _LONG_HEADER and telegram[place] in _LONG_HEADERS:
        head = telegram[place + 1 : place + _LONG_HEADER]
        found.append(head[4:6] + head[:4] + head[6:])
    return found


def looks_like_start(head: bytes) -> bool:
    """Whether C and M fields (the three bytes after L) are those of a meter; used to find the start within noise."""
    return (
        len(head) >= 3
        and head[0] in METER_C_FIELDS
        and "?" not in manufacturer(int.from_bytes(head[1:3], "little") & 0x7FFF)
    )


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte << 8
        for _bit in range(8):
            crc = (crc << 1 ^ 0x3D65) & 0xFFFF if crc & 0x8000 else crc << 1
        table.append(crc)
    return tuple(table)


_CRC = _crc_table()


def crc16(data: bytes) -> int:
    """CRC-16 of EN 13757-4: polynomial 3D65, start 0, result inverted."""
    crc = 0
    for byte in data:
        crc = (crc << 8 & 0xFF00) ^ _CRC[crc >> 8 ^ byte]
    return crc ^ 0xFFFF


def _sealed(block: bytes) -> bytes:
    return block + crc16(block).to_bytes(2, "big")


def _is_sealed(block: bytes) -> bool:
    return len(block) > 2 and crc16(block[:-2]) == int.from_bytes(block[-2:], "big")


def length_a(l_field: int) -> int:
    """Bytes of a whole format A telegram with its CRCs, L included."""
    rest = max(0, l_field - 9)
    return l_field + 1 + 2 * (1 + -(-rest // _BLOCK_N))


def blocks_a(telegram: bytes) -> list[bytes]:
    """The blocks of a format A telegram, each with its CRC at the end."""
    blocks = [telegram[: _BLOCK_1 + 2]]
    blocks += [telegram[i : i + _BLOCK_N + 2] for i in range(_BLOCK_1 + 2, len(telegram), _BLOCK_N + 2)]
    return blocks


def blocks_b(telegram: bytes) -> list[bytes]:
    """The one or two blocks of a format B telegram, each with its CRC at the end."""
    parts = [telegram[: _B_FIRST + 2], telegram[_B_FIRST + 2 :]]
    return [part for part in parts if part]


def is_intact(telegram: bytes, *, format_b: bool = False) -> bool:
    """Whether all CRCs of a telegram that still has them are right (``format_b`` says which shape)."""
    if not telegram or len(telegram) != (telegram[0] + 1 if format_b else length_a(telegram[0])):
        return False
    return all(map(_is_sealed, blocks_b(telegram) if format_b else blocks_a(telegram)))


def shape(telegram: bytes) -> str:
    """``plain``, ``A`` or ``B``. Raises :class:`TelegramError` when the length fits none of them."""
    if len(telegram) > MIN_L:
        if len(telegram) == telegram[0] + 1:
            return "B" if is_intact(telegram, format_b=True) else "plain"
        if len(telegram) == length_a(telegram[0]):
            return "A"
    raise TelegramError("the length of the telegram does not fit its length field")


def without_crc(telegram: bytes) -> bytes:
    """The telegram in plain shape, as a dongle gives it that removes the CRCs. Wrong CRCs are removed all the same."""
    kind = shape(telegram)
    if kind == "A":
        return b"".join(block[:-2] for block in blocks_a(telegram))
    if kind == "B":
        body = b"".join(block[:-2] for block in blocks_b(telegram))
        return bytes([len(body) - 1]) + body[1:]
    return telegram


def with_crc_a(telegram: bytes) -> bytes:
    """The telegram in format A. One that is in format A already is kept to the bit, also with a wrong CRC."""
    if shape(telegram) == "A":
        return telegram
    plain = without_crc(telegram)
    rest = plain[_BLOCK_1:]
    tail = (rest[i : i + _BLOCK_N] for i in range(0, len(rest), _BLOCK_N))
    return _sealed(plain[:_BLOCK_1]) + b"".join(map(_sealed, tail))
