import os
import socket
import struct

from odoo import sql_db
from odoo.tests import TransactionCase, tagged

from ..tools.connections import borrow

TEXT = b"SWARNING\0C57P02\0Mterminating connection because of unexpected SIGQUIT signal\0\0"
#: The notice that PostgreSQL sends before it goes, in its own protocol: kind, length, fields.
LAST_WORDS = b"N" + struct.pack("!i", 4 + len(TEXT)) + TEXT


@tagged("post_install", "-at_install")
class TestConnections(TransactionCase):
    """A connection that PostgreSQL dropped without a word (a crash), lying idle in the pool of a process."""

    def setUp(self):
        super().setUp()
        _name, self.info = sql_db.connection_info_for(self.env.cr.dbname)
        self.pool = sql_db.ConnectionPool(8)
        self.addCleanup(self.pool.close_all)

    def leave_dropped(self, count):
        """So many idle connections whose server has crashed: a Unix socket with its last words in it, and closed."""
        idle = [self.pool.borrow(self.info) for _number in range(count)]
        for connection in idle:
            self.pool.give_back(connection)
            ours, server = socket.socketpair()
            with ours, server:
                server.sendall(LAST_WORDS)
                os.dup2(ours.fileno(), connection.fileno())

    def test_dropped_connections_are_passed_over(self):
        self.leave_dropped(3)
        connection = self.pool.borrow(self.info)
        with connection.cursor() as cr:
            cr.execute("SELECT 1")
            self.assertEqual(cr.fetchone(), (1,))

    def test_odoo_hands_the_error_to_whoever_asks(self):
        """Where this fails, Odoo passes over them itself: `tools/connections.py` can go."""
        self.leave_dropped(1)
        with self.assertRaisesRegex(Exception, "server closed the connection"):
            borrow(self.pool, self.info)
