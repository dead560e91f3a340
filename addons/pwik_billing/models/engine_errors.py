"""The engine's errors in words for a clerk, who is to know what to mend."""

from odoo.tools import format_date


def explain(env, error, contract, source):
    """Translated reason why a contract was not settled.

    :param error: ``DomainError``; what a later engine adds without a text here is shown in its own words
    :param source: the :class:`BillingSource` that the request came from
    """
    text = EXPLAIN.get(error.code, _as_is)(env, error, contract, source)
    return text or _as_is(env, error, contract, source)


def _as_is(env, error, contract, source):
    return f"{error.message} ({error.where})" if error.where else error.message


def _what(env, what):
    """Name of what is priced: a component, or ``subscription <kind> <cycle>``."""
    kind, *rest = str(what).split()
    components = dict(env["pwik.tariff.rate"]._fields["component"]._description_selection(env))
    text = components.get(kind, str(what))
    if kind == "subscription" and len(rest) == 2:
        kinds = dict(env["pwik.tariff.rate"]._fields["subscription_kind"]._description_selection(env))
        cycles = dict(env["pwik.tariff.rate"]._fields["billing_cycle"]._description_selection(env))
        text = f"{text} ({kinds.get(rest[0], rest[0])}, {cycles.get(rest[1], rest[1])})"
    return text


def _missing_rate(env, error, contract, source):
    params = error.params
    if "day" in params:
        return env._(
            "No tariff is in force on %(date)s for: %(what)s.",
            date=format_date(env, params["day"]),
            what=_what(env, params["what"]),
        )
    groups = contract.tariff_group_water_id | contract.tariff_group_sewage_id
    places = {term.municipality_id for term in source.points.get(contract.id, ())}
    return env._(
        "Tariff %(tariff)s has no rate for: %(what)s (tariff groups: %(groups)s; municipality: %(places)s).",
        tariff=params.get("tariff", ""),
        what=_what(env, params.get("what", "")),
        groups=", ".join(groups.mapped("name")) or "–",
        places=", ".join(env["pwik.municipality"].browse(places).mapped("name")) or "–",
    )


def _missing_reading(env, error, contract, source):
    params = error.params
    if params.get("what") == "persons":
        return env._(
            "The number of persons is not known for the whole period: complete the history of contract %s.",
            contract.number,
        )
    if "meter" not in params:
        if "point" in params:
            return env._("Point %s has no meter and no norm in this period.", params["point"])
        return None
    values = {"meter": params["meter"], "date": format_date(env, params["day"])}
    pending = _find_pending(source, contract, params["meter"])
    if pending:
        return env._(
            "Meter %(meter)s: the reading of %(date)s is not accepted yet.",
            meter=params["meter"],
            date=format_date(env, pending.date),
        )
    if params.get("what") == "opening":
        return env._("Meter %(meter)s has no opening reading of %(date)s.", **values)
    if source.estimate and _has_no_history(source, contract, params["meter"]):
        return env._(
            "Meter %(meter)s has no reading for %(date)s, and no period of this customer was read yet to estimate by.",
            **values,
        )
    return env._("Meter %(meter)s has no reading for %(date)s.", **values)


def _has_no_history(source, contract, serial):
    """Whether an estimate was asked for that has nothing to go by: a new customer's first period."""
    return any(
        meter.key == serial
        and meter.kind in ("main", "unit")
        and meter.stays(source.date_to)
        and (contract.id, term.id) not in source.last_settled
        for term in source.points[contract.id]
        for meter in term.meters
    )


def _find_pending(source, contract, serial):
    """A reading of the period that waits for a decision: the usual reason why one is missing."""
    meters = [m.meter_id for term in source.points[contract.id] for m in term.meters if m.key == serial]
    return source.env["pwik.reading"].search(
        [
            ("meter_id", "in", meters),
            ("state", "in", ("draft", "to_review")),
            ("date", ">=", source.date_from),
            ("date", "<=", source.date_to),
        ],
        order="moment desc",
        limit=1,
    )


def _implausible(env, error, contract, source):
    params = error.params
    if "previous" in params:
        return env._(
            "Meter %(meter)s went down from %(previous)s to %(current)s m³ (%(date)s).",
            meter=params["meter"],
            previous=params["previous"],
            current=params["current"],
            date=format_date(env, params["day"]),
        )
    if "units" in params:
        return env._(
            "The main meter of point %(point)s measured %(main)s m³, the units behind it %(units)s m³.",
            point=params["point"],
            main=params["main"],
            units=params["units"],
        )
    if "current" in params:
        return env._(
            "The register of meter %(meter)s cannot show %(current)s m³ (%(date)s): it has too few digits.",
            meter=params["meter"],
            current=params["current"],
            date=format_date(env, params["day"]),
        )
    return None


def _bad_request(env, error, contract, source):
    """What does not fit together; the engine's own words follow where only the path tells what it is."""
    params = error.params
    if "meter" in params and error.where.endswith(".date"):
        return env._(
            "Meter %(meter)s was not there on %(date)s, the day of one of its readings.",
            meter=params["meter"],
            date=format_date(env, params["day"]),
        )
    if "meter" in params and "day" in params:
        return env._(
            "Meter %(meter)s has two different readings of %(date)s: withdraw one of them.",
            meter=params["meter"],
            date=format_date(env, params["day"]),
        )
    if "date_from" in params:
        return env._(
            "The contract does not run between %(start)s and %(end)s.",
            start=format_date(env, params["date_from"]),
            end=format_date(env, params["date_to"]),
        )
    if error.where == "billed" and "document" in params and not params.get("tariff"):
        return env._("A part of this period is billed already: correct what was billed instead.")
    return env._("The data of the contract do not fit together: %s", _as_is(env, error, contract, source))


def _overlapping(env, error, contract, source):
    return env._(
        "Tariffs %(first)s and %(second)s are both in force on %(date)s.",
        first=error.params["first"],
        second=error.params["second"],
        date=format_date(env, error.params["day"]),
    )


EXPLAIN = {
    "missing_rate": _missing_rate,
    "missing_reading": _missing_reading,
    "implausible": _implausible,
    "overlapping_tariffs": _overlapping,
    "bad_request": _bad_request,
}
