"""Diehl Hydrus and others of HYD: plain OMS, or data records behind the shift register of PRIOS (Diehl's "real data").

In the latter, the upper byte of the configuration field is the sum of the plain payload, its bit 10 marks the frame.
"""

from ...errors import DomainError, WrongKeyError
from .. import records, transport
from ..address import Address
from ..driver import ANY, Driver, Frame
from ..transport import CBC_IV
from . import prios

DEFAULT_KEY = prios.DEFAULT_KEYS[1] * 2
_MARK = 0x10
_CHECKED = 0xEF  # bits of the sum that count: the mark is not one of them
_HEAD = 5  # CI, access number, status, configuration


def _is_hidden(frame: Frame) -> bool:
    """Only these makers use the mark; elsewhere such a mode is reserved."""
    return frame.transport.header == _HEAD and bool(frame.transport.config >> 8 & _MARK)


def identify(frame: Frame) -> Address:
    return prios.swapped(frame.address) if _is_hidden(frame) else frame.address


def open_payload(frame: Frame) -> bytes | None:
    """Raises WrongKeyError when no key gives data records with the right sum."""
    if not _is_hidden(frame):
        return _by_default_key(frame) if frame.key is None else None
    body, radio = frame.body, frame.address
    keys = prios.DEFAULT_KEYS if frame.key is None else (frame.key[:8], *prios.DEFAULT_KEYS)
    for place, plain in enumerate((body[_HEAD:], *(prios.uncover(radio.raw, body, key) for key in keys))):
        if (sum(plain) ^ body[_HEAD - 1]) & _CHECKED == 0 and _holds_volume(plain):
            frame.address, frame.mode = prios.swapped(radio), "prios"
            frame.proven = place == 1 and frame.key is not None
            return plain
    raise WrongKeyError("no key gives data records with the right sum")


def _by_default_key(frame: Frame) -> bytes | None:
    """Meters that were ordered without a key of their own use one that is public; None for all others."""
    if frame.transport.mode != CBC_IV:
        return None
    try:
        return transport.open_payload(frame.transport, frame.body, frame.address, frame.auth, DEFAULT_KEY)[0]
    except WrongKeyError:
        return None


def _holds_volume(plain: bytes) -> bool:
    try:
        found = records.parse(plain)
    except DomainError:
        return False
    return any(record.quantity == "volume" and record.storage == 0 for record in found)


_MAKERS = ("HYD", "DME", "EWT", "SPL", "SAP")
DRIVERS = (
    Driver("hydrus", tuple((maker, ANY, ANY) for maker in _MAKERS), opener=open_payload, identify=identify),
)
