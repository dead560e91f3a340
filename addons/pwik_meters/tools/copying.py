"""Rows into a table by PostgreSQL's COPY: several times as fast as INSERT, under the same constraints and foreign keys."""

import io
import json

from psycopg2 import sql

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _encode(value):
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, dict | list):
        return json.dumps(value).translate(_ESCAPES)
    return str(value)


def copy_rows(cr, table, columns, rows):
    """Append rows to a table.

    :param table: name of the table
    :param columns: names of the columns, in the order of each row's values
    :param rows: iterable of sequences of None, str, int, float, bool, Decimal, date, datetime (UTC, without a zone); a dict
        or a list becomes JSON
    :raises psycopg2.Error: whatever an INSERT would raise
    """
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join(map(_encode, row)) + "\n")
    buffer.seek(0)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    cr.copy_expert(statement, buffer)


def next_ids(cr, table, count):
    """``count`` new ids of a table, ascending."""
    cr.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
    return [row[0] for row in cr.fetchall()]
