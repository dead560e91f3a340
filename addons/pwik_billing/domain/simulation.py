"""What a quantity of water would cost: the settlement engine on a meter that is made up for the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .document import Document
from .errors import BadRequest
from .money import QUANTA, ZERO, half_up
from .periods import Period, day_before
from .request import ContractTerms, Meter, Point, Policy, ReadingValue, Request, TariffVersion
from .settlement import settle

_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Question:
    """``m3`` of water used in ``period``, of which ``garden_m3`` do not reach the sewer (None: no additional meter)."""

    period: Period
    m3: Decimal
    garden_m3: Decimal | None = None
    services: frozenset[str] = frozenset({"water", "sewage"})
    cycle: str = "quarter"
    vat_rate: Decimal = Decimal(8)


def simulate(
    question: Question, tariffs: Sequence[TariffVersion], policy: Policy | None = None
) -> Document | None:
    """The invoice that ``question`` would give, or None where nothing would be charged. Errors as of ``settle``."""
    policy = policy or Policy()
    meters = [_meter("main", question.m3, question, policy)]
    if question.garden_m3 is not None:
        meters.append(_meter("deduction", question.garden_m3, question, policy))
    opening = day_before(question.period.date_from)
    request = Request(
        "simulation",
        question.period,
        question.cycle,
        question.vat_rate,
        ContractTerms(day_before(opening), None, question.services),
        tuple(tariffs),
        (Point("simulation", "main", tuple(meters)),),
        policy,
    )
    return next(iter(settle(request).documents), None)


def _meter(purpose: str, m3: Decimal, question: Question, policy: Policy) -> Meter:
    """A meter that goes from 0 to ``m3`` in the period."""
    if m3 < 0:
        raise BadRequest(f"a use of {m3} m³", purpose)
    opening = day_before(question.period.date_from)
    used = half_up(m3, QUANTA[policy.quantity])
    readings = (ReadingValue(opening, ZERO), ReadingValue(question.period.date_to, used))
    return Meter(purpose, purpose, _DIGITS, opening, None, readings)
