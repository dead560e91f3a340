"""What a request must hold before anything is computed from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from .components import SERVICES
from .document import CORRECTION, INVOICE
from .errors import BadRequest, Implausible
from .money import HUNDRED, ZERO
from .request import (
    CYCLES,
    POINT_KINDS,
    PURPOSES,
    QUANTITY_POLICIES,
    SOURCES,
    SUBSCRIPTION_PER,
    SUBSCRIPTION_RATES,
    SUBSCRIPTION_TIME,
    BilledDocument,
    Meter,
    Point,
    Request,
    TariffVersion,
)

MOST_DIGITS = 9
PRICE_DECIMALS = -2


def check(request: Request) -> None:
    """BadRequest or Implausible, with the path, for the first thing that cannot be right."""
    _ordered(request.period.date_from, request.period.date_to, "period")
    _one_of(request.cycle, CYCLES, "cycle")
    if not ZERO <= request.vat_rate <= HUNDRED:
        raise BadRequest(f"a VAT rate of {request.vat_rate} % is out of range", "vat_rate")
    _one_of(request.policy.quantity, QUANTITY_POLICIES, "policy.quantity")
    _one_of(request.policy.subscription_per, SUBSCRIPTION_PER, "policy.subscription_per")
    _one_of(request.policy.subscription_time, SUBSCRIPTION_TIME, "policy.subscription_time")
    _ordered(request.contract.date_from, request.contract.date_to, "contract", "start", "end")
    if not request.contract.services:
        raise BadRequest("the contract covers no service", "contract.services")
    for service in sorted(request.contract.services):
        _one_of(service, SERVICES, "contract.services")
    for index, tariff in enumerate(request.tariffs):
        _check_tariff(tariff, f"tariffs[{index}]")
    _unique((tariff.id for tariff in request.tariffs), "tariffs")
    if not request.points:
        raise BadRequest("there is no point to settle", "points")
    for index, point in enumerate(request.points):
        _check_point(point, f"points[{index}]", request)
    _unique((point.id for point in request.points), "points")
    _check_places(request.points)
    if request.billed:
        _check_billed(request.billed)


def _check_tariff(tariff: TariffVersion, where: str) -> None:
    _ordered(tariff.date_from, tariff.date_to, where)
    for component, price in tariff.prices.items():
        _check_price(price, f"{where}.rates.{component}")
    for rate, prices in tariff.subscription.items():
        _one_of(rate, SUBSCRIPTION_RATES, f"{where}.rates.subscription")
        for cycle, price in prices.items():
            _one_of(cycle, CYCLES, f"{where}.rates.subscription.{rate}")
            _check_price(price, f"{where}.rates.subscription.{rate}.{cycle}")


def _check_price(price: Decimal, where: str) -> None:
    """Prices have two decimals (tariff regulation, Dz.U. 2018 item 472)."""
    _not_negative(price, where)
    if price.as_tuple().exponent < PRICE_DECIMALS and price != round(price, -PRICE_DECIMALS):
        raise BadRequest(f"a price has two decimals, not {price}", where)


def _check_point(point: Point, where: str, request: Request) -> None:
    _one_of(point.kind, POINT_KINDS, f"{where}.kind")
    if point.date_from is not None:
        _ordered(point.date_from, point.date_to, where)
    given = [
        name for name in ("estimate", "broken", "lump_sum", "units_m3") if getattr(point, name) is not None
    ]
    if len(given) > 1:
        raise BadRequest(
            f"point {point.id} has {' and '.join(given)}, of which only one can apply", f"{where}.{given[1]}"
        )
    purposes = {meter.purpose for meter in point.meters}
    if {"main", "unit"} <= purposes:
        raise BadRequest(
            f"point {point.id} has main and unit meters: a unit is a point of its own or one of units_m3",
            f"{where}.meters",
        )
    for index, meter in enumerate(point.meters):
        _check_meter(meter, f"{where}.meters[{index}]")
    if point.estimate is not None:
        if point.estimate.days < 1:
            raise BadRequest("an estimate needs at least a day of use to go by", f"{where}.estimate.days")
        _not_negative(point.estimate.m3, f"{where}.estimate.m3")
        if not request.period.date_from <= point.estimate.date_to <= request.period.date_to:
            raise BadRequest(
                f"the estimate goes to {point.estimate.date_to}, which is outside the period",
                f"{where}.estimate.to",
            )
    if point.broken is not None:
        _check_broken(point, where)
    if point.lump_sum is not None:
        for norm in point.lump_sum:
            for name in ("persons", "norm", "months"):
                _not_negative(getattr(norm, name), f"{where}.lump_sum.{name}")
    for index, units in enumerate(point.units_m3 or ()):
        _not_negative(units, f"{where}.units_m3[{index}]")


def _check_broken(point: Point, where: str) -> None:
    broken = point.broken
    _not_negative(broken.months, f"{where}.broken.months")
    for index, month in enumerate(broken.before):
        _not_negative(month, f"{where}.broken.before[{index}]")
    for name in ("year_before", "last_year"):
        if getattr(broken, name) is not None:
            _not_negative(getattr(broken, name), f"{where}.broken.{name}")


def _check_meter(meter: Meter, where: str) -> None:
    _one_of(meter.purpose, PURPOSES, f"{where}.purpose")
    if not 1 <= meter.digits <= MOST_DIGITS:
        raise BadRequest(f"a register of {meter.digits} digits is out of range", f"{where}.digits")
    _ordered(meter.date_from, meter.date_to, where)
    limit = 10**meter.digits
    for index, reading in enumerate(meter.readings):
        if reading.source not in SOURCES:
            _one_of(reading.source, SOURCES, f"{where}.readings[{index}].source")
        if reading.value < 0:
            _not_negative(reading.value, f"{where}.readings[{index}].value")
        if reading.value >= limit:
            raise Implausible(
                f"the register of meter {meter.id} has {meter.digits} digits and cannot show {reading.value}",
                f"{where}.readings[{index}].value",
                meter=meter.id,
                current=reading.value,
                day=reading.date,
            )
        if reading.date < meter.date_from or (meter.date_to is not None and reading.date > meter.date_to):
            raise BadRequest(
                f"meter {meter.id} was not installed on {reading.date}, the day of one of its readings",
                f"{where}.readings[{index}].date",
                meter=meter.id,
                day=reading.date,
            )


def _check_places(points: Sequence[Point]) -> None:
    """A meter is at one place at a time; on the day of a move it may end here and begin there."""
    seen: dict[str, list[Meter]] = {}
    for place, point in enumerate(points):
        for index, meter in enumerate(point.meters):
            for other in seen.setdefault(meter.id, []):
                first, then = sorted((other, meter), key=lambda item: item.date_from)
                if first.date_to is None or first.date_to > then.date_from:
                    raise BadRequest(
                        f"meter {meter.id} is given twice for the same days",
                        f"points[{place}].meters[{index}].id",
                    )
            seen[meter.id].append(meter)


def _check_billed(billed: Sequence[BilledDocument]) -> None:
    _unique((item.id for item in billed), "billed")
    for index, item in enumerate(billed):
        document = item.document
        _one_of(document.kind, (INVOICE, CORRECTION), f"billed[{index}].kind")
        _ordered(document.period.date_from, document.period.date_to, f"billed[{index}].period")
        if (document.kind == CORRECTION) != (document.corrects is not None):
            raise BadRequest(
                "a correction names what it corrects, an invoice nothing", f"billed[{index}].corrects"
            )


def _ordered(
    first: date, last: date | None, where: str, first_name: str = "from", last_name: str = "to"
) -> None:
    if last is not None and last < first:
        raise BadRequest(f"{last_name} {last} lies before {first_name} {first}", f"{where}.{last_name}")


def _one_of(value: str, allowed: Iterable[str], where: str) -> None:
    if value not in allowed:
        raise BadRequest(f"{value!r} is none of {', '.join(allowed)}", where)


def _not_negative(value: Decimal | int, where: str) -> None:
    if value < 0:
        raise BadRequest(f"{value} is negative", where)


def _unique(ids: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for index, found in enumerate(ids):
        if found in seen:
            raise BadRequest(f"the id {found} is given twice", f"{where}[{index}].id")
        seen.add(found)
