"""Diehl PRIOS (IZAR): a register, its month value and date behind a shift register whose start is known.

After the CI (A0 to A7): f1 (80 any alarm, & 0F period), f2, f3 alarms, u8, then the hidden part: 4B, u32 litres now, u32
litres and type G date of the month value. Diehl's own makers' codes put version and medium before the id.
"""

from decimal import Decimal
from functools import cache

from ... import alarms
from ...errors import BadCrcError, TruncatedError, WrongKeyError
from .. import dates
from ..address import Address
from ..driver import ANY, Driver, Frame, Values
from ..link import may_be_damaged_b
from ..security import xor

# The two keys that every meter without a key of its own uses; each is folded to the start of the shift register.
DEFAULT_KEYS = (bytes.fromhex("39BC8A10E66D83F8"), bytes.fromhex("51728910E66D83F8"))
CHECK = 0x4B
CIS = frozenset(range(0xA0, 0xA8))
_HEAD = 5  # CI, f1, f2, f3 and one byte before the hidden part
_SHORT, _LONG = 5, 11  # hidden: check byte and register; with month value and date
_SIZES = frozenset((10, 16, 32))  # from the CI on
_SAPPEL, _SAPPEL_TAIL = "SAP", b"\x00\x07"  # neither version nor medium is sent: 0 and water
_MOST_M3 = Decimal(1_000_000)
_NO_DAY = (b"\x00\x00", b"\xff\xff")
_OLDEST, _NEWEST = 2005, 2060

F2 = {0x80: alarms.LEAK, 0x20: alarms.NO_FLOW}
F3 = {
    0x80: alarms.BACKFLOW,
    0x20: alarms.OVERLOAD,
    0x10: alarms.SENSOR_FAULT,  # under water
    0x08: alarms.TAMPER,
    0x02: alarms.TAMPER,
}
_BATTERY_LEFT = 0x1F  # in half years
_BATTERY_LOW = 1


def fold(key: bytes) -> int:
    """Start of the shift register for an 8-byte key."""
    return int.from_bytes(key[:4], "big") ^ int.from_bytes(key[4:8], "big")


def _step(state: int) -> int:
    """Eight steps of the shift register: taps at bits 1, 2, 11 and 31."""
    for _ in range(8):
        bit = (state >> 1 ^ state >> 2 ^ state >> 11 ^ state >> 31) & 1
        state = (state << 1 | bit) & 0xFFFFFFFF
    return state


_MOST_BYTES = 256  # as many as a frame can have


@cache
def _streams() -> tuple[tuple[int, ...], ...]:
    """What each of the four bytes of a start adds to the stream, low byte first: the register is linear."""
    units = []
    for bit in range(32):
        state, out = 1 << bit, bytearray()
        for _ in range(_MOST_BYTES):
            state = _step(state)
            out.append(state & 0xFF)
        units.append(int.from_bytes(out, "little"))
    tables = []
    for first in range(0, 32, 8):
        table = [0]
        for unit in units[first : first + 8]:
            table += [known ^ unit for known in table]
        tables.append(tuple(table))
    return tuple(tables)


def stream(start: int, size: int) -> bytes:
    """The first ``size`` bytes that hide the data, at most 256."""
    first, second, third, fourth = _streams()
    whole = first[start & 0xFF] ^ second[start >> 8 & 0xFF] ^ third[start >> 16 & 0xFF] ^ fourth[start >> 24]
    return whole.to_bytes(_MOST_BYTES, "little")[:size]


def start(address: bytes, head: bytes, key: bytes) -> int:
    """Start of the stream: folded key, address as sent (M and A) and the four bytes from the CI on."""
    return (
        fold(key)
        ^ int.from_bytes(address[:4], "big")
        ^ int.from_bytes(address[4:], "big")
        ^ int.from_bytes(head, "big")
    )


def uncover(address: bytes, body: bytes, key: bytes) -> bytes:
    """The hidden part; ``body`` from the CI on."""
    hidden = body[_HEAD:]
    return xor(hidden, stream(start(address, body[:4], key), len(hidden)))


def identify(frame: Frame) -> Address:
    """Address of the meter. Diehl's codes send version, medium, id; SAP's send letters of the serial number last."""
    raw = frame.address.raw
    if frame.address.manufacturer == _SAPPEL:
        return Address.from_link(raw[:6] + _SAPPEL_TAIL)
    return swapped(frame.address)


def swapped(who: Address) -> Address:
    """Version, medium, id into the standard's order: id, version, medium."""
    return Address.from_link(who.raw[:2] + who.raw[4:8] + who.raw[2:4])


def read(frame: Frame) -> Values:
    """Raises TruncatedError, WrongKeyError, ImplausibleError."""
    body = frame.body
    if len(body) < _HEAD + _SHORT:
        raise TruncatedError("the PRIOS part is cut")
    if may_be_damaged_b(frame.link.frame, len(body), _SIZES):
        raise BadCrcError("two bytes too many, but no checksum that fits")
    keys = DEFAULT_KEYS if frame.key is None else (frame.key[:8], *DEFAULT_KEYS)
    for key in keys:
        plain = uncover(frame.address.raw, body, key)
        if plain[0] == CHECK and _believable(plain):
            break
    else:
        raise WrongKeyError("no PRIOS key gives the check byte 4B and a month value before today's")
    frame.address, frame.mode, frame.proven = (
        identify(frame),
        "prios",
        frame.key is not None and key is keys[0],
    )
    values = Values(total=_litres(plain, 1), alarms=_alarms(body))
    if len(plain) >= _LONG and (day := dates.type_g(plain[9:11])) is not None:
        values.target, values.target_date = _litres(plain, 5), day
        values.history = [(day, values.target)]
    return values


def _litres(plain: bytes, start: int) -> Decimal:
    return Decimal(int.from_bytes(plain[start : start + 4], "little")).scaleb(-3)


def _believable(plain: bytes) -> bool:
    """One check byte is little, so what it lets through must be a register and a month value before it."""
    if _litres(plain, 1) >= _MOST_M3:
        return False
    if len(plain) < _LONG or plain[9:11] in _NO_DAY:
        return True
    day = dates.type_g(plain[9:11])
    return day is not None and _OLDEST <= day.year <= _NEWEST and _litres(plain, 5) <= _litres(plain, 1)


def _alarms(body: bytes) -> set[str]:
    found = alarms.from_bits(body[2], F2) | alarms.from_bits(body[3], F3)
    if body[2] & _BATTERY_LEFT <= _BATTERY_LOW:
        found.add(alarms.BATTERY_LOW)
    return found


DRIVERS = (
    Driver(
        "izar",
        tuple((maker, ANY, ANY) for maker in ("HYD", "DME", "SAP", "EWT", "SPL")),
        cis=CIS,
        own=read,
        identify=identify,
    ),
)
