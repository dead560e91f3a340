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
FIRST_OWN, LAST_OWN = 0xA0, 0xB7  # CI fields for the manufacturer's own use
CHECK = b"\x2f\x2f"
NONE, CBC_IV, CBC_DERIVED = 0, 5, 7

# Bits of the status byte that mean the same with every meter (EN 13757-7, table 6).
ANY_ALARM = 0x03
STATUS_ALARMS = {0x04: alarms.BATTERY_LOW, 0x08: alarms.DEVICE_ERROR, 0x10: alarms.DEVICE_ERROR}


class Transport(NamedTuple):
    """Header of the transport layer.

    ``address``: only with a long header; ``config``: the configuration field, of which ``mode`` is the security mode and
    ``blocks`` the number of encrypted blocks; ``header``: size with the CI.
    """

    ci: int
    address: Address | None
    access: int
    status: int
    config: int
    mode: int
    blocks: int
    header: int

    @property
    def is_encrypted(self) -> bool:
        return self.mode == CBC_IV or self.mode == CBC_DERIVED


def status_alarms(status: int, own: Mapping[int, str]) -> set[str]:
    """Alarms of a status byte: both low bits mean an alarm, the rest by the table above.

    ``own``: what the maker means by a bit, or by ANY_ALARM; a bit of its own explains the general alarm.
    """
    masks = {**STATUS_ALARMS, **own}
    found = {alarm for mask, alarm in masks.items() if mask != ANY_ALARM and status & mask}
    if status & ANY_ALARM == ANY_ALARM:
        if ANY_ALARM in own:
            found.add(own[ANY_ALARM])
        elif not any(status & mask for mask in own):
            found.add(alarms.DEVICE_ERROR)
    return found


def is_own(ci: int) -> bool:
    """Whether what follows is the manufacturer's own encoding."""
    return FIRST_OWN <= ci <= LAST_OWN


def parse(body: bytes) -> Transport:
    """Read the header. Raises TruncatedError, UnknownEncodingError for a CI that carries no meter data."""
    ci = body[0]
    address, start = None, 1
    if ci not in SHORT:
        if ci in BARE or is_own(ci):
            return without_header(ci)
        if ci not in LONG:
            raise UnknownEncodingError(f"CI {ci:02X}")
        start = 9
        if len(body) >= start:
            address = Address.from_transport(body[1:9])
    header = start + 4
    if len(body) < header:
        raise TruncatedError("the transport layer is cut")
    access, status, low, high = body[start:header]
    mode = high & 0x1F
    if mode == CBC_DERIVED:
        header += 1  # for the configuration field's extension
        if len(body) < header:
            raise TruncatedError("the transport layer is cut")
    return Transport(ci, address, access, status, low | high << 8, mode, low >> 4, header)


def without_header(ci: int) -> Transport:
    """What there is of the layer where nothing but the CI field stands before the data."""
    return Transport(ci, None, 0, 0, 0, NONE, 0, 1)


def open_payload(
    layer: Transport, body: bytes, address: Address, auth: Authentication | None, key: bytes | None
) -> tuple[bytes, int]:
    """Payload after the header, decrypted and checked; and how many of its first bytes ``key`` proves to be the meter's.

    Raises NoKeyError, WrongKeyError, TruncatedError, UnknownEncodingError.
    """
    payload, mode = body[layer.header :], layer.mode
    if mode == NONE:
        return payload, 0
    if not layer.is_encrypted:
        raise UnknownEncodingError(f"security mode {mode}")
    size = _encrypted_size(layer.blocks, len(payload))
    if not size:
        return payload, 0
    if key is not None:
        data, proven = payload[:size], size
        if mode == CBC_IV:
            plain = security.cbc_decrypt(key, security.header_iv(address.raw, layer.access), data)
        else:
            plain = _open_derived(data, body, address, auth, key)
            if _has_mac(auth):  # which covers what is sent in clear behind the blocks, too
                proven = len(payload)
        if plain is not None and plain.startswith(CHECK):
            return plain + payload[size:], proven
    if payload.startswith(CHECK):
        return payload, 0  # opened already by whoever recorded it
    if key is None:
        raise NoKeyError()
    raise WrongKeyError("the decrypted payload does not begin with 2F2F")


def _encrypted_size(blocks: int, available: int) -> int:
    size = blocks * security.KEY_SIZE
    if blocks == 0x0F and available > size:
        size = available // security.KEY_SIZE * security.KEY_SIZE
    if size > available:
        raise TruncatedError("fewer encrypted blocks than announced")
    return size


def _has_mac(auth: Authentication | None) -> bool:
    return auth is not None and bool(auth.mac) and auth.control & 0x0F in CMAC_TYPES


def _open_derived(
    data: bytes, body: bytes, address: Address, auth: Authentication | None, key: bytes
) -> bytes | None:
    """Mode 7: ephemeral keys from the message counter, the MAC of the AFL, initial vector 0 (OMS volume 2, 9.5).

    None when the MAC does not fit. Raises UnknownEncodingError.
    """
    if auth is None or auth.counter is None:
        raise UnknownEncodingError("mode 7 without a message counter")
    meter = address.raw[2:6]
    if _has_mac(auth):
        mac_key = security.derive(key, security.AUTHENTICATION, auth.counter, meter)
        mac = security.cmac(mac_key, auth.signed + body)
        if mac[: len(auth.mac)] != auth.mac:
            return None
    cipher_key = security.derive(key, security.ENCRYPTION, auth.counter, meter)
    return security.cbc_decrypt(cipher_key, bytes(16), data)
