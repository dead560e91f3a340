"""Transport layer of EN 13757-7 (7): headers, status byte, security modes 0, 5 and 7."""

from collections.abc import Mapping
from typing import NamedTuple

from .. import alarms
from ..errors import NoKeyError, TruncatedError, UnknownEncodingError, WrongKeyError
from . import security
from .address import Address
from .authentication import CMAC_TYPES, Authentication

LONG = frozenset((0x72, 0x6B, 0x73))
SHORT = frozenset((0x7A, 0x6A, 0x7B))
BARE = frozenset((0x78, 0x69, 0x79))
COMPACT = frozenset((0x79, 0x7B, 0x73))
FORMATS = frozenset((0x69, 0x6A, 0x6B))
OWN = range(0xA0, 0xB8)  # CI fields for the manufacturer's own use
CHECK = b"\x2f\x2f"
NONE, CBC_IV, CBC_DERIVED = 0, 5, 7

# Bits of the status byte that mean the same with every meter (EN 13757-7, table 6).
ANY_ALARM = 0x03
STATUS_ALARMS = {0x04: alarms.BATTERY_LOW, 0x08: alarms.DEVICE_ERROR, 0x10: alarms.DEVICE_ERROR}


class Transport(NamedTuple):
    """Header of the transport layer; ``address`` only with a long header; ``header``: its size with the CI."""

    ci: int
    address: Address | None
    access: int
    status: int
    config: int
    extension: int
    header: int

    @property
    def mode(self) -> int:
        return self.config >> 8 & 0x1F

    @property
    def blocks(self) -> int:
        return self.config >> 4 & 0x0F

    def left_over(self, size: int) -> int:
        """Bytes of a payload of ``size`` after the encrypted blocks; 0 when nothing is encrypted."""
        return size - self.blocks * security.KEY_SIZE if self.mode in (CBC_IV, CBC_DERIVED) else 0


def status_alarms(status: int, own: Mapping[int, str] | None = None) -> set[str]:
    """Alarms of a status byte: both low bits mean an alarm, the rest by the table above.

    ``own``: what the maker means by a bit, or by ANY_ALARM; a bit of its own explains the general alarm.
    """
    own = own or {}
    masks = {**STATUS_ALARMS, **own}
    found = {alarm for mask, alarm in masks.items() if mask != ANY_ALARM and status & mask}
    if status & ANY_ALARM == ANY_ALARM:
        if ANY_ALARM in own:
            found.add(own[ANY_ALARM])
        elif not any(status & mask for mask in own):
            found.add(alarms.DEVICE_ERROR)
    return found


def parse(body: bytes) -> Transport:
    """Read the header. Raises TruncatedError, UnknownEncodingError for a CI that carries no meter data."""
    ci = body[0]
    if ci in BARE or ci in OWN:
        return Transport(ci, None, 0, 0, 0, 0, 1)
    if ci in SHORT:
        address, start = None, 1
    elif ci in LONG:
        address, start = (Address.from_transport(body[1:9]) if len(body) >= 9 else None), 9
    else:
        raise UnknownEncodingError(f"CI {ci:02X}")
    if len(body) < start + 4:
        raise TruncatedError("the transport layer is cut")
    config = body[start + 2] | body[start + 3] << 8
    extended = config >> 8 & 0x1F == CBC_DERIVED
    if extended and len(body) < start + 5:
        raise TruncatedError("the transport layer is cut")
    extension = body[start + 4] if extended else 0
    return Transport(ci, address, body[start], body[start + 1], config, extension, start + 4 + extended)


def open_payload(
    layer: Transport, body: bytes, address: Address, auth: Authentication | None, key: bytes | None
) -> bytes:
    """Payload after the header, decrypted and checked.

    Raises NoKeyError, WrongKeyError, TruncatedError, UnknownEncodingError.
    """
    payload, mode = body[layer.header :], layer.mode
    if mode == NONE:
        return payload
    if mode not in (CBC_IV, CBC_DERIVED):
        raise UnknownEncodingError(f"security mode {mode}")
    size = _encrypted_size(layer, len(payload))
    if not size:
        return payload
    if key is not None:
        open_ = _open_cbc if mode == CBC_IV else _open_derived
        plain = open_(layer, payload[:size], body, address, auth, key)
        if plain is not None:
            return plain + payload[size:]
    if payload.startswith(CHECK):
        return payload  # opened already by whoever recorded it
    if key is None:
        raise NoKeyError()
    raise WrongKeyError("the decrypted payload does not begin with 2F2F")


def _encrypted_size(layer: Transport, available: int) -> int:
    size = layer.blocks * security.KEY_SIZE
    if layer.blocks == 0x0F and available > size:
        size = available // security.KEY_SIZE * security.KEY_SIZE
    if size > available:
        raise TruncatedError("fewer encrypted blocks than announced")
    return size


def _open_cbc(layer, data, body, address, auth, key) -> bytes | None:
    plain = security.cbc_decrypt(key, security.header_iv(address.raw, layer.access), data)
    return plain if plain.startswith(CHECK) else None


def _open_derived(layer, data, body, address, auth, key) -> bytes | None:
    """Mode 7: ephemeral keys from the message counter, the MAC of the AFL, initial vector 0 (OMS volume 2, 9.5)."""
    if auth is None or auth.counter is None:
        raise UnknownEncodingError("mode 7 without a message counter")
    meter = address.raw[2:6]
    if auth.mac and auth.control & 0x0F in CMAC_TYPES:
        mac_key = security.derive(key, security.AUTHENTICATION, auth.counter, meter)
        mac = security.cmac(mac_key, auth.signed + body)
        if mac[: len(auth.mac)] != auth.mac:
            return None
    cipher_key = security.derive(key, security.ENCRYPTION, auth.counter, meter)
    plain = security.cbc_decrypt(cipher_key, bytes(16), data)
    return plain if plain.startswith(CHECK) else None
