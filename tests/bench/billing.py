"""How fast a run bills, against Odoo's own invoices, OCA's recurring ones, two workers, and a larger database.

``SIZE`` is the number of contracts in the larger database; the smaller has 2,000. Measured is what the scheduled action
does: settle, create, post, commit, packet by packet. Each round bills contracts that no other round touched, and is followed
by its baseline: Odoo creates and posts plain invoices with the same values, in batches of the same size. In the larger database
one run bills 5,000 contracts where there are ten times as many, else as many as the rounds; an invoice's cost is that of the
median packet.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time
from datetime import date

import odoo.sql_db
from odoo.addons.pwik_billing.tests.common import BillingCommon

from tests.bench.register import World

SMALL, DEFAULT_SIZE = 2_000, 10_000
BATCH = 250
ROUND = BATCH
ROUNDS = 3
SHARED = 4 * BATCH  # what one worker and two workers bill
MANY = 5_000  # billed within a large database
PERIOD = (date(2024, 7, 1), date(2024, 9, 30))
INVOICE_DATE = date(2024, 10, 3)
WORKER = pathlib.Path(__file__).with_name("billing_worker.py")
# Issue 4: of Odoo's own rate; two workers against one; times OCA contract by one and by two; cost in the larger database.
OWN, TWO, OCA_ONE, OCA_TWO, GROWTH = 0.9, 1.6, 2.0, 4.0, 1.1


def run(env, size):
    """Yield the rows; the database is a throw-away clone.

    :raise ValueError: the larger database is not larger, or has too few contracts for all the rounds
    """
    size = size or DEFAULT_SIZE
    many = MANY if size >= 10 * MANY else ROUNDS * ROUND
    least = SMALL + many + 2 * SHARED + BATCH
    if size < least:
        raise ValueError(f"--size {size}: growth from {SMALL} contracts is measured with at least {least}")
    bench = Bench(env)
    bench.grow(SMALL)
    bench.warm()
    ours, odoos = bench.measure_rounds()
    yield {
        "what": f"invoices of a run, one process: settled, created, posted, committed ({ROUNDS} rounds, median)",
        "value": middle(ours),
        "unit": "1/s",
        "baseline": "Odoo creates and posts the same invoices, the same batches",
        "baseline_value": middle(odoos),
        # each round against its own baseline: the machine changes its pace between them
        "ratio": middle([mine / its for mine, its in zip(ours, odoos, strict=True)]),
        "target": OWN,
    }
    start = time.perf_counter()
    bench.grow(size)
    yield {
        "what": f"the register grown to {size} contracts",
        "value": time.perf_counter() - start,
        "unit": "s",
    }
    bench.warm()
    later = bench.measure_run(many)[0]
    cost, before = 1000 / later, 1000 / middle(ours)
    yield {
        "what": f"cost of an invoice in a database of {size} contracts, {many} of them billed",
        "value": cost,
        "unit": "ms",
        "baseline": f"the same with {SMALL} contracts",
        "baseline_value": before,
        "target": GROWTH,
        "ok": cost <= GROWTH * before,
    }
    (one, spent_by_one, _waits), (two, spent_by_two, waits) = map(bench.measure_workers, (1, 2))
    row = {
        "what": "invoices of a run, two workers",
        "value": two,
        "unit": "1/s",
        "baseline": "one worker",
        "baseline_value": one,
        "target": TWO,
    }
    # Where others use the cores too, two workers get no more of them than one: what they need tells what is in their way.
    yield row
    yield {
        **row,
        "what": f"{row['what']}; by the busier one's processor time",
        "value": spent_by_two,
        "baseline_value": spent_by_one,
    }
    yield {
        "what": "time of two workers in which one waits for a lock of the other",
        "value": waits,
        "unit": "%",
    }
    contract = bench.measure_oca()
    for what, rate, target in (
        ("one process", middle([*ours, later]), OCA_ONE),
        ("two workers", two, OCA_TWO),
    ):
        yield {
            "what": f"invoices of a run, {what}, against recurring invoices of OCA",
            "value": rate,
            "unit": "1/s",
            "baseline": "OCA contract 19.0, default settings: scheduled action and posting, as many lines",
            "baseline_value": contract,
            "target": target,
        }


def middle(rates):
    return statistics.median(rates)


class Bench(World):
    """Contracts of households with two readings each, and those of them that no round has billed yet."""

    def __init__(self, env):
        prices = type("Prices", (BillingCommon,), {"env": env, "company": env.company})
        prices.make_prices()
        env.company.pwik_packet_size = BATCH
        super().__init__(env)
        self.first["pwik_contract"].write(
            {
                "tariff_group_water_id": prices.group_water.id,
                "tariff_group_sewage_id": prices.group_sewage.id,
            }
        )
        self.fresh = []

    def grow(self, size):
        already = self.made
        super().grow(size)
        # One that was there before is as good as a new one, but growth is told by those of the larger database.
        self.fresh = range(already + 1, size + 1)

    def _grow_more(self, joined, number):
        """A reading before the period and one at its end; the payer's account, as his contract gave it to him."""
        with self._at_once("pwik_reading"):
            self._copy(
                "pwik_reading",
                f"""{joined} JOIN pwik_contract u ON u.number = {number}
                JOIN pwik_meter_installation i ON i.meter_id = m.id, generate_series(0, 1) k""",
                {
                    "meter_id": "m.id",
                    "installation_id": "i.id",
                    "service_point_id": "p.id",
                    "contract_id": "u.id",
                    "moment": "timestamp '2024-06-30 10:00' + make_interval(months => 3 * k)",
                    "date": "date '2024-06-30' + make_interval(months => 3 * k)",
                    "value": "1000 + k * (10 + n %% 20)",
                    "state": "'accepted'",
                },
            )
        self.env.cr.execute(
            """
            UPDATE res_partner SET commercial_partner_id = id, pwik_payment_account = lpad(id::text, 26, '0')
             WHERE pwik_customer_number ~ '^C[0-9]{7}$' AND pwik_payment_account IS NULL
            """
        )

    def take(self, count):
        """The next contracts that nobody billed."""
        numbers, self.fresh = self.fresh[:count], self.fresh[count:]
        names = [f"BU/{number:08d}" for number in numbers]
        contracts = self.env["pwik.contract"].search([("number", "in", names)], order="id")
        if len(contracts) != count:
            raise RuntimeError(f"{len(contracts)} contracts of {count} are left")
        return contracts

    def approve(self, count):
        """A run over fresh contracts, computed and approved: what is left is to bill."""
        run = self.env["pwik.billing.run"].create(
            {
                "period_from": PERIOD[0],
                "period_to": PERIOD[1],
                "contract_ids": [(6, 0, self.take(count).ids)],
                "invoice_date": INVOICE_DATE,
            }
        )
        run.action_preview()
        run._process_all()
        run.action_approve()
        self.commit()
        return run

    def commit(self):
        self.env.cr.commit()
        self.env.invalidate_all()

    def warm(self):
        """What is loaded once by a process is loaded before its time counts."""
        self.measure_odoo(self.measure_run(BATCH // 10)[1])

    def measure_rounds(self):
        """Rates of the rounds: ours, and Odoo's own after each."""
        ours, odoos = [], []
        for _round in range(ROUNDS):
            rate, values = self.measure_run(ROUND)
            ours.append(rate)
            odoos.append(self.measure_odoo(values))
        return ours, odoos

    def measure_run(self, count):
        """Invoices a second in the median packet of a run, and the values with which it made them, for the baseline."""
        run = self.approve(count)
        tasks, seconds = self.env["pwik.billing.run.task"], []
        packets, more = -(-count // BATCH), True
        while more:
            start = time.perf_counter()
            more = tasks._process_next(run)
            seconds.append(time.perf_counter() - start)
        *seconds, closing = seconds  # the last call finds nothing to do, and closes the run
        if len(seconds) != packets:
            raise RuntimeError(f"{len(seconds)} packets of {packets}")
        return min(count, BATCH) / (middle(seconds) + closing / packets), self.check(run, count)

    def check(self, run, count):
        """Values of plain invoices like those of the run. :raise RuntimeError: not every contract was billed"""
        self.env.invalidate_all()
        moves = run.settlement_ids.move_id
        if len(moves) != count or set(moves.mapped("state")) != {"posted"}:
            reasons = set(run.item_ids.mapped("reason"))
            raise RuntimeError(f"{len(moves)} of {count} invoices: {reasons}")
        if {len(move.invoice_line_ids) for move in moves} != {3}:
            raise RuntimeError("an invoice has not the three lines of water, sewage and subscription")
        values = [settlement._prepare_invoice(INVOICE_DATE) for settlement in run.settlement_ids]
        self.commit()
        return [{k: v for k, v in one.items() if not k.startswith("pwik_")} for one in values]

    def measure_odoo(self, values):
        """Invoices a second that Odoo creates and posts, with nothing of ours around."""
        context = {"tracking_disable": True, "mail_create_nosubscribe": True, "lang": "pl_PL"}
        start = time.perf_counter()
        for first in range(0, len(values), BATCH):
            moves = self.env["account.move"].with_context(**context).create(values[first : first + BATCH])
            moves._post(soft=False)
            self.commit()
        return len(values) / (time.perf_counter() - start)

    def measure_workers(self, count):
        """A run which ``count`` processes share.

        :return: invoices a second; the same by the processor time of the busiest; % of the time that one waits for a lock
        """
        run = self.approve(SHARED)
        workers = [start_worker(self.env, "bill", run.id) for _number in range(count)]
        with LockWatch(self.env.cr.dbname) as watch:
            start = time.perf_counter()
            tell(workers)
            answers = [json.loads(worker.stdout.readline()) for worker in workers]
            seconds = time.perf_counter() - start
        end(workers)
        self.commit()
        self.check(run, SHARED)
        if not all(answer["packets"] for answer in answers):
            raise RuntimeError(f"a worker had nothing to do: {answers}")
        return SHARED / seconds, SHARED / max(answer["processor"] for answer in answers), watch.share

    def measure_oca(self):
        """Recurring invoices a second, created and posted by OCA's addon with its own settings."""
        worker = start_worker(self.env, "recurring", ROUND)
        try:
            return json.loads(worker.stdout.readline())["rate"]
        finally:
            end([worker])


class LockWatch(threading.Thread):
    """Looks twenty times a second whether a connection waits for a lock; ``share`` is in % of the looks."""

    QUERY = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    def __init__(self, database):
        super().__init__()
        self.database = database
        self.over = threading.Event()
        self.looks = []

    def run(self):
        with odoo.sql_db.db_connect(self.database).cursor() as cr:
            while not self.over.wait(0.05):
                cr.execute(self.QUERY)
                self.looks.append(cr.fetchone()[0] > 0)
                cr.rollback()

    @property
    def share(self):
        return 100 * sum(self.looks) / len(self.looks)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self.over.set()
        self.join()


def start_worker(env, *arguments):
    """A process of its own that is ready to begin; it waits for a line."""
    command = [sys.executable, "-W", "ignore", os.fspath(WORKER), sys.argv[1], env.cr.dbname]
    worker = subprocess.Popen(
        [*command, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if worker.stdout.readline() != "ready\n":
        raise RuntimeError("a worker did not start")
    return worker


def tell(workers):
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()


def end(workers):
    for worker in workers:
        worker.kill()
        worker.wait()
