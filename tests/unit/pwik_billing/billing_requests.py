"""Short ways to write settlement requests (as they come in by JSON) and to look at the answers."""

from __future__ import annotations

from decimal import Decimal

from pwik_billing.domain import settle
from pwik_billing.domain.wire import dump_document, load_request

SUBSCRIPTION = {
    "main": {"quarter": "24.12", "month": "11.59"},
    "unit": {"quarter": "5.33"},
    "deduction": {"quarter": "3.06", "month": "3.06"},
    "unmetered": {"quarter": "21.06"},
}
Q2_2025 = ("2025-04-01", "2025-06-30")
Q3 = ("2024-07-01", "2024-09-30")
Q4 = ("2024-10-01", "2024-12-31")
Q1_2025 = ("2025-01-01", "2025-03-31")


def tariff(id, start, end, water="4.76", sewage="8.78", subscription=None):
    rates = {"water": water, "sewage": sewage, "subscription": subscription or SUBSCRIPTION}
    return {"id": id, "from": start, "to": end, "rates": rates}


V1 = tariff("V1", "2024-05-03", "2025-05-02")
V2 = tariff("V2", "2025-05-03", "2026-05-02", "5.06", "9.14")


def meter(id, *readings, purpose="main", start="2020-01-01", end=None, digits=5):
    """``readings``: (day, value) or (day, value, source)."""
    return {
        "id": id,
        "purpose": purpose,
        "digits": digits,
        "from": start,
        "to": end,
        "readings": [
            {"date": day, "value": str(value), "source": source[0] if source else "manual"}
            for day, value, *source in readings
        ],
    }


def garden(*readings, **more):
    return meter(more.pop("id", "G1"), *readings, purpose="deduction", **more)


def point(*meters, id="P1", kind="main", **extra):
    return {"id": id, "kind": kind, "meters": list(meters), **extra}


def request(*points, period=Q3, tariffs=(V1, V2), policy=None, contract=None, **more):
    return {
        "id": "R",
        "period": {"from": period[0], "to": period[1]},
        "cycle": "quarter",
        "vat_rate": "8",
        "policy": {
            "quantity": "whole",
            "subscription_per": "point",
            "subscription_time": "period",
            **(policy or {}),
        },
        "contract": {"start": "2020-01-01", "end": None, "services": ["water", "sewage"], **(contract or {})},
        "tariffs": list(tariffs),
        "points": list(points),
        **more,
    }


def documents(body):
    """The documents that ``body`` gives, as JSON objects."""
    return [dump_document(document) for document in settle(load_request(body)).documents]


def issued(body, *ids):
    """The documents of ``body`` under ``ids``, ready for ``billed``."""
    found = documents(body)
    assert len(found) == len(ids), found
    return [{"id": id, **document} for id, document in zip(ids, found, strict=True)]


def trimmed(billed):
    """``billed`` with nothing but what a line must have."""
    keep = ("component", "point", "tariff", "rate", "quantity", "price", "net")
    return [
        {**document, "lines": [{k: v for k, v in line.items() if k in keep} for line in document["lines"]]}
        for document in billed
    ]


def rows(document, component=None):
    """(component, point, tariff or rate, quantity, net) of each line, or of one component without its name."""
    found = [
        (line["component"], line["point"], line.get("tariff") or line["rate"], line["quantity"], line["net"])
        for line in document["lines"]
    ]
    return found if component is None else [row[2:] for row in found if row[0] == component]


def m3(document, component="water"):
    return sum(Decimal(line["quantity"]) for line in document["lines"] if line["component"] == component)


def sums(document):
    return document["net"], document["vat"], document["gross"]


def line(document, component, number=0):
    return [found for found in document["lines"] if found["component"] == component][number]
