"""Whether eBOK bears a crowd for minutes, alone and while radio readings come in.

``SIZE`` is the number of meters, each with a point, a customer's contract, 36 readings and an overlay. Eight customers of that
register, each with his own login, invoices and cases, ask for all pages of eBOK one after the other, without a pause, from a
server with two workers: five minutes with 300,000 meters (10.8 million readings), one with fewer. Then the same while a
scheduled action in a process of its own works off a dump.
"""

import os
import pathlib
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from typing import NamedTuple

import requests
from cryptography.fernet import Fernet
from odoo.tools import config

from tests.bench import portal
from tests.bench.import_ import ACTIONS, RadioWorld
from tests.bench.register import World, serial_of

LARGE, DEFAULT_SIZE = 300_000, 20_000
CLIENTS = 8
MINUTE, WARM_UP = 60, 15  # s
HEARD = datetime(2026, 8, 1, 6, 0, tzinfo=UTC)  # after the register's last readings
TELEGRAMS = 20_000
# trust.md B21
RATE, LATENCY, LATENCY_MEANWHILE = 25, 0.5, 1.5


def run(env, size):
    """Yield the rows; the database is a throw-away clone."""
    size = max(size or DEFAULT_SIZE, CLIENTS)
    # the process of the import reads it from the environment
    os.environ["PWIK_RADIO_KEY"] = config["pwik_radio_key"] = Fernet.generate_key().decode()
    world = CrowdWorld(env)
    world.grow(size)
    customers = make_customers(env, size)
    dump, _duplicate = env["pwik.radio.dump"]._take_in(world.make_dump(HEARD), "crowd.jsonl", "wizard")
    env.cr.commit()
    with portal.serve(env.cr.dbname) as base:
        clients = [Client(base, *customer) for customer in customers]
        ask_until(clients, after(WARM_UP))  # both workers know templates, rights and bundles
        yield from describe(ask_until(clients, after((5 if size >= LARGE else 1) * MINUTE)), "alone", LATENCY)
        importing = start_import(env, dump)
        met = ask_until(clients, lambda: importing.poll() is not None)
    yield from describe(met, "during an import", LATENCY_MEANWHILE)
    readings = count_readings(env, dump, importing)
    yield {
        "what": "telegrams to readings meanwhile, one process",
        "value": readings / met.lasted,
        "unit": "1/s",
    }


def describe(met, when, latency):
    """Rows of what the clients met; how many pages they got has a target only where nothing else is done."""
    seconds = [answer.seconds for answer in met.answers if answer.status == 200]
    bad, p95 = len(met.answers) - len(seconds), portal.p95(seconds)
    rate = {"what": f"pages to {CLIENTS} clients, {when}", "value": len(seconds) / met.lasted, "unit": "1/s"}
    yield {**rate, "target": RATE, "ok": rate["value"] >= RATE} if latency == LATENCY else rate
    yield {
        "what": f"a page, {when}, p95 of {len(seconds)} in {met.lasted:.0f} s",
        "value": p95,
        "unit": "s",
        "target": latency,
        "ok": p95 <= latency,
    }
    yield {
        "what": f"answers that were no page, {when}",
        "value": bad,
        "unit": "1",
        "target": 0,
        "ok": not bad,
    }


class Answer(NamedTuple):
    seconds: float
    status: int  # of HTTP; 0: no answer at all


class Met(NamedTuple):
    answers: list  # of Answer
    lasted: float  # s


class Client:
    """A customer's browser: asks for his pages in turn, each client from another one on."""

    def __init__(self, base, login, pages, start):
        self.session = portal.sign_in(base, login)
        self.urls = [base + page for page in pages[start:] + pages[:start]]
        self.next = 0

    def ask(self):
        url = self.urls[self.next % len(self.urls)]
        self.next += 1
        start = time.perf_counter()
        try:
            status = self.session.get(url, timeout=portal.PATIENCE, allow_redirects=False).status_code
        except requests.RequestException:
            status = 0
        return Answer(time.perf_counter() - start, status)


def after(seconds):
    """A condition that holds once so many seconds have gone by."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def ask_until(clients, is_over):
    """What all clients meet who ask at once until ``is_over()``."""
    answers = []

    def work(client):
        while not is_over():
            answers.append(client.ask())

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Met(answers, time.perf_counter() - start)


class CrowdWorld(RadioWorld):
    """Meters with readings and overlays; some overlays are heard."""

    def _grow_more(self, joined, number):
        World._grow_more(self, joined, number)
        super()._grow_more(joined, number)

    def _get_litres(self, n, heard):
        """Some more than the last reading of the register."""
        return 365_000 + n % 5_000

    def make_dump(self, heard):
        return b"".join(self._make_line(n, heard) for n in range(1, min(self.size, TELEGRAMS) + 1))


def make_customers(env, size):
    """Customers all over the register: ``(login, pages of eBOK, number of the page to begin with)`` of each."""
    customers = []
    for number in range(CLIENTS):
        serial = serial_of(1 + number * (size - 1) // CLIENTS)
        meter = env["pwik.meter"].search([("serial", "=", serial)])
        contract = env["pwik.contract"].search([("number", "=", "BU/" + serial.removeprefix("BM"))])
        login = portal.make_login(env, f"{portal.LOGIN}_{number}")
        pages = portal.give_access(env, login, contract, meter)
        customers.append((login.login, pages, number * len(pages) // CLIENTS))
    return customers


def start_import(env, dump):
    """A process with a scheduled action at work on the dump; it ends with it."""
    worker = pathlib.Path(__file__).with_name("import_worker.py")
    child = subprocess.Popen(
        [
            *(sys.executable, "-W", "ignore", os.fspath(worker)),
            *(config["config"], env.cr.dbname, ACTIONS[0], str(dump.id)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if child.stdout.readline() != "ready\n":
        raise RuntimeError("the import did not start")
    child.stdin.write("\n")
    child.stdin.flush()
    return child


def count_readings(env, dump, importing):
    """Readings of the dump, one a line. Raises RuntimeError when the import failed or lost one."""
    env.cr.commit()
    env.invalidate_all()
    found = env["pwik.reading"].search_count([("radio_line_ids.dump_id", "=", dump.id)])
    if importing.returncode or found != dump.line_count:
        raise RuntimeError(f"{found} readings of {dump.line_count} lines: {dump.message}")
    return found
