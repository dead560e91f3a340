"""Diehl PRIOS (IZAR): a register, its month value and date behind a shift register whose start is known.

After the CI (A0 to A7): f1 (80 any alarm, & 0F period), f2, f3 alarms, u8, then the hidden part: 4B, u32 litres now, u32
litres and type G date of the month value. Diehl's own makers' codes put version and medium before the id.
"""

from decimal import Decimal

from ... import alarms
from ...errors import TruncatedError, WrongKeyError
from .. import dates
from ..address import Address
from ..driver import ANY, Driver, Frame, Values

# The two keys that every meter without a key of its own uses; each is folded to the start of the shift register.
DEFAULT_KEYS = (bytes.fromhex("39BC8A10E66D83F8"), bytes.fromhex("51728910E66D83F8"))
CHECK = 0x4B
CIS = frozenset(range(0xA0, 0xA8))
_HEAD = 5  # CI, f1, f2, f3 and one byte before the hidden part
_SHORT, _LONG = 5, 11  # hidden: check byte and register; with month value and date
_TURNED = frozenset(("HYD", "DME", "EWT", "SPL"))  # SAP's addresses are in the standard order

F2 = {0x80: alarms.LEAK, 0x20: alarms.NO_FLOW}
F3 = {
    0x80: alarms.BACKFLOW,
    0x20: alarms.OVERLOAD,
    0x10: alarms.TAMPER,
    0x08: alarms.MAGNET,
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


# The register is linear: eight steps of a state are the sum of eight steps of its four bytes.
_STEPS = tuple(tuple(_step(byte << shift) for byte in range(256)) for shift in (0, 8, 16, 24))


def stream(start: int, size: int) -> bytes:
    """The first ``size`` bytes that hide the data."""
    first, second, third, fourth = _STEPS
    state, out = start, bytearray()
    for _ in range(size):
        state = (
            first[state & 0xFF] ^ second[state >> 8 & 0xFF] ^ third[state >> 16 & 0xFF] ^ fourth[state >> 24]
        )
        out.append(state & 0xFF)
    return bytes(out)


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
    return bytes(
        a ^ b for a, b in zip(hidden, stream(start(address, body[:4], key), len(hidden)), strict=True)
    )


def identify(frame: Frame) -> Address:
    """Address of the meter: Diehl's own codes send version, medium, id instead of id, version, medium."""
    raw = frame.address.raw
    if frame.address.manufacturer not in _TURNED:
        return frame.address
    return Address.from_link(raw[:2] + raw[4:8] + raw[2:4])


def read(frame: Frame) -> Values:
    """Raises TruncatedError, WrongKeyError."""
    body = frame.body
    if len(body) < _HEAD + _SHORT:
        raise TruncatedError("the PRIOS part is cut")
    keys = DEFAULT_KEYS if frame.key is None else (frame.key[:8], *DEFAULT_KEYS)
    for key in keys:
        plain = uncover(frame.address.raw, body, key)
        if plain[0] == CHECK:
            break
    else:
        raise WrongKeyError("no PRIOS key gives the check byte 4B")
    frame.address, frame.mode = identify(frame), "prios"
    values = Values(total=Decimal(int.from_bytes(plain[1:5], "little")).scaleb(-3), alarms=_alarms(body))
    if len(plain) >= _LONG:
        _add_month(values, plain)
    return values


def _alarms(body: bytes) -> set[str]:
    found = alarms.from_bits(body[2], F2) | alarms.from_bits(body[3], F3)
    if body[2] & _BATTERY_LEFT <= _BATTERY_LOW:
        found.add(alarms.BATTERY_LOW)
    return found


def _add_month(values: Values, plain: bytes) -> None:
    day = dates.type_g(plain[9:11])
    amount = Decimal(int.from_bytes(plain[5:9], "little")).scaleb(-3)
    if day is not None and amount <= values.total:
        values.target, values.target_date = amount, day
        values.history = [(day, amount)]


DRIVERS = (
    Driver(
        "izar",
        tuple((maker, ANY, ANY) for maker in ("HYD", "DME", "SAP", "EWT", "SPL")),
        cis=CIS,
        own=read,
        identify=identify,
    ),
)
