"""What the generated tests share: hearing what a call writes, and filling in arguments by their names."""

import inspect
import re
from contextlib import contextmanager
from unittest.mock import patch

from odoo.sql_db import Cursor

_WRITE = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|COPY)\s+"?(\w+)"?', re.I)
#: Traces that the program leaves of any caller: the session, presence, the audit, counted tries, what a page is made of.
TRACES = re.compile(
    r"^(pwik_audit_event|pwik_ebok_attempt|res_device_log|bus_\w+|mail_presence|res_users_log|ir_cron_trigger|"
    r"ir_attachment_asset|base_registry_signaling|orm_signaling_\w+)$"
)


@contextmanager
def heard_writes():
    """Names of the tables to which is written meanwhile, traces apart: a list that fills itself."""
    tables = []
    execute = Cursor.execute

    def listen(cursor, query, params=None, log_exceptions=True):
        text = query.code if hasattr(query, "code") else str(query)
        found = _WRITE.match(text)
        if found and not TRACES.match(found[1]):
            tables.append(found[1])
        return execute(cursor, query, params, log_exceptions)

    with patch.object(Cursor, "execute", listen):
        yield tables


def fill(function, values, given=()):
    """Arguments of `function` by the names of its parameters.

    :param values: value by name
    :param given: names that the caller fills in otherwise
    :return: ``(arguments, names of required parameters for which there is no value)``
    """
    arguments, unknown = {}, []
    for name, parameter in inspect.signature(function).parameters.items():
        if name in ("self", *given) or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if name in values:
            arguments[name] = values[name]
        elif parameter.default is parameter.empty:
            unknown.append(name)
    return arguments, unknown
