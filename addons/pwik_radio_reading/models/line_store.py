"""Lines of a dump into the database and out of it, thousands at once.

Nothing depends on their fields and nobody follows them, so that neither the ORM's caches nor its messages are missed.
"""

import json
from collections import defaultdict
from datetime import datetime
from hashlib import md5
from itertools import accumulate, repeat
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

from odoo.addons.pwik_meters.tools.copying import copy_columns, next_ids, to_array
from odoo.addons.pwik_meters.tools.reference import lock
from odoo.tools import SQL

LINES, WAITING = "pwik_radio_dump_line", "pwik_radio_dump_waiting"
# Overlays are shared out by the first byte of a digest of their address: as Python and as PostgreSQL work it out
BUCKET = "get_byte(decode(md5(ident), 'hex'), 0)"
# Whose telegram it is, as it was sent; what an export does not say is None
ADDRESS = ("ident", "manufacturer", "serial", "version", "medium")
# What is known of a line before it is decoded
KNOWN = ("number", "raw", "telegram", "decoded", "received", "rssi", *ADDRESS)
_RECEIVED, _IDENT = KNOWN.index("received"), KNOWN.index("ident")
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
# An outcome that says nothing: every outcome holds all of these
NOTHING = MappingProxyType(dict.fromkeys(OUTCOME))
_get_values = itemgetter(*OUTCOME)
COUNT = f"""
    SELECT bucket, sum(lines)::int FROM (
        SELECT bucket, line_count AS lines FROM {WAITING} WHERE dump_id = %(dump)s
     UNION ALL
        SELECT {BUCKET}, 1 FROM {LINES} WHERE dump_id = %(dump)s AND state = 'new' AND ident IS NOT NULL) to_do
  GROUP BY bucket ORDER BY bucket
"""
TAKE_KEPT = f"""
    SELECT id, {", ".join(KNOWN).replace("decoded", "decoded::text")} FROM {LINES}
     WHERE dump_id = %(dump)s AND state = 'new' AND {BUCKET} BETWEEN %(first)s AND %(last)s
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

    ``decoded``: JSON. ``is_kept``: it stands in its table already (and is run again); else it waited and has its id beforehand.
    """

    id: int
    number: int
    raw: str | None
    telegram: str | None
    decoded: str | None
    received: datetime | None
    rssi: int | None
    ident: str | None
    manufacturer: str | None
    serial: str | None
    version: str | None
    medium: str | None
    is_kept: bool


def get_bucket(ident):
    """Number of the bucket, 0 to 255, in which the lines of an overlay wait."""
    return md5(ident.encode(), usedforsecurity=False).digest()[0]


def get_address(sender):
    """The values of ADDRESS.

    :param sender: has ``manufacturer``, ``id``, ``version`` and ``medium`` (codes or None)
    """
    maker, serial = sender.manufacturer or None, sender.id.upper().zfill(8)
    version = None if sender.version is None else f"{sender.version:02X}"
    medium = None if sender.medium is None else f"{sender.medium:02X}"
    return f"{maker or '?'} {serial} {version or '?'} {medium or '?'}", maker, serial, version, medium


def fits(sender, overlay):
    """Whether a telegram may be of an overlay: what either of their addresses does not say fits all.

    :param sender, overlay: have ``manufacturer``, ``version`` and ``medium``; the serial is the same
    """
    for told, own in (
        (sender.manufacturer, overlay.manufacturer),
        (sender.version, overlay.version),
        (sender.medium, overlay.medium),
    ):
        if told and own and told != own:
            return False
    return True


def add(cr, dump, waiting, done):
    """Lines as they come out of a file: those of an overlay wait, the others have their outcome.

    :param waiting: list of lists, as KNOWN has them; ``received`` is text in ISO form (UTC), ``decoded`` is JSON
    :param done: list of ``(such a list, {column in OUTCOME: value})``
    """
    buckets = defaultdict(list)
    for row in waiting:
        buckets[get_bucket(row[_IDENT])].append(row)
    shares = sorted(buckets.items())
    columns = {
        "dump_id": dump.id,
        "bucket": [bucket for bucket, _rows in shares],
        "line_count": [len(rows) for _bucket, rows in shares],
        "lines": [json.dumps(rows, ensure_ascii=False, separators=(",", ":")) for _bucket, rows in shares],
    }
    copy_columns(cr, WAITING, columns, len(shares))
    if done:
        rows, outcomes = zip(*done, strict=True)
        known = dict(zip(KNOWN, map(list, zip(*rows, strict=True)), strict=True))
        _insert(
            cr, dump, {"id": next_ids(cr, LINES, len(done)), **known}, [NOTHING | vals for vals in outcomes]
        )


def count(cr, dump_id):
    """How many lines there are to do: ``{bucket: lines}``, in the order of the buckets."""
    cr.execute(SQL(COUNT, dump=dump_id))
    return dict(cr.fetchall())


def take(cr, dump_id, buckets, limit):
    """Lines to do of the overlays in some buckets; those that waited wait no longer, so they have to be kept.

    All lines of a bucket come together, unless it alone has more than ``limit``.

    :param buckets: the first and the last
    :return: ``(list of Line, whether no others are left)``
    """
    first, last = buckets
    lines, is_all = _take_waiting(cr, dump_id, first, last, limit)
    if not is_all:
        return lines, False
    cr.execute(SQL(TAKE_KEPT, dump=dump_id, first=first, last=last, limit=limit))
    kept = [Line(*row, True) for row in cr.fetchall()]
    if len(kept) < limit:
        return lines + kept, True
    cut = kept[-1].ident
    if kept[0].ident != cut:
        kept = [line for line in kept if line.ident != cut]
    return lines + kept, False


def _take_waiting(cr, dump_id, first, last, limit):
    cr.execute(
        SQL(
            f"SELECT id, bucket, line_count FROM {WAITING} WHERE dump_id = %s AND bucket BETWEEN %s AND %s"
            " ORDER BY bucket, id",
            dump_id,
            first,
            last,
        )
    )
    rows = cr.fetchall()
    taken = [
        row for row, so_far in zip(rows, accumulate(row[2] for row in rows), strict=True) if so_far <= limit
    ]
    if len(taken) < len(rows):
        cut = rows[len(taken)][1]
        # somebody's joke: an overlay with more lines than a packet may have
        taken = [row for row in taken if row[1] != cut] or taken or rows[:1]
    if not taken:
        return [], True
    ids = to_array(row[0] for row in taken)
    cr.execute(SQL(f"DELETE FROM {WAITING} WHERE id = ANY(%s::int[]) RETURNING bucket, id, lines", ids))
    found = [line for _bucket, _id, lines in sorted(cr.fetchall()) for line in json.loads(lines)]
    columns = list(zip(*found, strict=True)) or [()] * len(KNOWN)
    columns[_RECEIVED] = [text and datetime.fromisoformat(text) for text in columns[_RECEIVED]]
    lines = list(map(Line, next_ids(cr, LINES, len(found)), *columns, repeat(False)))
    return lines, len(taken) == len(rows)


def keep(cr, dump, lines, outcomes):
    """Put lines that waited into their table, each with its outcome.

    :param lines: list of Line
    :param outcomes: ``{line id: {column in OUTCOME: value}}``, with all the columns
    """
    if not lines:
        return
    known = dict(zip(Line._fields, map(list, zip(*lines, strict=True)), strict=True))
    del known["is_kept"]
    _insert(cr, dump, known, [outcomes[line.id] for line in lines])


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
    """Outcomes by column."""
    columns = dict(zip(OUTCOME, map(list, zip(*map(_get_values, outcomes), strict=True)), strict=True))
    for name in ("module_id", "meter_id"):
        columns[name] = [value or None for value in columns[name]]
    columns["has_value"] = list(map(bool, columns["has_value"]))
    return columns


def lock_pointed(cr, dump_id, outcomes, updated=frozenset()):
    """Keep what these lines point to from being deleted until the transaction ends; there is no foreign key that would.

    Readings are not locked: those of a packet are its own, and one that was there before is validated, which nobody deletes.
    What counts with its reading is locked by that one's foreign key.

    :param outcomes: iterable of ``{column in OUTCOME: value}``
    :param updated: ids of overlays that this transaction has written, and so locked
    """
    modules, meters = set(), set()
    for outcome in outcomes:
        if (module := outcome.get("module_id")) and module not in updated:
            modules.add(module)
        if (meter := outcome.get("meter_id")) and outcome.get("state") not in ("done", "review"):
            meters.add(meter)
    for table, ids in (
        ("pwik_radio_dump", {dump_id}),
        ("pwik_radio_module", modules),
        ("pwik_meter", meters),
    ):
        if ids:
            lock(cr, table, ids)
