"""The settlement of one contract for one period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from .checks import check
from .components import COMPONENTS
from .components.base import Case
from .consumption import MeterRules
from .correction import IssuedInvoice, Ledger, Overbilled, covered, difference, refunds
from .document import INVOICE, Document, Line, Settlement
from .errors import BadRequest
from .money import QUANTA
from .periods import Period
from .pricing import price
from .request import Request
from .tariff import TariffBook
from .volume import PointCase, Volume, is_settled_by


def settle(request: Request) -> Settlement:
    """What is to be issued for ``request``: corrections first, then the invoice; nothing where nothing is due.

    An estimate that a reading undercuts gives the correction of the estimated invoice and an invoice of what is left. With
    ``request.correct`` only corrections come out. Raises a ``DomainError`` that names what is missing or wrong; it never
    stands in with a zero.
    """
    check(request)
    book = TariffBook(request.tariffs)
    ledger = Ledger(request.billed)
    if request.correct is not None:
        return Settlement(request.id, tuple(_correct(request, book, ledger, request.correct)))
    period = _cut(request, request.period)
    _refuse_double(request, period, ledger)
    bill = _Bill(request, period, book, ledger.before(period.date_from))
    invoice = Document.of(
        INVOICE,
        period,
        bill.lines,
        request.vat_rate,
        estimated=bill.estimated,
        guessed=bill.guessed.items(),
    )
    return Settlement(request.id, (*bill.refunds, *([invoice] if invoice else [])))


@dataclass(frozen=True, slots=True)
class Standing:
    """What an ``invoice`` bills of ``points``, whose estimates were settled since."""

    invoice: IssuedInvoice
    points: frozenset[str]

    def volumes(self, charge: Volume, book: TariffBook) -> list[Volume]:
        """``charge``, an estimate, as it stands billed: a volume for the days of each line."""
        return [
            replace(
                charge,
                quantity=item.quantity,
                interval=covered(item, self.invoice, book),
                how=item.line.how,
                values=item.line.values,
                rules=tuple(rule for rule in item.line.rules if rule != "price_change"),
                known=None,
            )
            for item in self.invoice.of(charge.component, charge.point)
            if item.quantity
        ]


class _Bill:
    """The lines of one period, and the corrections of earlier estimates that it brings along."""

    def __init__(
        self,
        request: Request,
        period: Period,
        book: TariffBook,
        issued: tuple[IssuedInvoice, ...],
        standing: Standing | None = None,
    ) -> None:
        rules = MeterRules.of(request.policy)
        self._points = tuple(
            PointCase(point, f"points[{index}]", period, request.contract.date_from, rules, issued)
            for index, point in enumerate(request.points)
        )
        self._place = {point.id: index for index, point in enumerate(request.points)}
        self._book = book
        self._standing = standing
        self._quantum = QUANTA[request.policy.quantity]
        self._overbilled: list[Overbilled] = []
        self.estimated: list[str] = []
        self.guessed: dict[str, Decimal] = {}
        ranked: list[tuple[int, int, Line]] = []
        case = Case(request, period, book, self._points)
        for component in COMPONENTS:
            if component.applies(case):
                for charge in component.charges(case):
                    ranked.extend(
                        (self._place[line.point], component.rank, line) for line in self._lines(charge)
                    )
        ranked.sort(key=lambda item: item[:2])
        self.lines = [line for _place, _rank, line in ranked]
        self.refunds = self._refunds(request) if self._overbilled else []

    def _lines(self, charge: Volume | Line) -> Sequence[Line]:
        if isinstance(charge, Line):
            return [charge] if charge.quantity else []
        standing = self._standing
        if charge.method == "estimate" and standing is not None and charge.point in standing.points:
            volumes = standing.volumes(charge, self._book)
            return [line for volume in volumes for line in price(volume, self._book, self._quantum)]
        if charge.method == "estimate" and charge.point not in self.estimated:
            self.estimated.append(charge.point)
        if charge.guessed is not None:
            self.guessed.setdefault(charge.point, charge.guessed)
        if charge.quantity < 0:
            self._overbilled.append(Overbilled(charge.component, charge.point, -charge.quantity, charge.how))
            return []
        return price(charge, self._book, self._quantum)

    def _refunds(self, request: Request) -> list[Document]:
        found: dict[str, IssuedInvoice] = {}
        for point in self._points:
            if point.unsettled is not None:
                found.update((invoice.id, invoice) for invoice in point.unsettled.invoices)
        for excess in self._overbilled:
            if self._points[self._place[excess.point]].unsettled is None:
                raise BadRequest(
                    f"the reading of point {excess.point} lies below the estimate before it, but the document that billed "
                    "this estimate is not among the billed ones",
                    "billed",
                    point=excess.point,
                )
        invoices = sorted(found.values(), key=lambda invoice: invoice.period.date_to)
        return refunds(self._overbilled, invoices, self._book, request.vat_rate, self._quantum)


def _cut(request: Request, period: Period) -> Period:
    contract = request.contract
    cut = period.cut(contract.date_from, contract.date_to)
    if cut is None:
        raise BadRequest(
            f"the contract does not run between {period.date_from} and {period.date_to}",
            "contract",
            date_from=period.date_from,
            date_to=period.date_to,
        )
    return cut


def _refuse_double(request: Request, period: Period, ledger: Ledger) -> None:
    points = {point.id for point in request.points}
    for invoice in ledger.meeting(period):
        if invoice.points & points:
            raise BadRequest(
                f"document {invoice.id} bills {invoice.period.date_from} to {invoice.period.date_to} already: "
                "what was billed is corrected, not billed again",
                "billed",
                document=invoice.id,
            )


def _correct(request: Request, book: TariffBook, ledger: Ledger, document_id: str) -> list[Document]:
    """The corrections that bring the billed document to what today's values give.

    Where they undercut estimates that the document had settled, those are corrected too, first. An estimate of the document
    that a later one has settled is not made again: what stands of it is final, and only priced anew.
    """
    invoice = ledger.get(document_id)
    wide = request.period if request.period.holds(invoice.period) else invoice.period
    period = _cut(request, wide)
    later = ledger.after(invoice.period.date_to)
    final = {point.id for point in request.points if is_settled_by(later, point.id)}
    bill = _Bill(
        request, period, book, ledger.before(invoice.period.date_from), Standing(invoice, frozenset(final))
    )
    same_period = ledger.meeting(invoice.period)
    changed = difference(invoice, same_period, bill.lines, request.vat_rate)
    return [*bill.refunds, *([changed] if changed else [])]
