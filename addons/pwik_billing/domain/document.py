"""What the engine answers: documents with lines, each of which says how it came about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .money import vat_of
from .periods import Period

INVOICE = "invoice"
CORRECTION = "correction"
METHODS = ("reading", "estimate", "average", "lump_sum")


@dataclass(frozen=True, slots=True)
class ReadingPair:
    """What one meter measured between two register values (``quantity`` m³ by the quantity policy).

    ``date_from`` .. ``date_to``: the days measured; ``opened``: the day of the previous value.
    """

    meter: str
    purpose: str
    date_from: date
    date_to: date
    previous: Decimal
    current: Decimal
    quantity: Decimal
    source: str
    opened: date
    rollover: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document: one per point, component and tariff (subscription: per point and rate).

    ``quantity`` is m³ or the number of subscriptions; on a correction it is the signed difference, and
    ``before`` and ``after`` are what it lies between. ``how``: words for the invoice (Polish). ``rules``:
    codes of the rules that made it.
    """

    component: str
    point: str
    tariff: str | None
    rate: str | None
    quantity: Decimal
    price: Decimal
    net: Decimal
    date_from: date | None = None
    date_to: date | None = None
    values: tuple[ReadingPair, ...] = ()
    method: str | None = None
    how: str = ""
    rules: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    before: Decimal | None = None
    after: Decimal | None = None

    @property
    def days(self) -> int | None:
        """Days from ``date_from`` to ``date_to``, both included."""
        if self.date_from is None or self.date_to is None:
            return None
        return (self.date_to - self.date_from).days + 1

    @property
    def key(self) -> tuple[str, str, str, Decimal]:
        """What makes two lines of the documents of one period the same line."""
        return self.component, self.point, self.tariff or self.rate or "", self.price


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice or a correction (``corrects``: id of the invoice) with its sums in zł.

    ``estimated``: the points whose quantity (perhaps 0, and so without a line) rests on an estimate that a reading will settle.
    ``guessed``: (point, m³) that were estimated on top of what the registers showed.
    ``vat_rate``: percent that ``vat`` was taken at; None where a document given from outside does not say.
    """

    kind: str
    corrects: str | None
    period: Period
    lines: tuple[Line, ...]
    net: Decimal
    vat: Decimal
    gross: Decimal
    estimated: tuple[str, ...] = ()
    guessed: tuple[tuple[str, Decimal], ...] = ()
    vat_rate: Decimal | None = None

    @classmethod
    def of(
        cls,
        kind: str,
        period: Period,
        lines: Iterable[Line],
        vat_rate: Decimal,
        corrects: str | None = None,
        estimated: Iterable[str] = (),
        guessed: Iterable[tuple[str, Decimal]] = (),
    ) -> Document | None:
        """The document of ``lines`` with its sums, or None where there is no line."""
        kept = tuple(lines)
        if not kept:
            return None
        sums = vat_of((line.net for line in kept), vat_rate)
        return cls(kind, corrects, period, kept, *sums, tuple(estimated), tuple(guessed), vat_rate)


@dataclass(frozen=True, slots=True)
class BilledDocument:
    """A document issued earlier, with the ``id`` under which it was issued."""

    id: str
    document: Document


@dataclass(frozen=True, slots=True)
class Settlement:
    """The answer to a request: corrections first, the invoice last; empty when there is nothing to issue."""

    id: str
    documents: tuple[Document, ...]
