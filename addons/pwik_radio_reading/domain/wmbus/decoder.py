"""From the bytes of a frame to a Telegram: the layers in their order."""

from datetime import datetime

from .. import alarms
from ..errors import (
    BadCrcError,
    BadLengthError,
    ImplausibleError,
    TelegramError,
    TruncatedError,
    UnknownEncodingError,
)
from . import authentication, extended, interpret, link, records, transport
from .address import Address
from .crc import crc16
from .driver import Driver, Frame, Values
from .layouts import Layouts
from .manufacturers import find
from .security import KEY_SIZE, check_key
from .telegram import Telegram

FORMAT_HEAD = 3  # length and signature in a format frame
COMPACT_HEAD = 4  # signature and checksum in a compact frame
_BUILT_IN = Layouts()
_MODES = tuple(str(mode) for mode in range(32))


def decode(
    telegram: bytes,
    key: bytes | None = None,
    *,
    received: datetime | None = None,
    layouts: Layouts | None = None,
) -> Telegram:
    """Decode one wM-Bus telegram (EN 13757-3, -4, -7; OMS volume 2; the makers' own encodings).

    ``telegram``: from the L field on, as frame A or B with checksums or without any; ``key``: 16 bytes of AES-128, or
    None; ``received``: when it was heard (aware, UTC), which encodings without check bytes are judged by; ``layouts``:
    the store that full frames teach and compact frames need.

    Raises a TelegramError: ``truncated``, ``bad_length``, ``bad_crc``, ``no_key``, ``wrong_key``, ``unknown_encoding``,
    ``implausible``; or BadKeyError (``bad_key``).
    """
    data = bytes(telegram)
    head = link.parse(data)
    check_key(key)
    try:
        return _decode(head, key, received, layouts)
    except TelegramError as error:
        if head.frame != "B":
            raise
        try:
            return _decode(link.parse_bare(data), key, received, layouts)
        except TelegramError:
            raise error from None


def _decode(
    head: link.Link, key: bytes | None, received: datetime | None, layouts: Layouts | None
) -> Telegram:
    frame = _frame(head, key, received)
    driver = find(frame)
    if transport.is_own(frame.transport.ci):
        if driver.own is None:
            raise UnknownEncodingError(f"CI {frame.transport.ci:02X} of {frame.address.manufacturer}")
        values = driver.own(frame)
    else:
        values = _standard(frame, driver, layouts)
    _check(values)
    return _result(frame, driver, values)


def address(telegram: bytes) -> Address:
    """Whose telegram it is, without a key: the meter's address as ``decode`` would report it.

    Raises the errors of the layers that are not encrypted.
    """
    head = link.parse(bytes(telegram))
    try:
        frame = _frame(head, None, None, peek=True)
    except (TruncatedError, UnknownEncodingError):
        if head.address is None:
            raise
        return head.address
    driver = find(frame)
    return driver.identify(frame) if driver.identify is not None else frame.address


def _frame(head: link.Link, key: bytes | None, received: datetime | None, peek: bool = False) -> Frame:
    """All layers below the payload. With ``peek`` an encrypted link layer ends the way: its address stands."""
    body, layer, auth, proven = head.body, None, None, False
    kind = extended.KINDS.get(body[0])
    if kind is not None:
        if peek and kind[1]:
            return _peeked(head, body)
        layer, body, proven = extended.parse(body, head.address, key)
    if body[0] == authentication.CI:
        auth, body = authentication.parse(body)
    above = transport.parse(body)
    who = above.address or (layer.address if layer else None) or head.address
    if who is None:
        raise UnknownEncodingError("a wired frame without the meter's address")
    mode = "ctr" if layer and layer.encryption else _MODES[above.mode]
    return Frame(head, who, above, body, key, received, layer, auth, mode, proven)


def _peeked(head: link.Link, body: bytes) -> Frame:
    with_address = extended.KINDS[body[0]][0]
    if len(body) < 11 and with_address:
        raise TruncatedError("the extended link layer is cut")
    who = Address.from_link(body[3:11]) if with_address else head.address
    if who is None:
        raise UnknownEncodingError("a wired frame without the meter's address")
    return Frame(head, who, transport.without_header(0x78), b"\x78", None, None)


def _standard(frame: Frame, driver: Driver, layouts: Layouts | None) -> Values:
    """Data records: full, or compact by a layout."""
    payload, sealed = open_payload(frame, driver)
    frame.proven = frame.proven or 0 < sealed >= len(payload) - link.CHECKSUM
    ci = frame.transport.ci
    own = driver.read(frame, payload) if driver.read is not None else None
    if own is not None:
        interpret.add_status(frame, driver, own)
        return own
    doubtful = is_doubtful(frame, payload)
    if doubtful and not driver.judges_tail:
        raise BadCrcError("two bytes after the encrypted blocks, but no checksum that fits")
    if ci in transport.FORMATS:
        _learn_format(payload, layouts)
        raise UnknownEncodingError("a format frame carries no values")
    if ci in transport.COMPACT:
        values = Values(records=_compact(payload, layouts or _BUILT_IN))
    else:
        found = _records(frame, payload)
        values = Values(records=found, vendor=found.vendor, doubtful=doubtful)
        if sealed and not frame.proven:
            frame.proven = not _says_in_clear(found.plan, sealed, driver)
        if layouts is not None and frame.extended is not None and ci in transport.BARE:
            layouts.learn(found.plan.heads)
    if not values.records and not values.vendor:
        raise UnknownEncodingError("no data records")
    interpret.interpret(frame, driver, values)
    if driver.refine is not None:
        driver.refine(frame, values)
    return values


def is_doubtful(frame: Frame, payload: bytes) -> bool:
    """Two bytes follow the encrypted blocks, as a frame B's checksum would, but they are none that fits."""
    layer = frame.transport
    return (
        len(payload) - layer.blocks * KEY_SIZE == link.CHECKSUM
        and layer.is_encrypted
        and frame.link.frame == "none"
    )


def _says_in_clear(plan: records.Plan, sealed: int, driver: Driver) -> bool:
    """Whether something that counts stands behind the ``sealed`` bytes, where anybody could have put it.

    Meters send their dates, versions and a maker's own bytes there, and nobody believes more of these than when it was.
    """
    roles = plan.roles
    if roles.profiles or plan.vendor is not None and driver.refine is not None:
        return True
    return any(
        role.end > sealed for role in (*roles.registers, *roles.backward, *roles.flags, *roles.serials)
    )


def open_payload(frame: Frame, driver: Driver) -> tuple[bytes, int]:
    """The payload, and of how many of its first bytes the meter's own key proves that the meter sent them."""
    if driver.opener is not None:
        opened = driver.opener(frame)
        if opened is not None:
            return opened, 0
    return transport.open_payload(frame.transport, frame.body, frame.address, frame.auth, frame.key)


def _records(frame: Frame, payload: bytes) -> records.Records:
    """Records of a full frame. In a frame without known checksums a bad end means that its checksums are damaged."""
    try:
        found = records.parse(payload)
    except TruncatedError as error:
        if frame.link.frame == "none" and frame.extended is None and _ends_in_checksum(payload):
            raise BadLengthError("two bytes are left after the last data record") from error
        raise
    if found.plan.ends_empty and frame.link.frame == "none" and frame.extended is None:
        # rather the checksum of a damaged frame B
        raise BadLengthError("the last data record holds nothing")
    return found


def _ends_in_checksum(payload: bytes) -> bool:
    try:
        records.parse(payload[:-2])
    except (TruncatedError, UnknownEncodingError):
        return False
    return True


def _compact(payload: bytes, layouts: Layouts) -> records.Records:
    """EN 13757-3, annex K: signature of the layout, checksum of the full frame's records, values."""
    if payload.startswith(transport.CHECK):
        payload = payload[len(transport.CHECK) :]
    if len(payload) < COMPACT_HEAD:
        raise TruncatedError("the compact frame is cut")
    number = int.from_bytes(payload[:2], "little")
    layout = layouts.get(number)
    if layout is None:
        raise UnknownEncodingError(f"no full frame with the layout {number:04X} was seen yet")
    found = records.parse_with_layout(layout, payload[COMPACT_HEAD:])
    if crc16(found.as_sent()) != int.from_bytes(payload[2:COMPACT_HEAD], "little"):
        raise BadCrcError("checksum of the compact frame")
    return found


def _learn_format(payload: bytes, layouts: Layouts | None) -> None:
    if layouts is not None and len(payload) > FORMAT_HEAD:
        layouts.learn(payload[FORMAT_HEAD:])


def _check(values: Values) -> None:
    total, target = values.total, values.target
    if total is None and target is None and not values.history:
        raise UnknownEncodingError("no register of a volume in it")
    if total is not None and not 0 <= total < interpret.MOST_M3:
        raise ImplausibleError(f"a register of {total} m³")
    if target is not None and not 0 <= target < interpret.MOST_M3:
        raise ImplausibleError(f"a register of {target} m³")


def _result(frame: Frame, driver: Driver, values: Values) -> Telegram:
    who, radio, layer = frame.address, frame.link.address or frame.address, frame.transport
    return Telegram(
        who.manufacturer,
        who.id,
        who.version,
        who.medium,
        values.total,
        values.target,
        values.target_date,
        values.time,
        alarms.ordered(values.alarms) if values.alarms else (),
        driver.name,
        tuple(values.history),
        values.records,
        layer.status,
        layer.access,
        frame.mode,
        radio.manufacturer,
        radio.id,
        frame.link.frame,
        frame.proven,
    )
