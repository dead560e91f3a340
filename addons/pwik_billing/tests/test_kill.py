import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
from itertools import pairwise

from odoo.sql_db import close_db, db_connect
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL, config

from .kill_server import PACKET

SERVER = pathlib.Path(__file__).with_name("kill_server.py")
CONTRACTS = 12
PACKETS = CONTRACTS // PACKET
#: How many runs are killed; PWIK_KILLS=30 for more of them. `./pwik prove B4` kills whole servers.
ROUNDS = int(os.environ.get("PWIK_KILLS", "5"))
OPTIONS = ("db_host", "db_port", "db_user", "db_password", "db_sslmode")


@tagged("post_install", "-at_install", "pwik_long")
class TestKill(BaseCase):
    """Real processes on a database of their own, killed with -9 at random moments: nothing twice, nothing lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = f"{get_db_name()}_kill"
        cls.addClassCleanup(cls.drop_database)
        cls.drop_database()
        close_db(get_db_name())  # PostgreSQL copies only what nobody is connected to
        cls.on_server("CREATE DATABASE %s TEMPLATE %s", cls.database, get_db_name())
        cls.server = cls.start_server()
        assert cls.hear() == {"ready": True}
        world = cls.order("world", CONTRACTS, ROUNDS + 4)
        cls.contracts, cls.journal = world["contracts"], world["journal"]

    @classmethod
    def on_server(cls, statement, *names):
        with db_connect("postgres").cursor() as cr:
            cr._cnx.autocommit = True
            cr.execute(SQL(statement, *map(SQL.identifier, names)))

    @classmethod
    def drop_database(cls):
        cls.on_server("DROP DATABASE IF EXISTS %s WITH (FORCE)", cls.database)

    @classmethod
    def start_server(cls):
        options = [f"--addons-path={','.join(config['addons_path'])}", f"--database={cls.database}"]
        options += [f"--data-dir={config['data_dir']}"]
        options += [f"--{name}={config[name]}" for name in OPTIONS if config[name]]
        server = subprocess.Popen(
            [sys.executable, "-W", "ignore", SERVER, *options, "--log-level=critical"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        cls.addClassCleanup(cls.end_server, server)
        return server

    @staticmethod
    def end_server(server):
        server.stdin.close()
        server.wait(60)
        server.stdout.close()

    @classmethod
    def hear(cls):
        line = cls.server.stdout.readline()
        assert line, "the billing process has ended"
        return json.loads(line)

    @classmethod
    def tell(cls, *command):
        cls.server.stdin.write(json.dumps(command) + "\n")
        cls.server.stdin.flush()

    @classmethod
    def order(cls, *command):
        cls.tell(*command)
        return cls.hear()

    def hear_end(self):
        """Wait until the workers have ended. :return: their exit codes (minus the signal) and the packets they did"""
        packets = {}
        while "ended" not in (answer := self.hear()):
            if "pid" in answer:
                packets[answer["pid"]] = answer["packet"]
        return answer["ended"], packets

    def bill(self, *runs):
        """A worker a run, at once. :return: their exit codes"""
        self.tell("bill", *runs)
        return self.hear_end()[0]

    def approve(self, month):
        return self.order("approve", self.contracts, month)["run"]

    def rows(self, query, *arguments):
        with db_connect(self.database).cursor() as cr:
            cr.execute(SQL(query, *arguments))
            return cr.fetchall()

    # ------------------------------------------------------------------ what must hold

    def assert_run_is_whole(self, runs):
        """One settlement and one posted invoice for each contract, sums that agree, numbers without a gap."""
        settled = self.rows(
            """SELECT s.contract_id, s.kind, s.state, m.state, m.amount_total = s.gross,
                      (SELECT SUM(l.balance) FROM account_move_line l WHERE l.move_id = m.id)
                 FROM pwik_settlement s JOIN account_move m ON m.pwik_settlement_id = s.id AND m.id = s.move_id
                WHERE s.run_id = ANY(%s)""",
            list(runs),
        )
        self.assertEqual(sorted(row[0] for row in settled), sorted(self.contracts))
        self.assertEqual({row[1:5] for row in settled}, {("regular", "issued", "posted", True)})
        self.assertEqual({row[5] for row in settled}, {0})
        self.assert_nothing_beside()
        self.assert_no_gap()

    def assert_nothing_beside(self):
        """No invoice without its settlement, no settlement twice for a period, no item that says otherwise."""
        orphans = """SELECT id FROM account_move WHERE journal_id = %s
                        AND (state <> 'posted' OR pwik_settlement_id IS NULL)"""
        self.assertEqual(self.rows(orphans, self.journal), [])
        twice = """SELECT contract_id, period_from, kind FROM pwik_settlement
                 GROUP BY contract_id, period_from, kind HAVING COUNT(*) > 1"""
        self.assertEqual(self.rows(twice), [])

    def assert_no_gap(self):
        numbers = self.rows(
            """SELECT sequence_prefix, array_agg(sequence_number ORDER BY sequence_number)
                 FROM account_move WHERE journal_id = %s GROUP BY sequence_prefix""",
            self.journal,
        )
        self.assertTrue(numbers)
        for _prefix, found in numbers:
            self.assertTrue(all(after - before == 1 for before, after in pairwise(found)), found)

    def assert_no_false_gap(self):
        """Odoo's own mark, by which the accountant is told that numbers are missing."""
        marked = "SELECT name FROM account_move WHERE journal_id = %s AND made_sequence_gap"
        self.assertEqual(self.rows(marked, self.journal), [])

    def state_of(self, run):
        ((state, done, items),) = self.rows(
            """SELECT r.state, COUNT(*) FILTER (WHERE i.state = 'done'), COUNT(*)
                 FROM pwik_billing_run r JOIN pwik_billing_run_item i ON i.run_id = r.id
                WHERE r.id = %s GROUP BY r.state""",
            run,
        )
        return state, done, items

    # ------------------------------------------------------------------ tests

    def kill_one(self, run, packets, seconds):
        """Start a worker and kill it ``seconds`` after it has done the first packets.

        :return: contracts billed when it died
        """
        self.tell("bill", run)
        (pid,) = self.hear()["pids"]
        for _packet in range(packets):
            self.hear()
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
        codes, _packets = self.hear_end()
        self.assertEqual(codes, [-signal.SIGKILL], "the worker was killed while it worked")
        return self.state_of(run)[1]

    def test_killed_at_random_moments(self):
        seed = random.SystemRandom().randrange(10**6)
        chance = random.Random(seed)
        start = time.monotonic()
        first = self.approve(0)
        self.assertEqual(self.bill(first), [0])
        seconds = (time.monotonic() - start) / PACKETS / 2
        self.assert_run_is_whole([first])
        stands = []
        for number in range(1, ROUNDS + 1):
            with self.subTest(round=number, seed=seed):
                run = self.approve(number)
                # after each packet in turn, at a random moment of the next one and a half
                packets = number % (PACKETS - 3)
                stands.append(self.kill_one(run, packets, chance.uniform(0, 1.5 * seconds)))
                self.assertEqual(stands[-1] % PACKET, 0, "a packet is whole or not there")
                self.assertLess(stands[-1], CONTRACTS)
                self.assert_nothing_beside()
                self.assert_no_gap()
                self.assertEqual(self.bill(run), [0])
                self.assertEqual(self.state_of(run), ("done", CONTRACTS, CONTRACTS))
                self.assert_run_is_whole([run])
        self.assertGreater(len(set(stands)), 1, "the kills came at different moments")

    def test_one_run_by_two_processes(self):
        run = self.approve(ROUNDS + 1)
        self.tell("bill", run, run)
        codes, packets = self.hear_end()
        self.assertEqual(codes, [0, 0])
        self.assertEqual(sum(packets.values()), PACKETS)
        self.assertEqual(self.state_of(run), ("done", CONTRACTS, CONTRACTS))
        self.assert_run_is_whole([run])

    def test_one_waits_for_the_numbers_of_the_other(self):
        """The second goes on counting from what the first committed meanwhile, and reports no number as missing."""
        run = self.approve(ROUNDS + 2)
        self.tell("meet", run, run)
        codes, packets = self.hear_end()
        self.assertEqual(codes, [0, 0])
        self.assertEqual(sum(packets.values()), PACKETS - 1, "one packet was held")
        self.assertEqual(self.state_of(run), ("done", CONTRACTS, CONTRACTS))
        self.assert_run_is_whole([run])
        self.assert_no_false_gap()

    def test_same_period_by_two_runs_at_once(self):
        """Both were approved before either billed: each contract is billed by one of them, the other says so."""
        runs = [self.approve(ROUNDS + 3), self.approve(ROUNDS + 3)]
        self.assertEqual(self.bill(*runs), [0, 0])
        self.assert_run_is_whole(runs)
        for run in runs:
            state, _done, items = self.state_of(run)
            self.assertEqual((state, items), ("done", CONTRACTS))
            waiting = (
                "SELECT state, reason FROM pwik_billing_run_item WHERE run_id = %s AND settlement_id IS NULL"
            )
            for _state, reason in self.rows(waiting, run):
                self.assertRegex(reason, "Already billed|już rozliczony")
