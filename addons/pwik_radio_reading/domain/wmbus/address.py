"""Who sent a telegram: manufacturer, identification number, version and medium (EN 13757-7, 7.5 and EN 62056-21)."""

from typing import NamedTuple

MEDIA = {
    0x00: "other",
    0x01: "oil",
    0x02: "electricity",
    0x03: "gas",
    0x04: "heat",
    0x05: "steam",
    0x06: "warm water",
    0x07: "water",
    0x08: "heat cost allocator",
    0x09: "compressed air",
    0x0A: "cooling load outlet",
    0x0B: "cooling load inlet",
    0x0C: "heat inlet",
    0x0D: "heat/cooling load",
    0x0E: "bus/system component",
    0x0F: "unknown",
    0x15: "hot water",
    0x16: "cold water",
    0x17: "hot/cold water",
    0x18: "pressure",
    0x19: "A/D converter",
    0x1A: "smoke detector",
    0x1B: "room sensor",
    0x1C: "gas detector",
    0x20: "breaker",
    0x21: "valve",
    0x25: "customer unit",
    0x28: "waste water",
    0x29: "waste",
    0x31: "communication controller",
    0x32: "unidirectional repeater",
    0x33: "bidirectional repeater",
    0x36: "radio converter (system side)",
    0x37: "radio converter (meter side)",
}
WATER = frozenset((0x06, 0x07, 0x15, 0x16, 0x17))


def maker_name(code: int) -> str:
    """The three letters of a manufacturer code: five bits each, 1 = A (EN 13757-3, annex E)."""
    return "".join(chr(64 + (code >> shift & 31)) for shift in (10, 5, 0))


def maker_code(name: str) -> int:
    """The 16-bit code of a manufacturer's three letters. Raises ValueError."""
    if len(name) != 3 or not all("@" <= letter <= "_" for letter in name):
        raise ValueError(f"{name!r} is no manufacturer")
    high, middle, low = (ord(letter) - 64 for letter in name)
    return high << 10 | middle << 5 | low


_NAMES: dict[int, str] = {}


def _name(code: int) -> str:
    name = _NAMES.get(code)
    if name is None:
        name = _NAMES[code] = maker_name(code)
    return name


class Address(NamedTuple):
    """Address of a meter. ``raw``: the eight bytes M(2), id(4), version, medium as a link layer sends them."""

    manufacturer: str
    id: str
    version: int
    medium: int
    raw: bytes

    @classmethod
    def from_link(cls, raw: bytes) -> "Address":
        """From the M and A fields of the link layer: M(2), id(4), version, medium."""
        return cls(_name(raw[0] | raw[1] << 8), raw[5:1:-1].hex(), raw[6], raw[7], raw)

    @classmethod
    def from_transport(cls, raw: bytes) -> "Address":
        """From a long header of the transport layer: id(4), M(2), version, medium."""
        return cls.from_link(raw[4:6] + raw[:4] + raw[6:8])

    @property
    def medium_name(self) -> str:
        return MEDIA.get(self.medium, "reserved")
