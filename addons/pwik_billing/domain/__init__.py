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

Point takes at most one of Estimate, BrokenMeter, LumpSums (``by_month`` makes them of a history of Occupancy) and
``units_m3``. Earlier documents go back in as
``BilledDocument(id, Document)``; ``Request.correct`` names one of them, and then only its correction comes
out. A ``Document`` is kept as JSON by ``dump_document`` and read back by ``load_billed`` (which wants its
``id`` in it).

Errors: ``DomainError`` (``code``, ``message``, ``where``, ``params``) and below: BadRequest ``bad_request``,
MissingRate ``missing_rate``, MissingReading ``missing_reading``, OverlappingTariffs ``overlapping_tariffs``,
Implausible ``implausible``.

Beside it: ``AccountLayout.number(payer)`` and ``is_valid_account`` (individual accounts), ``interest_on`` and
``interest_on_debt`` (paid in parts) with ``InterestRate`` (a table of rates), ``due_date``, ``end_of_term`` and ``late_before``
(terms that end on a day off), ``next_step`` (reminders), ``cutoff`` (conditions of cutting off),
``simulate(Question(...), tariffs)`` (what a quantity would cost).
"""

from . import cutoff
from .account_number import AccountLayout, is_valid_account
from .document import INVOICE, BilledDocument, Document, Line, ReadingPair, Settlement
from .due import due_date
from .dunning import LeftOut, Level, Listed, OpenItem, Reminder, next_step
from .errors import BadRequest, DomainError, Implausible, MissingRate, MissingReading, OverlappingTariffs
from .estimation import average_in_words
from .interest import Interest, InterestRate, Paid, interest_on, interest_on_debt
from .money import QUANTA
from .occupancy import Occupancy, by_month
from .past_use import Used, add_months, months_before, used_between
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
from .simulation import Question, simulate
from .terms import end_of_term, late_before, moved_terms
from .wire import dump_document, load_billed

__all__ = [
    "INVOICE",
    "AccountLayout",
    "BadRequest",
    "BilledDocument",
    "BrokenMeter",
    "ContractTerms",
    "Document",
    "DomainError",
    "Estimate",
    "Implausible",
    "Interest",
    "InterestRate",
    "LeftOut",
    "Level",
    "Line",
    "Listed",
    "LumpSum",
    "Meter",
    "MissingRate",
    "MissingReading",
    "Occupancy",
    "OpenItem",
    "OverlappingTariffs",
    "Paid",
    "Period",
    "Point",
    "Policy",
    "QUANTA",
    "Question",
    "ReadingPair",
    "ReadingValue",
    "Reminder",
    "Request",
    "Settlement",
    "TariffVersion",
    "Used",
    "add_months",
    "average_in_words",
    "by_month",
    "cutoff",
    "due_date",
    "dump_document",
    "end_of_term",
    "interest_on",
    "interest_on_debt",
    "is_valid_account",
    "late_before",
    "load_billed",
    "moved_terms",
    "next_step",
    "months_before",
    "settle",
    "simulate",
    "used_between",
]
