"""Lines of a dump into the database and out of it, thousands at once.

Nothing depends on their fields and nobody follows them, so that neither the ORM's caches nor its messages are missed.
"""

from datetime import datetime
from typing import NamedTuple

from odoo.addons.pwik_meters.tools.copying import copy_columns, next_ids, to_array
from odoo.tools import SQL

LINES, WAITING = "pwik_radio_dump_line", "pwik_radio_dump_waiting"
# What is known of a line before it is decoded
KNOWN = (
    *("number", "raw", "telegram", "decoded", "received", "rssi"),
    *("ident", "manufacturer", "serial", "version", "medium"),
)
# What a line learns, with the type of the column
OUTCOME = {
    "state": "varchar",
    "reason": "varchar",
    "detail": "varchar",
    "module_id": "int",
    "meter_id": "int",
    "reading_id": "int",
    "driver": "varchar",
    "value": "numeric",
    "has_value": "bool",
    "value_moment": "timestamp",
    "alarms": "varchar",
}
TAKE = f"""
    SELECT id, {", ".join(KNOWN)}, FALSE FROM {WAITING}
     WHERE dump_id = %(dump)s AND ident BETWEEN %(first)s AND %(last)s
 UNION ALL
    SELECT id, {", ".join(KNOWN)}, TRUE FROM {LINES}
     WHERE dump_id = %(dump)s AND state = 'new' AND ident BETWEEN %(first)s AND %(last)s
  ORDER BY ident, number LIMIT %(limit)s
"""
UPDATE = f"""
    UPDATE {LINES} AS l
       SET {", ".join(f"{name} = v.{name}" for name in OUTCOME)}
      FROM unnest(%s::int[], {", ".join(f"%s::{kind}[]" for kind in OUTCOME.values())}) AS v(id, {", ".join(OUTCOME)})
     WHERE l.id = v.id
"""


class Line(NamedTuple):
    """A line to do, as a plain value: records would cost more to look at than telegrams to decode.

    ``is_kept``: it stands in its table already (and is run again); else it waits and has its id beforehand.
    """

    id: int
    number: int
    raw: str | None
    telegram: str | None
    decoded: dict | None
    received: datetime | None
    rssi: int | None
    ident: str | None
    manufacturer: str | None
    serial: str | None
    version: str | None
    medium: str | None
    is_kept: bool


def take(cr, dump_id, idents, limit):
    """The first ``limit`` lines to do of the overlays between two, by overlay and number.

    :param idents: the first and the last overlay's address
    """
    first, last = idents
    cr.execute(SQL(TAKE, dump=dump_id, first=first, last=last, limit=limit))
    return list(map(Line._make, cr.fetchall()))


def add(cr, dump, vals_list):
    """Lines as they come out of a file: those of an overlay wait, the others have their outcome.

    :param vals_list: dicts of the columns in KNOWN, and those in OUTCOME where there is no ``ident``
    """
    if not vals_list:
        return
    for vals, line_id in zip(vals_list, next_ids(cr, LINES, len(vals_list)), strict=True):
        vals["id"] = line_id
    waiting = [vals for vals in vals_list if vals.get("ident")]
    done = [vals for vals in vals_list if not vals.get("ident")]
    columns = {name: [vals.get(name) or None for vals in waiting] for name in ("id", *KNOWN)}
    copy_columns(cr, WAITING, {"dump_id": dump.id, **columns}, len(waiting))
    _insert(cr, dump, {name: [vals.get(name) for vals in done] for name in ("id", *KNOWN)}, done)


def keep(cr, dump, lines, outcomes):
    """Move lines that waited to their table, each with its outcome.

    :param lines: list of Line
    :param outcomes: ``{line id: {column in OUTCOME: value}}``
    """
    if not lines:
        return
    ids = [line.id for line in lines]
    cr.execute(SQL(f"DELETE FROM {WAITING} WHERE id = ANY(%s::int[])", to_array(ids)))
    known = dict(zip(Line._fields, map(list, zip(*lines, strict=True)), strict=True))
    del known["is_kept"]
    _insert(cr, dump, known, [outcomes[line_id] for line_id in ids])


def _insert(cr, dump, known, outcomes):
    """:param known: ``{column: list}`` of ``id`` and the columns in KNOWN"""
    known["rssi"] = [rssi or 0 for rssi in known["rssi"]]
    columns = {"dump_id": dump.id, "company_id": dump.company_id.id, **known}
    copy_columns(cr, LINES, columns | _get_outcome_columns(outcomes), len(outcomes))


def update(cr, outcomes):
    """Write outcomes on lines that stand in their table."""
    if outcomes:
        columns = _get_outcome_columns(outcomes.values())
        cr.execute(SQL(UPDATE, to_array(outcomes), *map(to_array, columns.values())))


def _get_outcome_columns(outcomes):
    """By column, with None where a line has nothing to say."""
    columns = {name: [outcome.get(name) for outcome in outcomes] for name in OUTCOME}
    for name in ("module_id", "meter_id"):
        columns[name] = [value or None for value in columns[name]]
    columns["has_value"] = list(map(bool, columns["has_value"]))
    return columns
