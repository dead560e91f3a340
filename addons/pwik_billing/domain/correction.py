"""What was issued before, and documents that change it by a difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from . import wording
from .document import CORRECTION, BilledDocument, Document, Line, ReadingPair
from .errors import BadRequest
from .money import ZERO, line_net
from .periods import Period
from .tariff import TariffBook, share_by_days

Key = tuple[str, str, str, Decimal]


@dataclass(frozen=True, slots=True)
class IssuedLine:
    """A line as it stands: ``quantity`` with all corrections so far, ``line`` as it was issued first."""

    line: Line
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class IssuedInvoice:
    """An invoice issued earlier together with its corrections."""

    id: str
    period: Period
    first: Document
    lines: tuple[IssuedLine, ...]
    corrections: tuple[Document, ...] = ()

    def quantity(self, component: str, point: str) -> Decimal:
        """What it bills of ``component`` at ``point``, m³ (or subscriptions)."""
        return sum((item.quantity for item in self.of(component, point)), ZERO)

    def vat_rate(self, today: Decimal) -> Decimal:
        """Percent that a correction of it bears: its own, for the tax point stays that of what is corrected (act on VAT,
        art. 19a(5)(4), 29a, 106j); ``today`` where the document does not tell.
        """
        return today if self.first.vat_rate is None else self.first.vat_rate

    def of(self, component: str, point: str) -> list[IssuedLine]:
        return [item for item in self.lines if item.line.component == component and item.line.point == point]

    def names(self, point: str) -> bool:
        """Whether a line, or an estimate of 0 m³, is of ``point``."""
        return point in self.first.estimated or any(line.point == point for line in self.first.lines)

    def is_settled(self, point: str) -> bool | None:
        """Whether its quantity of ``point`` is final; None where the document does not tell (only its bare sums are known)."""
        if point in self.first.estimated:
            return False
        methods = self.methods(point)
        if methods:
            return "estimate" not in methods
        return True if any(line.rules for line in self.first.lines) else None

    def methods(self, point: str) -> set[str]:
        """The methods by which volumes of ``point`` came about; empty where it bills none or does not say."""
        return {line.method for line in self.first.lines if line.point == point and line.method is not None}

    def estimated_until(self, point: str) -> date | None:
        """The last day that an estimate of ``point`` covers, where the lines say so.

        Of one that prices cut, the days of the last price have no line where no whole m³ fell to them:
        then the lines do not say.
        """
        lines = [line for line in self.first.lines if line.point == point and line.method == "estimate"]
        if any("price_change" in line.rules for line in lines):
            return None
        return max((line.date_to for line in lines if line.date_to is not None), default=None)

    def closings(self, point: str) -> dict[str, ReadingPair]:
        """The last pair of values of each meter of ``point`` by its id, as far as the lines that stand tell them."""
        found: dict[str, ReadingPair] = {}
        for document in (self.first, *self.corrections):
            lines = [line for line in document.lines if line.point == point]
            for pair in (pair for line in lines for pair in line.values):
                found.pop(pair.meter, None)
            for pair in (pair for line in lines if line.after != ZERO for pair in line.values):
                last = found.get(pair.meter)
                if last is None or last.date_to < pair.date_to:
                    found[pair.meter] = pair
        return found

    @property
    def points(self) -> set[str]:
        return {item.line.point for item in self.lines if item.quantity}


class Ledger:
    """All documents issued before, corrections folded into the invoices they correct."""

    __slots__ = ("_root", "invoices")

    def __init__(self, billed: Sequence[BilledDocument]) -> None:
        found = {item.id: item.document for item in billed}
        self._root: dict[str, str] = {}
        for index, item in enumerate(billed):
            self._root[item.id] = _root_of(item.id, found, index)
        folded: dict[str, dict[Key, IssuedLine]] = {}
        changes: dict[str, list[Document]] = {}
        for item in sorted(billed, key=lambda item: item.document.kind == CORRECTION):
            lines = folded.setdefault(self._root[item.id], {})
            if item.document.kind == CORRECTION:
                changes.setdefault(self._root[item.id], []).append(item.document)
            for line in item.document.lines:
                known = lines.get(line.key)
                if known is None:
                    lines[line.key] = IssuedLine(line, line.quantity)
                else:
                    lines[line.key] = IssuedLine(known.line, known.quantity + line.quantity)
        self.invoices = tuple(
            IssuedInvoice(
                root, found[root].period, found[root], tuple(lines.values()), tuple(changes.get(root, ()))
            )
            for root, lines in sorted(folded.items(), key=lambda pair: found[pair[0]].period.date_to)
        )

    def get(self, document_id: str) -> IssuedInvoice:
        """The invoice of that id, or the one that the correction of that id changed. BadRequest where there is none."""
        root = self._root.get(document_id)
        for invoice in self.invoices:
            if invoice.id == root:
                return invoice
        raise BadRequest(
            f"the document to correct, {document_id}, is not among the billed ones",
            "correct",
            document=document_id,
        )

    def before(self, day: date) -> tuple[IssuedInvoice, ...]:
        """The invoices of periods that ended before ``day`` and still bill something, oldest first."""
        return tuple(invoice for invoice in self.invoices if invoice.period.date_to < day and invoice.points)

    def meeting(self, period: Period) -> list[IssuedInvoice]:
        """The invoices that share days with ``period`` and still bill something."""
        return [invoice for invoice in self.invoices if invoice.period.meets(period) and invoice.points]

    def after(self, day: date) -> tuple[IssuedInvoice, ...]:
        """The invoices of periods that began after ``day`` and still bill something, oldest first."""
        return tuple(
            invoice for invoice in self.invoices if invoice.period.date_from > day and invoice.points
        )


def _root_of(document_id: str, found: dict[str, Document], index: int) -> str:
    seen = set()
    while found[document_id].corrects is not None:
        seen.add(document_id)
        document_id = found[document_id].corrects
        if document_id not in found or document_id in seen:
            raise BadRequest(
                f"the correction of {document_id} is given without the document itself",
                f"billed[{index}].corrects",
                document=document_id,
            )
    return document_id


@dataclass(frozen=True, slots=True)
class Overbilled:
    """m³ of ``component`` at ``point`` that estimates billed beyond what was used (``quantity`` > 0; ``how`` it is known)."""

    component: str
    point: str
    quantity: Decimal
    how: str


def difference(
    invoice: IssuedInvoice, others: Iterable[IssuedInvoice], wanted: Iterable[Line], vat_rate: Decimal
) -> Document | None:
    """The correction that brings ``invoice`` (and ``others`` of the same period) to the ``wanted`` lines.

    One line per line that changes, at that line's price, with the signed difference; None where nothing changes.
    ``vat_rate``: today's percent, for an invoice that does not tell its own.
    """
    elsewhere = [other for other in others if other.id != invoice.id]
    foreign = {point for other in elsewhere for point in other.points} - invoice.points
    right: dict[Key, Line] = {}
    for line in wanted:
        if line.point not in foreign:
            same = right.get(line.key)
            right[line.key] = line if same is None else replace(same, quantity=same.quantity + line.quantity)
    stands: dict[Key, IssuedLine] = {}
    for source in (invoice, *elsewhere):
        for item in source.lines:
            if item.line.point not in foreign:
                known = stands.get(item.line.key)
                amount = item.quantity + (known.quantity if known else ZERO)
                stands[item.line.key] = IssuedLine(known.line if known else item.line, amount)
    changed = []
    for key in (*stands, *(key for key in right if key not in stands)):
        before = stands[key].quantity if key in stands else ZERO
        after = right[key].quantity if key in right else ZERO
        if before != after:
            line = right.get(key) or stands[key].line
            changed.append(changed_line(line, before, after, line.how if key in right else ""))
    return Document.of(
        CORRECTION, invoice.period, _without_moves(changed), invoice.vat_rate(vat_rate), invoice.id
    )


def _without_moves(changed: list[Line]) -> list[Line]:
    """``changed`` without quantities that only move from a tariff to another of the same price: nobody owes a grosz more."""
    sums: dict[tuple[str, str, Decimal], Decimal] = {}
    for line in changed:
        place = (line.component, line.point, line.price)
        sums[place] = sums.get(place, ZERO) + line.quantity
    return [line for line in changed if sums[line.component, line.point, line.price]]


def changed_line(line: Line, before: Decimal, after: Decimal, why: str) -> Line:
    """``line`` as the line of a correction from ``before`` to ``after``."""
    unit = "" if line.tariff is None else " m³"
    return replace(
        line,
        quantity=after - before,
        net=line_net(after - before, line.price),
        how=wording.difference(before, after, unit, why),
        rules=(*line.rules, "correction"),
        before=before,
        after=after,
    )


def refunds(
    overbilled: Iterable[Overbilled],
    invoices: Sequence[IssuedInvoice],
    book: TariffBook,
    vat_rate: Decimal,
    quantum: Decimal,
) -> list[Document]:
    """The corrections of estimated ``invoices`` (oldest first) that take back what was billed too much.

    The last estimate gives first: what lies beyond the register is what was estimated last. Each invoice is shared anew
    between its prices, as if it had been issued with what remains of it.
    """
    changed: dict[str, list[Line]] = {}
    for excess in overbilled:
        left = excess.quantity
        for invoice in reversed(invoices):
            stands = invoice.quantity(excess.component, excess.point)
            back = min(left, stands)
            if back > 0:
                changed.setdefault(invoice.id, []).extend(
                    _lowered(invoice, excess, stands - back, book, quantum)
                )
                left -= back
    documents = []
    for invoice in invoices:
        lines = changed.get(invoice.id, [])
        order = [item.line.key for item in invoice.lines]
        lines.sort(key=lambda line: order.index(line.key))
        document = Document.of(CORRECTION, invoice.period, lines, invoice.vat_rate(vat_rate), invoice.id)
        if document is not None:
            documents.append(document)
    return documents


def _lowered(
    invoice: IssuedInvoice, excess: Overbilled, target: Decimal, book: TariffBook, quantum: Decimal
) -> list[Line]:
    items = [item for item in invoice.of(excess.component, excess.point) if item.quantity]
    if len(items) > 1:
        items.sort(key=lambda item: covered(item, invoice, book).date_from)
        days = [covered(item, invoice, book).days for item in items]
    else:
        days = [1]
    shares = share_by_days(target, days, quantum)
    return [
        changed_line(item.line, item.quantity, share, wording.undercut(excess.how))
        for item, share in zip(items, shares, strict=True)
        if item.quantity != share
    ]


def covered(item: IssuedLine, invoice: IssuedInvoice, book: TariffBook) -> Period:
    """The days for which a line's price counted: as the line says, else as the tariff of its id does."""
    line = item.line
    if line.date_from is not None and line.date_to is not None:
        return Period(line.date_from, line.date_to)
    tariff = book.get(line.tariff or "")
    found = None if tariff is None else invoice.period.cut(tariff.date_from, tariff.date_to)
    if found is None:
        raise BadRequest(
            f"document {invoice.id} does not say for which days the price of tariff {line.tariff} counted, "
            "and that tariff is not among the request's",
            "billed",
            document=invoice.id,
            tariff=line.tariff,
        )
    return found
