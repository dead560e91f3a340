"""Data records of EN 13757-3 (6.3): a head and its data, one record after another.

Where the heads stand repeats from telegram to telegram, and so does what follows from it: a payload whose heads are those of
one before is cut at the same places (``plans.py``). Records themselves are made when somebody asks for one.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ..errors import TruncatedError, UnknownEncodingError
from .heads import SPECIAL, Head, layout_heads, read_head, with_length
from .plans import Plans
from .readers import reader
from .roles import Place, Roles, find_roles

IDLE, VENDOR_DATA, VENDOR_DATA_MORE = 0x2F, 0x0F, 0x1F
_MOST_LAYOUTS = 4096


class Record(NamedTuple):
    """One data record. ``value``: Decimal in ``unit``, date, datetime, text, bytes or None (invalid)."""

    storage: int
    tariff: int
    subunit: int
    function: int
    quantity: str
    unit: str
    value: Any
    qualifiers: tuple[str, ...]
    head: bytes
    data: bytes


class Plan(NamedTuple):
    """How to read payloads whose heads stand where those of another did.

    ``places``: of the records; ``roles``: which of them mean what; ``vendor``: where the maker's own data begin, or None;
    ``heads``: in a row; ``ends_empty``: the last record is two bytes without data.
    """

    places: tuple[Place, ...]
    roles: Roles
    vendor: int | None
    heads: bytes
    ends_empty: bool

    @classmethod
    def of(cls, cuts: Iterable[tuple[Head, int, int]], size: int, vendor: int | None = None) -> "Plan":
        """:param cuts: for each record its head and where its data begin and end; ``size``: of the payload"""
        places = tuple(Place(head, reader(head, end - start), start, end) for head, start, end in cuts)
        last = places[-1] if places and vendor in (None, size) else None
        return cls(
            places,
            find_roles(places),
            vendor,
            b"".join(place.head.raw for place in places),
            last is not None and last.start == last.end and len(last.head.raw) == 2,
        )


class Records(Sequence[Record]):
    """The records of a payload, made when they are asked for; ``plan`` and ``data`` for who needs only some values."""

    __slots__ = ("_made", "data", "plan")

    def __init__(self, plan: Plan, data: bytes):
        self.plan, self.data = plan, data
        self._made: tuple[Record, ...] | None = None

    def _make(self) -> tuple[Record, ...]:
        if self._made is None:
            self._made = tuple(
                _record(place, self.data[place.start : place.end]) for place in self.plan.places
            )
        return self._made

    def __len__(self) -> int:
        return len(self.plan.places)

    def __getitem__(self, place):
        return self._make()[place]

    def __iter__(self) -> Iterator[Record]:
        return iter(self._make())

    def __eq__(self, other: object) -> bool:
        return self._make() == tuple(other) if isinstance(other, Records | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._make())

    def __repr__(self) -> str:
        return repr(self._make())

    def with_head(self, head: bytes) -> list[bytes]:
        """Data of the records that begin with these bytes."""
        if head not in self.plan.heads:
            return []
        return [self.data[place.start : place.end] for place in self.plan.places if place.head.raw == head]

    def as_sent(self) -> bytes:
        """Heads and data in a row, as a full frame without fillers has them."""
        data = self.data
        return b"".join(place.head.raw + data[place.start : place.end] for place in self.plan.places)

    @property
    def vendor(self) -> bytes:
        """The manufacturer's own data after DIF 0F or 1F."""
        return b"" if self.plan.vendor is None else self.data[self.plan.vendor :]


def _record(place: Place, raw: bytes) -> Record:
    head = place.head
    return Record(
        head.storage,
        head.tariff,
        head.subunit,
        head.function,
        head.meaning.quantity,
        head.meaning.unit,
        place.read(raw),
        head.qualifiers,
        head.raw,
        raw,
    )


_plans: Plans[Plan] = Plans()


def parse(data: bytes) -> Records:
    """Take the payload apart.

    Raises TruncatedError when a record is longer than what is left, UnknownEncodingError for reserved DIFs.
    """
    return Records(_plans.find(data) or _make_plan(data), data)


def _make_plan(data: bytes) -> Plan:
    """Look where the records stand, and remember it. Raises as ``parse``."""
    cuts: list[tuple[Head, int, int]] = []
    position, end, vendor = 0, len(data), None
    while position < end:
        first = data[position]
        if first & 0x0F == SPECIAL:
            if first == IDLE:
                position += 1
                continue
            if first in (VENDOR_DATA, VENDOR_DATA_MORE):
                vendor = position + 1
                break
            raise UnknownEncodingError(f"reserved DIF {first:02X}")
        head, position = read_head(data, position)
        width = head.width
        if width < 0:
            head, width, position = with_length(head, data, position)
        stop = position + width
        if stop > end:
            raise TruncatedError("a data record is longer than the telegram")
        cuts.append((head, position, stop))
        position = stop
    plan = Plan.of(cuts, end, vendor)
    free = [(start, stop) for _head, start, stop in cuts]
    _plans.learn(data, free if vendor is None else [*free, (vendor, end)], plan)
    return plan


_layout_plans: dict[bytes, tuple[Plan, int]] = {}


def parse_with_layout(layout: bytes, data: bytes) -> Records:
    """Records of a compact frame: heads from ``layout``, values from ``data`` (EN 13757-3, annex K).

    Raises TruncatedError where ``data`` are shorter or longer, UnknownEncodingError where their width is not fixed.
    """
    known = _layout_plans.get(layout)
    if known is None:
        if len(_layout_plans) >= _MOST_LAYOUTS:
            _layout_plans.clear()
        known = _layout_plans[layout] = _plan_layout(layout)
    plan, size = known
    if len(data) < size:
        raise TruncatedError("the compact frame is shorter than its layout")
    if data[size:].strip(b"\x2f"):
        raise TruncatedError("the compact frame is longer than its layout")
    return Records(plan, data)


def _plan_layout(layout: bytes) -> tuple[Plan, int]:
    """The plan, and the size of the data."""
    cuts, start = [], 0
    for head in layout_heads(layout):
        cuts.append((head, start, start + head.width))
        start += head.width
    return Plan.of(cuts, start), start
