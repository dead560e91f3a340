"""Settlement of water and sewage: pure Python, no Odoo.

    from .domain import (Request, Period, Policy, ContractTerms, TariffVersion, Point, Meter, ReadingValue,
                         settle, DomainError)
    settlement = settle(Request(...))          # -> Settlement(id, documents)
    for document in settlement.documents:      # corrections first, the invoice last; () when there is nothing
        document.kind, document.corrects, document.period, document.net, document.vat, document.gross
        for line in document.lines:
            line.component                     # "water", "sewage", "subscription"
            line.point, line.tariff, line.rate # tariff: water, sewage; rate: subscription
            line.quantity, line.price, line.net, line.date_from, line.date_to, line.days, line.method
            line.values                        # ReadingPair: meter, previous, current, dates, source, ...
            line.how, line.rules, line.flags, line.before, line.after

Point takes at most one of Estimate, BrokenMeter, LumpSum and ``units_m3``. Earlier documents go back in as
``BilledDocument(id, Document)``; ``Request.correct`` names one of them, and then only its correction comes
out. A ``Document`` is kept as JSON by ``dump_document`` and read back by ``load_billed`` (which wants its
``id`` in it).

Errors: ``DomainError`` (``code``, ``message``, ``where``, ``params``) and below: BadRequest ``bad_request``,
MissingRate ``missing_rate``, MissingReading ``missing_reading``, OverlappingTariffs ``overlapping_tariffs``,
Implausible ``implausible``.

Beside it: ``AccountLayout.number(payer)`` and ``is_valid_account`` (individual accounts), ``interest`` with
``InterestRate`` (a table of rates), ``due_date``, ``simulate`` (what a quantity would cost).
"""

from .document import BilledDocument, Document, Line, ReadingPair, Settlement
from .errors import BadRequest, DomainError, Implausible, MissingRate, MissingReading, OverlappingTariffs
from .periods import Period
from .request import (
    BrokenMeter,
    ContractTerms,
    Estimate,
    LumpSum,
    Meter,
    Point,
    Policy,
    ReadingValue,
    Request,
    TariffVersion,
)
from .settlement import settle
from .wire import dump_document, load_billed

__all__ = [
    "BadRequest",
    "BilledDocument",
    "BrokenMeter",
    "ContractTerms",
    "Document",
    "DomainError",
    "Estimate",
    "Implausible",
    "Line",
    "LumpSum",
    "Meter",
    "MissingRate",
    "MissingReading",
    "OverlappingTariffs",
    "Period",
    "Point",
    "Policy",
    "ReadingPair",
    "ReadingValue",
    "Request",
    "Settlement",
    "TariffVersion",
    "dump_document",
    "load_billed",
    "settle",
]
