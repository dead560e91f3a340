import psycopg2
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..tools import limits
from ..tools.packets import NoRoomError, StoreOutage, pass_on


@tagged("post_install", "-at_install")
class TestPassOn(TransactionCase):
    """What is the machine's trouble goes upwards; what is of one record is put down to it, whatever class it has."""

    def refuse(self, query):
        """:return: what the database says of a query"""
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.Error) as caught, self.env.cr.savepoint():
            self.env.cr.execute(query)
        return caught.exception

    def test_machine(self):
        self.env.cr.execute("SET LOCAL statement_timeout = '1ms'")
        slow = self.refuse("SELECT pg_sleep(1)")
        self.env.cr.execute("SET LOCAL statement_timeout = 0")
        for error in (
            slow,
            psycopg2.InterfaceError(),
            NoRoomError(),
            StoreOutage(),
            Exception(limits.MESSAGE),
        ):
            with self.subTest(type(error).__name__), self.assertRaises(type(error)) as caught:
                pass_on(error)
            self.assertIs(caught.exception, error)

    def test_record(self):
        """PostgreSQL refuses a value that is too long for an index by an error of operation."""
        self.env.cr.execute("CREATE TEMPORARY TABLE pwik_long (word text); CREATE INDEX ON pwik_long (word)")
        long = self.refuse(
            "INSERT INTO pwik_long SELECT string_agg(md5(n::text), '') FROM generate_series(1, 500) n"
        )
        self.assertIsInstance(long, psycopg2.OperationalError)
        for error in (long, ValueError(), OSError(), self.refuse("SELECT 1 / 0")):
            pass_on(error)
