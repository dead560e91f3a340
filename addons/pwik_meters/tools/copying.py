"""Rows into a table by PostgreSQL's COPY: several times as fast as INSERT, under the same constraints and foreign keys."""

import io
import json
from datetime import date, datetime
from decimal import Decimal

from psycopg2 import sql

# What COPY would take for something else, the backslash first; looked for one by one, which is a fraction of `str.translate`
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
NULL = "\\N"
# Types of which equal values have the same text, and those whose text has nothing that an array or COPY would mistake.
_SAME_TEXT = (int, str, bool, date, datetime, type(None))
_HARMLESS = (date, datetime)
_NUMBERS = {int, bool, float, Decimal}
_CHUNK = 1 << 16  # bytes that psycopg2 takes at a time


def _escape(text):
    for char, code in _ESCAPES:
        if char in text:
            text = text.replace(char, code)
    return text


def _encode(value):
    if value is None:
        return NULL
    if isinstance(value, str):
        return _escape(value)
    if isinstance(value, dict | list):
        return _escape(json.dumps(value))
    return str(value)


def _encode_column(values):
    """Texts of a column. What its values have in common is looked at once and not for each of them."""
    kinds = set(map(type, values))
    some = kinds - {type(None)}
    if some <= _NUMBERS or len(some) == 1 and some.issubset(_HARMLESS):
        return map(str, values) if some == kinds else [NULL if v is None else str(v) for v in values]
    if some == {str}:
        joined = "".join(values if some == kinds else filter(None, values))
        if not any(char in joined for char, _code in _ESCAPES):
            return values if some == kinds else [NULL if v is None else v for v in values]
    return map(_encode, values)


def _is_constant(values):
    """Whether all rows have the same: of a line of a dump half of the columns are alike in a whole packet."""
    first = values[0]
    return (
        type(first) in _SAME_TEXT and values.count(first) == len(values) and len(set(map(type, values))) == 1
    )


def copy_columns(cr, table, columns, count):
    """Append rows to a table that are given column by column.

    :param table: name of the table
    :param columns: ``{name: values}``: a list of ``count`` values, or one value that all rows have. A value is None, str,
        int, float, bool, Decimal, date, datetime (UTC, without a zone); a dict in a list is JSON
    :raises psycopg2.Error: whatever an INSERT would raise
    """
    if not count:
        return
    varying, constant = {}, {}
    for name, values in columns.items():
        if not isinstance(values, list):
            constant[name] = values
        elif _is_constant(values):
            constant[name] = values[0]
        else:
            varying[name] = values
    constant = {name: value for name, value in constant.items() if value is not None}
    if not varying:
        name, value = constant.popitem()
        varying[name] = [value] * count
    tail = "".join(f"\t{_encode(value)}" for value in constant.values()) + "\n"
    rows = map("\t".join, zip(*map(_encode_column, varying.values()), strict=True))
    _copy(cr, table, [*varying, *constant], tail.join(rows) + tail)


def _copy(cr, table, names, text):
    statement = sql.SQL("COPY {} ({}) FROM STDIN (ENCODING 'UTF8')").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    cr.copy_expert(statement, io.BytesIO(text.encode()), _CHUNK)


def update_columns(cr, table, types, ids, columns):
    """Write a value of its own into each row, all of them by one statement.

    :param table: name of the table
    :param types: ``{name: PostgreSQL's type}``
    :param ids: of the rows
    :param columns: ``{name: values}``, in the order of ``ids``; a value as in :func:`copy_columns`
    :raises psycopg2.Error: whatever an UPDATE would raise
    """
    if not ids:
        return
    names = list(columns)
    statement = sql.SQL(
        "UPDATE {table} AS t SET {sets} FROM unnest(%s::int[], {arrays}) AS v(id, {names}) WHERE t.id = v.id"
    ).format(
        table=sql.Identifier(table),
        sets=sql.SQL(", ").join(sql.SQL("{0} = v.{0}").format(sql.Identifier(name)) for name in names),
        arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(types[name])) for name in names),
        names=sql.SQL(", ").join(map(sql.Identifier, names)),
    )
    cr.execute(statement, [to_array(ids), *(to_array(columns[name]) for name in names)])


def to_array(values):
    """Values as the text of an array, to be cast in the statement (``ANY(%s::int[])``).

    PostgreSQL reads it several times as fast as the list of literals which psycopg2 makes of a Python list.

    :param values: iterable of int, or of str, date, datetime (UTC, without a zone), Decimal or None; a dict or a list in it
        is JSON
    """
    values = list(values)
    kinds = set(map(type, values))
    if kinds == {int}:
        return f"{{{','.join(map(str, values))}}}"
    if kinds == {str}:
        joined = '","'.join(values)
        if "\\" not in joined and joined.count('"') == 2 * len(values) - 2:
            return f'{{"{joined}"}}'
    elif len(kinds) == 1 and kinds.issubset(_HARMLESS):
        return '{"' + '","'.join(map(str, values)) + '"}'
    return f"{{{','.join(map(_quote, values))}}}"


def _quote(value):
    if value is None:
        return "NULL"
    text = json.dumps(value) if isinstance(value, dict | list) else str(value)
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def next_ids(cr, table, count):
    """``count`` new ids of a table, ascending."""
    # as a query of its own the sequence is looked up once, not for each number
    cr.execute(
        "SELECT nextval((SELECT pg_get_serial_sequence(%s, 'id')::regclass)) FROM generate_series(1, %s)",
        [table, count],
    )
    return [row[0] for row in cr.fetchall()]
