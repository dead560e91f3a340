"""Strict JSON to values and back.

Numbers are strings in decimal notation (counts and whole m³ may be JSON integers), dates are ISO 8601 days, unknown or doubled
keys are refused, and every refusal names the path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TypeVar

from .components import PER_M3
from .document import METHODS, BilledDocument, Document, Line, ReadingPair, Settlement
from .errors import BadRequest, DomainError
from .periods import Period
from .request import (
    SOURCES,
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

_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOST = 10**15
_POLICY = ("quantity", "subscription_per", "subscription_time")
T = TypeVar("T")


# From JSON


def parse(text: str) -> object:
    """The JSON value of ``text``; BadRequest for what is no JSON, for doubled keys, NaN and Infinity."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"not JSON: {error}") from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise BadRequest(f"the key {next(key for key in keys if keys.count(key) > 1)!r} is given twice")
    return found


def _no_constant(name: str) -> object:
    raise BadRequest(f"{name} is no number")


def load_request(raw: object) -> Request:
    """The request of a parsed JSON object. BadRequest names the path of the first thing that does not fit."""
    body = _keys(
        raw,
        "",
        ("id", "period", "cycle", "vat_rate", "policy", "contract", "tariffs", "points"),
        ("billed", "correct"),
    )
    correct = body.get("correct")
    return Request(
        _text(body["id"], "id"),
        _period(body["period"], "period"),
        _text(body["cycle"], "cycle"),
        _decimal(body["vat_rate"], "vat_rate"),
        _contract(body["contract"], "contract"),
        _each(body["tariffs"], "tariffs", _tariff),
        _each(body["points"], "points", _point),
        _policy(body["policy"], "policy"),
        _each(body.get("billed", ()), "billed", load_billed),
        None if correct is None else _text(correct, "correct"),
    )


def _policy(raw: object, where: str) -> Policy:
    body = _keys(raw, where, _POLICY)
    return Policy(*(_text(body[key], f"{where}.{key}") for key in _POLICY))


def _contract(raw: object, where: str) -> ContractTerms:
    body = _keys(raw, where, ("start", "end", "services"))
    services = _each(body["services"], f"{where}.services", _text)
    if len(set(services)) != len(services):
        raise BadRequest("a service is given twice", f"{where}.services")
    start, end = _day(body["start"], f"{where}.start"), _day_or_none(body["end"], f"{where}.end")
    return ContractTerms(start, end, frozenset(services))


def _tariff(raw: object, where: str) -> TariffVersion:
    body = _keys(raw, where, ("id", "from", "to", "rates"))
    rates = _keys(body["rates"], f"{where}.rates", (), (*PER_M3, "subscription"))
    subscription = {
        rate: {
            cycle: _decimal(price, f"{where}.rates.subscription.{rate}.{cycle}")
            for cycle, price in _dict(prices, f"{where}.rates.subscription.{rate}").items()
        }
        for rate, prices in _dict(rates.get("subscription", {}), f"{where}.rates.subscription").items()
    }
    return TariffVersion(
        _text(body["id"], f"{where}.id"),
        _day(body["from"], f"{where}.from"),
        _day_or_none(body["to"], f"{where}.to"),
        {code: _decimal(rates[code], f"{where}.rates.{code}") for code in PER_M3 if code in rates},
        subscription,
    )


def _point(raw: object, where: str) -> Point:
    body = _keys(
        raw, where, ("id", "kind", "meters"), ("estimate", "broken", "lump_sum", "units_m3", "from", "to")
    )
    return Point(
        _text(body["id"], f"{where}.id"),
        _text(body["kind"], f"{where}.kind"),
        _each(body["meters"], f"{where}.meters", _meter),
        _optional(body, "estimate", where, _estimate),
        _optional(body, "broken", where, _broken),
        _optional(body, "lump_sum", where, _lump_sums),
        _optional(body, "units_m3", where, _decimals),
        _optional(body, "from", where, _day),
        _optional(body, "to", where, _day),
    )


def _meter(raw: object, where: str) -> Meter:
    body = _keys(raw, where, ("id", "purpose", "digits", "from", "to", "readings"))
    return Meter(
        _text(body["id"], f"{where}.id"),
        _text(body["purpose"], f"{where}.purpose"),
        _count(body["digits"], f"{where}.digits"),
        _day(body["from"], f"{where}.from"),
        _day_or_none(body["to"], f"{where}.to"),
        _each(body["readings"], f"{where}.readings", _reading),
    )


def _reading(raw: object, where: str) -> ReadingValue:
    body = _keys(raw, where, ("date", "value", "source"))
    return ReadingValue(
        _day(body["date"], f"{where}.date"),
        _decimal(body["value"], f"{where}.value"),
        _text(body["source"], f"{where}.source"),
    )


def _estimate(raw: object, where: str) -> Estimate:
    body = _keys(raw, where, ("to", "days", "m3"))
    return Estimate(
        _day(body["to"], f"{where}.to"),
        _count(body["days"], f"{where}.days"),
        _decimal(body["m3"], f"{where}.m3"),
    )


def _broken(raw: object, where: str) -> BrokenMeter:
    body = _keys(raw, where, ("months",), ("before", "year_before", "last_year"))
    return BrokenMeter(
        _decimal(body["months"], f"{where}.months"),
        _optional(body, "before", where, _decimals) or (),
        _optional(body, "year_before", where, _decimal),
        _optional(body, "last_year", where, _decimal),
    )


def _lump_sums(raw: object, where: str) -> tuple[LumpSum, ...]:
    """One object, or a list of them where persons came or went within the period."""
    if isinstance(raw, list) and raw:
        return tuple(_lump_sum(part, f"{where}[{index}]") for index, part in enumerate(raw))
    return (_lump_sum(raw, where),)


def _lump_sum(raw: object, where: str) -> LumpSum:
    body = _keys(raw, where, ("persons", "norm", "months"))
    return LumpSum(
        _count(body["persons"], f"{where}.persons"),
        _decimal(body["norm"], f"{where}.norm"),
        _decimal(body["months"], f"{where}.months"),
    )


def load_billed(raw: object, where: str = "billed") -> BilledDocument:
    """A document as ``dump_document`` writes it, with the ``id`` under which it was issued."""
    body = _keys(
        raw,
        where,
        ("id", "kind", "corrects", "period", "lines", "net", "vat", "gross"),
        ("estimated", "guessed", "vat_rate"),
    )
    corrects = body["corrects"]
    document = Document(
        _text(body["kind"], f"{where}.kind"),
        None if corrects is None else _text(corrects, f"{where}.corrects"),
        _period(body["period"], f"{where}.period"),
        _each(body["lines"], f"{where}.lines", _line),
        *(_decimal(body[key], f"{where}.{key}") for key in ("net", "vat", "gross")),
        _optional(body, "estimated", where, _texts) or (),
        _optional(body, "guessed", where, _guessed) or (),
        _optional(body, "vat_rate", where, _decimal),
    )
    return BilledDocument(_text(body["id"], f"{where}.id"), document)


def _guessed(raw: object, where: str) -> tuple[tuple[str, Decimal], ...]:
    return tuple(
        (point, _decimal(quantity, f"{where}.{point}")) for point, quantity in _dict(raw, where).items()
    )


_LINE = ("component", "point", "quantity", "price", "net")
_LINE_MORE = (
    "tariff", "rate", "from", "to", "days", "values", "method", "how", "rules", "flags", "before", "after",
)  # fmt: skip


def _line(raw: object, where: str) -> Line:
    body = _keys(raw, where, _LINE, _LINE_MORE)
    tariff, rate = _optional(body, "tariff", where, _text), _optional(body, "rate", where, _text)
    if (tariff is None) == (rate is None):
        raise BadRequest("a line has either a tariff or a rate", where)
    method = _optional(body, "method", where, _text)
    if method is not None and method not in METHODS:
        raise BadRequest(f"{method!r} is none of {', '.join(METHODS)}", f"{where}.method")
    return Line(
        _text(body["component"], f"{where}.component"),
        _text(body["point"], f"{where}.point"),
        tariff,
        rate,
        *(_decimal(body[key], f"{where}.{key}") for key in ("quantity", "price", "net")),
        _optional(body, "from", where, _day),
        _optional(body, "to", where, _day),
        _optional(body, "values", where, _pairs) or (),
        method,
        _optional(body, "how", where, _text) or "",
        _optional(body, "rules", where, _texts) or (),
        _optional(body, "flags", where, _texts) or (),
        _optional(body, "before", where, _decimal),
        _optional(body, "after", where, _decimal),
    )


def _pairs(raw: object, where: str) -> tuple[ReadingPair, ...]:
    return _each(raw, where, _pair)


def _pair(raw: object, where: str) -> ReadingPair:
    body = _keys(
        raw,
        where,
        ("meter", "purpose", "from", "to", "previous", "current", "quantity", "source", "opened", "rollover"),
    )
    if type(body["rollover"]) is not bool:
        raise BadRequest("rollover is true or false", f"{where}.rollover")
    source = _text(body["source"], f"{where}.source")
    if source not in SOURCES:
        raise BadRequest(f"{source!r} is none of {', '.join(SOURCES)}", f"{where}.source")
    return ReadingPair(
        _text(body["meter"], f"{where}.meter"),
        _text(body["purpose"], f"{where}.purpose"),
        _day(body["from"], f"{where}.from"),
        _day(body["to"], f"{where}.to"),
        *(_decimal(body[key], f"{where}.{key}") for key in ("previous", "current", "quantity")),
        source,
        _day(body["opened"], f"{where}.opened"),
        body["rollover"],
    )


# Single values


def _dict(raw: object, where: str) -> dict:
    if type(raw) is not dict:
        raise BadRequest(f"an object is wanted, not {_kind(raw)}", where)
    return raw


def _keys(raw: object, where: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict:
    body = _dict(raw, where)
    known = 0
    for key in required:
        if key not in body:
            raise BadRequest(f"{key} is missing", f"{where}.{key}" if where else key)
        known += 1
    for key in optional:
        if key in body:
            known += 1
    if known != len(body):
        key = next(key for key in body if key not in required and key not in optional)
        raise BadRequest(f"{key!r} is an unknown key", f"{where}.{key}" if where else key)
    return body


def _each(raw: object, where: str, load: Callable[[object, str], T]) -> tuple[T, ...]:
    if type(raw) not in (list, tuple):
        raise BadRequest(f"a list is wanted, not {_kind(raw)}", where)
    return tuple([load(item, f"{where}[{index}]") for index, item in enumerate(raw)])


def _optional(body: dict, key: str, where: str, load: Callable[[object, str], T]) -> T | None:
    raw = body.get(key)
    return None if raw is None else load(raw, f"{where}.{key}")


def _text(raw: object, where: str) -> str:
    if type(raw) is not str:
        raise BadRequest(f"a text is wanted, not {_kind(raw)}", where)
    return raw


def _texts(raw: object, where: str) -> tuple[str, ...]:
    return _each(raw, where, _text)


def _decimal(raw: object, where: str) -> Decimal:
    if type(raw) is str and _NUMBER.fullmatch(raw):
        return Decimal(raw)
    if type(raw) is int and -_MOST < raw < _MOST:
        return Decimal(raw)
    raise BadRequest(f"a number in decimal notation, as text, is wanted, not {_kind(raw)}", where)


def _decimals(raw: object, where: str) -> tuple[Decimal, ...]:
    return _each(raw, where, _decimal)


def _count(raw: object, where: str) -> int:
    if type(raw) is int and -_MOST < raw < _MOST:
        return raw
    if type(raw) is str and _COUNT.fullmatch(raw):
        return int(raw)
    raise BadRequest(f"a whole number is wanted, not {_kind(raw)}", where)


def _day(raw: object, where: str) -> date:
    if type(raw) is str and _DAY.fullmatch(raw):
        try:
            return date.fromisoformat(raw)
        except ValueError:
            pass
    raise BadRequest(f"a day as YYYY-MM-DD is wanted, not {_kind(raw)}", where)


def _day_or_none(raw: object, where: str) -> date | None:
    return None if raw is None else _day(raw, where)


def _period(raw: object, where: str) -> Period:
    body = _keys(raw, where, ("from", "to"))
    return Period(_day(body["from"], f"{where}.from"), _day(body["to"], f"{where}.to"))


def _kind(raw: object) -> str:
    if raw is None:
        return "null"
    text = repr(raw)
    return text if len(text) <= 40 else f"{text[:37]}..."


# To JSON


def dump_settlement(settlement: Settlement) -> dict[str, object]:
    """The answer to a request, ready for JSON."""
    return {"id": settlement.id, "documents": [dump_document(document) for document in settlement.documents]}


def dump_document(document: Document) -> dict[str, object]:
    """A document, ready for JSON; with its ``id`` added, ``load_billed`` takes it back."""
    found: dict[str, object] = {
        "kind": document.kind,
        "corrects": document.corrects,
        "period": {"from": document.period.date_from.isoformat(), "to": document.period.date_to.isoformat()},
        "lines": [dump_line(line) for line in document.lines],
        "net": _plain(document.net),
        "vat": _plain(document.vat),
        "gross": _plain(document.gross),
    }
    if document.estimated:
        found["estimated"] = list(document.estimated)
    if document.guessed:
        found["guessed"] = {point: _plain(quantity) for point, quantity in document.guessed}
    if document.vat_rate is not None:
        found["vat_rate"] = _plain(document.vat_rate)
    return found


def dump_line(line: Line) -> dict[str, object]:
    """A line, ready for JSON; what does not apply to it is left out."""
    found: dict[str, object] = {"component": line.component, "point": line.point}
    if line.tariff is not None:
        found["tariff"] = line.tariff
    if line.rate is not None:
        found["rate"] = line.rate
    found["quantity"] = _plain(line.quantity)
    found["price"] = _plain(line.price)
    found["net"] = _plain(line.net)
    if line.date_from is not None and line.date_to is not None:
        found["from"], found["to"] = line.date_from.isoformat(), line.date_to.isoformat()
        found["days"] = line.days
    if line.values:
        found["values"] = [_dump_pair(pair) for pair in line.values]
    if line.method is not None:
        found["method"] = line.method
    found["how"] = line.how
    found["rules"] = list(line.rules)
    if line.flags:
        found["flags"] = list(line.flags)
    if line.before is not None and line.after is not None:
        found["before"], found["after"] = _plain(line.before), _plain(line.after)
    return found


def _dump_pair(pair: ReadingPair) -> dict[str, object]:
    return {
        "meter": pair.meter,
        "purpose": pair.purpose,
        "from": pair.date_from.isoformat(),
        "to": pair.date_to.isoformat(),
        "previous": _plain(pair.previous),
        "current": _plain(pair.current),
        "quantity": _plain(pair.quantity),
        "source": pair.source,
        "opened": pair.opened.isoformat(),
        "rollover": pair.rollover,
    }


def _plain(value: Decimal) -> str:
    return format(value, "f")


def dump_error(error: DomainError, request_id: str | None) -> dict[str, object]:
    """The answer to a request that cannot be settled."""
    return {"id": request_id, "error": error.code, "message": error.message, "where": error.where}


def request_id(raw: object) -> str | None:
    """The id of a parsed request as far as it has one, for the answer to a bad one."""
    found = raw.get("id") if isinstance(raw, Mapping) else None
    return found if isinstance(found, str) else None
