"""Databases by SQL, for a caller that has no PostgreSQL client: one request as JSON in, one answer as JSON out.

The connection comes from the PG* variables. A request is {"do": name, ...}; see the functions below.
"""

import contextlib
import json
import sys

import psycopg2
from psycopg2 import sql

STATE_KEY = "pwik.cli.state"


@contextlib.contextmanager
def cursor(database, autocommit=False):
    connection = psycopg2.connect(dbname=database, connect_timeout=10)
    connection.autocommit = autocommit
    try:
        with connection.cursor() as cr:
            yield cr
        connection.commit()
    finally:
        connection.close()


def databases():
    """Names of the databases that are there, templates apart."""
    with cursor("postgres") as cr:
        cr.execute("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY datname")
        return [name for (name,) in cr.fetchall()]


def version():
    with cursor("postgres") as cr:
        cr.execute("SELECT current_setting('server_version_num')::int / 10000")
        return cr.fetchone()[0]


def state(database):
    """What ./pwik noted in a database; None where it is no database of Odoo, {} where ./pwik has noted nothing."""
    with cursor(database) as cr:
        cr.execute("SELECT to_regclass('public.ir_config_parameter')")
        if cr.fetchone()[0] is None:
            return None
        cr.execute("SELECT value FROM ir_config_parameter WHERE key = %s", [STATE_KEY])
        row = cr.fetchone()
        return json.loads(row[0]) if row else {}


def set_state(database, value):
    with cursor(database) as cr:
        cr.execute("DELETE FROM ir_config_parameter WHERE key = %s", [STATE_KEY])
        cr.execute(
            "INSERT INTO ir_config_parameter (key, value, create_uid, create_date) VALUES (%s, %s, 1, now())",
            [STATE_KEY, json.dumps(value, sort_keys=True)],
        )


def _cut_off(cr, database):
    """End the programs on a database. PostgreSQL's own autovacuum is no business of ours, and gives way by itself."""
    cr.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        [database],
    )


def clone(source, target):
    with cursor("postgres", autocommit=True) as cr:
        _cut_off(cr, source)
        cr.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (target, source))))


def drop(database):
    with cursor("postgres", autocommit=True) as cr:
        _cut_off(cr, database)
        cr.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database)))


def rename(source, target):
    with cursor("postgres", autocommit=True) as cr:
        _cut_off(cr, source)
        cr.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (source, target))))


def country(database):
    """Code of the main company's country, to see whether `odoo db init` (which always ends well) has ended well."""
    with cursor(database) as cr:
        cr.execute(
            "SELECT country.code FROM res_company company JOIN res_partner partner ON partner.id = company.partner_id"
            " JOIN res_country country ON country.id = partner.country_id ORDER BY company.id LIMIT 1"
        )
        row = cr.fetchone()
        return row[0] if row else None


def modules(database):
    """Installed modules, each with whether its demo data were loaded."""
    with cursor(database) as cr:
        cr.execute("SELECT name, coalesce(demo, false) FROM ir_module_module WHERE state = 'installed'")
        return dict(cr.fetchall())


def logins(database):
    with cursor(database) as cr:
        cr.execute("SELECT login FROM res_users WHERE active")
        return [login for (login,) in cr.fetchall()]


def unsettled(database):
    """Modules that a broken-off installation has left between two states."""
    with cursor(database) as cr:
        cr.execute("SELECT name FROM ir_module_module WHERE state LIKE 'to %' ORDER BY name")
        return [name for (name,) in cr.fetchall()]


def set_demo(database, names, value):
    """Say of installed modules that their demo data are (not) loaded, without loading any."""
    with cursor(database) as cr:
        cr.execute(
            "UPDATE ir_module_module SET demo = %s WHERE state = 'installed' AND name = ANY(%s)",
            [value, names],
        )


ACTIONS = {
    f.__name__: f
    for f in (
        databases,
        version,
        state,
        set_state,
        clone,
        drop,
        rename,
        country,
        modules,
        logins,
        unsettled,
        set_demo,
    )
}


def main():
    request = json.load(sys.stdin)
    try:
        answer = {"ok": ACTIONS[request.pop("do")](**request)}
    except psycopg2.Error as error:
        answer = {"error": str(error).strip(), "code": error.pgcode}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
