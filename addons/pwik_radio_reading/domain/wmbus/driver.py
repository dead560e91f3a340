"""What a file in ``manufacturers/`` provides: how one family of meters differs from plain OMS."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from .address import Address
from .authentication import Authentication
from .extended import Extended
from .link import Link
from .records import Records
from .transport import Transport

ANY = None


@dataclass(slots=True)
class Frame:
    """A telegram on its way through the layers. ``body``: from the CI of the transport layer on.

    ``proven``: the meter's own key opened it, so that nobody else made it.
    """

    link: Link
    address: Address
    transport: Transport
    body: bytes
    key: bytes | None
    received: datetime | None
    extended: Extended | None = None
    auth: Authentication | None = None
    mode: str = "0"
    proven: bool = False


@dataclass(slots=True)
class Values:
    """What was found so far; drivers change it in place. ``vendor``: the maker's own bytes after
    DIF 0F. ``doubtful``: two bytes are left that might be the checksum of a damaged frame B."""

    total: Decimal | None = None
    target: Decimal | None = None
    target_date: date | None = None
    time: datetime | None = None
    alarms: set[str] = field(default_factory=set)
    history: list[tuple[date, Decimal]] = field(default_factory=list)
    records: Records | tuple[()] = ()
    vendor: bytes = b""
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Driver:
    """One family of meters.

    ``meters``: (manufacturer, version or ANY, medium or ANY); the more exact entry wins.
    ``cis``: CI fields of the maker's own encoding that ``own`` reads; None for meters with data records.
    ``own(frame) -> Values``: reads the maker's own encoding; may set ``frame.address`` and ``frame.mode``.
    ``opener(frame) -> bytes | None``: decrypts a security mode of the maker's own; None when it is a standard one. It and
    ``own`` set ``frame.proven`` where the meter's own key fits.
    ``identify(frame) -> Address``: the meter's address where the frame holds it in another order.
    ``read(frame, payload) -> Values | None``: reads a decrypted payload that holds no data records; None when it does.
    ``refine(frame, values)``: corrects and completes what the data records gave.
    ``flags``: alarm of each bit of the error flags (FD17). ``status``: alarm of each bit of the status byte that the
    maker defines. ``judges_tail``: ``refine`` decides whether doubtful values are believed; else they are refused.
    """

    name: str
    meters: tuple[tuple[str, int | None, int | None], ...]
    cis: frozenset[int] | None = None
    own: Callable[[Frame], Values] | None = None
    opener: Callable[[Frame], bytes | None] | None = None
    identify: Callable[[Frame], Address] | None = None
    read: Callable[[Frame, bytes], Values | None] | None = None
    refine: Callable[[Frame, Values], None] | None = None
    flags: Mapping[int, str] | None = None
    status: Mapping[int, str] = field(default_factory=dict)
    judges_tail: bool = False


OMS = Driver("oms", ())  # of all meters that need none of their own
