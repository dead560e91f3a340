"""A connection that PostgreSQL has dropped is not handed out again."""

import psycopg2
from odoo.sql_db import ConnectionPool

borrow = ConnectionPool.borrow


def borrow_living(pool, connection_info):
    """As Odoo's ``ConnectionPool.borrow``, after a crash of PostgreSQL too.

    Odoo tries a connection that lies idle before it hands it out, and passes over one that raises ``OperationalError``. One by
    a Unix socket whose server crashed raises plain ``DatabaseError`` there ("server closed the connection unexpectedly",
    psycopg2 2.9) and counts as open until it is tried again: each idle connection of each process gave somebody's page a 500,
    also long after the database was back (Odoo 19.0, ``sql_db.py``; seen by ``./pwik prove B6``).

    :raise psycopg2.Error: what a new connection comes to
    """
    for _try in range(2 * len(pool._connections)):
        try:
            return borrow(pool, connection_info)
        except psycopg2.OperationalError:
            raise
        except psycopg2.DatabaseError:
            continue
    return borrow(pool, connection_info)


def pass_over_dropped():
    """Called once a process, when the addon is loaded."""
    ConnectionPool.borrow = borrow_living
