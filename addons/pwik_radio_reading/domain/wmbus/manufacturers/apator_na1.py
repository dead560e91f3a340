"""Apator APT-WMBUS-NA-1: encrypted without any check bytes, so everything in it must be plausible.

After the CI (A0, A1): access number, frame status, 16 bytes AES-128-CBC. Plain: filler; u32 volume; u32 seconds since
2000 on the meter's clock; 5 bytes history; status now; status before.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ... import alarms
from ...errors import ImplausibleError, NoKeyError, TruncatedError, WrongKeyError
from .. import security
from ..driver import ANY, Driver, Frame, Values

_SIZE = 19  # CI, access number, frame status, one block
_EPOCH = datetime(2000, 1, 1)
_FILLERS = (0x00, 0x2F)
_MOST_M3 = Decimal(100_000)  # the overlay sits on meters of flats and houses
_MOST_HOURS = 24 * 62  # since the last month end
_OLDEST = datetime(2010, 1, 1)
_DRIFT = timedelta(days=32)  # a month of drift is a bad clock, more is a wrong key
STATUS = {
    0x20: alarms.BACKFLOW,
    0x40: alarms.OVERLOAD,
    0x10: alarms.NO_FLOW,
    0x08: alarms.LEAK,
    0x04: alarms.DETACHED,
    0x02: alarms.MAGNET,
    0x01: alarms.BATTERY_LOW,
}


def read(frame: Frame) -> Values:
    """Raises TruncatedError, NoKeyError, WrongKeyError, ImplausibleError."""
    body = frame.body
    if len(body) != _SIZE:
        raise TruncatedError(f"{len(body)} bytes after the link layer, not {_SIZE}")
    if frame.key is None:
        raise NoKeyError()
    frame.mode, frame.proven = "na1", True
    plain = security.cbc_decrypt(frame.key, security.header_iv(frame.address.raw, body[1]), body[3:])
    return _values(plain, frame.received)


def _values(plain: bytes, received: datetime | None) -> Values:
    coded = int.from_bytes(plain[1:5], "little")
    factor = 10 ** (coded >> 4 & 3)
    litres = ((coded >> 8) * 16 + (coded & 15)) * factor
    seconds = int.from_bytes(plain[5:9], "little")
    moment = _EPOCH + timedelta(seconds=seconds)
    total = Decimal(litres).scaleb(-3)
    if plain[0] not in _FILLERS or coded & 0xC0 or not _near(moment, received):
        raise WrongKeyError("the decrypted time is not that of the reception")
    hours, since = _history(plain, factor)
    if hours > _MOST_HOURS or since > litres:
        raise WrongKeyError("the decrypted month value is none")
    if total >= _MOST_M3:
        raise ImplausibleError(f"a register of {total} m³")
    values = Values(total=total, time=moment.replace(second=0), alarms=alarms.from_bits(plain[14], STATUS))
    if hours:
        values.target = Decimal(litres - since).scaleb(-3)
        values.target_date = (moment - timedelta(hours=hours)).date()
        values.history = [(values.target_date, values.target)]
    return values


def _near(moment: datetime, received: datetime | None) -> bool:
    if received is not None:
        heard = received.astimezone(UTC).replace(tzinfo=None) if received.tzinfo else received
        return abs(moment - heard) <= _DRIFT
    return _OLDEST <= moment <= datetime.now() + timedelta(days=365)


def _history(plain: bytes, factor: int) -> tuple[int, int]:
    """Last month end: how many hours ago (14 bits) and litres since then (26 bits, whose low two come first)."""
    hours = plain[9] | plain[10] >> 2 << 8
    return hours, (int.from_bytes(plain[11:14], "little") << 2 | plain[10] & 3) * factor


DRIVERS = (Driver("apatorna1", (("APA", 0x14, ANY),), cis=frozenset((0xA0, 0xA1)), own=read),)
