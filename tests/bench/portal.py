"""How fast eBOK answers a customer who is signed in, beside Odoo's own list of invoices, and how it grows with the register.

``SIZE`` is the number of meters, each with a point, a customer's contract and 36 readings (the world of ``register.py``). One
customer has a login, invoices and cases. Measured is what a browser waits for: whole pages over HTTP from a server with two
workers, one request at a time and from eight clients at once; the 95th percentile of each. The comparison is Odoo without this
suite: a database with its accounting and portal alone, the same number of invoices, the same run.
"""

import contextlib
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time

import odoo
import requests
from lxml import html
from odoo.modules.registry import Registry
from odoo.tests import new_test_user

from tests.bench import register

HERE = pathlib.Path(__file__).resolve().parent
PLAIN_MODULES = "account,account_payment,l10n_pl,auth_totp_portal,auth_password_policy_portal"
SMALL, DEFAULT_SIZE = 2_000, 20_000
INVOICES, CASES = 24, 12
LOGIN, PASSWORD = "bench_customer", "Haslo-Pomiaru-2026"
CLIENTS, ROUNDS, EACH = 8, 60, 3
# Rounds of all clients at once.
CROWDS = 4
# Issue 6: each page at most 1.5 times Odoo's list of invoices; at most 1.1 times with the large register.
TARGET, GROWTH = 1.5, 1.1
# Answers over the network of one machine differ by this much from run to run (s).
NOISE = 0.01
PATIENCE = 120


def run(env, size, only=None):
    """Yield five rows a page; the database is a throw-away clone.

    Odoo alone, the small register and the large one stand side by side and are asked in turn, because the pace of a machine
    changes within minutes.

    :param only: pages as the rows name them (``/my/contracts/…``); by default all
    """
    size = max(size or DEFAULT_SIZE, SMALL)
    with contextlib.ExitStack() as stack:
        small_env = stack.enter_context(register.other_database(env))
        small_pages = make_register(small_env, SMALL)
        large_pages = make_register(env, size)
        pages = {name_of(path): at for at, path in enumerate(large_pages)}
        if unknown := set(only or ()) - set(pages):
            raise ValueError(f"no such page: {', '.join(sorted(unknown))}; there is: {', '.join(pages)}")
        plain = stack.enter_context(plain_database(env))
        databases = (plain, small_env.cr.dbname, env.cr.dbname)
        sites = [Site(stack.enter_context(serve(database))) for database in databases]
        for name in only or pages:
            paths = ("/my/invoices", small_pages[pages[name]], large_pages[pages[name]])
            yield from compare(name, size, sites, paths)


def make_register(env, size):
    """Let the database hold ``size`` meters: the pages of a customer of it."""
    world = register.World(env)
    pages = make_customer(env, world)
    world.grow(size)
    return pages


def compare(name, size, sites, paths):
    """The rows of a page: beside Odoo's list of invoices, and with the large register beside the small one."""
    alone, many = ask_in_turn(sites, paths)
    for way, (own, small, large) in (
        ("one at a time", map(p95, alone)),
        (f"{CLIENTS} clients", map(p95, many)),
    ):
        for meters, value in ((SMALL, small), (size, large)):
            what = f"{name}, {meters} meters, {way}, p95"
            yield row(what, value, "Odoo's /my/invoices", own, TARGET)
    _own, small, large = map(statistics.median, alone)
    what = f"{name}, one at a time, {size} meters, median"
    yield row(what, large, f"the same with {SMALL} meters", small, GROWTH)


def row(what, value, baseline, baseline_value, target):
    return {
        "what": what,
        "value": value,
        "unit": "s",
        "baseline": baseline,
        "baseline_value": baseline_value,
        "target": target,
        "ok": value <= max(target * baseline_value, baseline_value + NOISE),
    }


def name_of(path):
    """The page without the number of its record."""
    return "/".join("…" if part.isdigit() else part for part in path.split("/"))


def make_login(env, login=LOGIN):
    return new_test_user(
        env, login=login, password=PASSWORD, groups="base.group_portal", name="Klient Pomiaru"
    )


def make_invoices(env, partner, **values):
    """Posted invoices of a customer, the last of them."""
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": f"2025-{1 + number % 12:02d}-05",
                "invoice_line_ids": [
                    (0, 0, {"name": "Woda", "quantity": 10, "price_unit": 5, "tax_ids": False})
                ],
                **values,
            }
            for number in range(INVOICES)
        ]
    )
    moves.action_post()
    return moves[-1:]


def make_customer(env, world):
    """Give the first customer of the world readings, a login, invoices and cases: the pages of eBOK to ask for."""
    meter = world.first["pwik_meter"]
    months = [f"{2023 + month // 12}-{1 + month % 12:02d}-20" for month in range(36)]
    readings = env["pwik.reading"].create(
        [
            {"meter_id": meter.id, "moment": f"{day} 10:00:00", "value": 20 + 9 * at}
            for at, day in enumerate(months)
        ]
    )
    readings.action_validate()
    return give_access(env, make_login(env), world.first["pwik_contract"], meter)


def give_access(env, login, contract, meter):
    """Link a login to a customer, with invoices and cases: the pages of eBOK to ask for."""
    partner = contract.partner_id
    env["pwik.ebok.link"].create({"user_id": login.id, "partner_id": partner.id, "state": "active"})
    invoice = make_invoices(env, partner, pwik_contract_id=contract.id)
    kind = env["pwik.case.type"]._get_by_code("remark")
    cases = env["pwik.case"].create(
        [
            {"type_id": kind.id, "name": f"Uwaga {number}", "description": "Treść", "partner_id": partner.id}
            for number in range(CASES)
        ]
    )
    env.flush_all()
    env.cr.commit()
    return [
        *("/my", "/my/customer", "/my/invoices", f"/my/invoices/{invoice.id}", "/my/balance", "/my/pay"),
        *("/my/contracts", f"/my/contracts/{contract.id}", f"/my/meters/{meter.id}/readings"),
        *(f"/my/meters/{meter.id}/submit", "/my/cases", f"/my/cases/{cases[0].id}", "/my/cases/new"),
        *("/my/notices", "/my/outages", "/my/access", "/my/privacy"),
    ]


@contextlib.contextmanager
def plain_database(env):
    """Name of a database with Odoo's accounting and portal alone: a login with as many invoices."""
    name = f"{env.cr.dbname}_plain"
    drop(name)
    try:
        subprocess.run(
            [
                *odoo_command(name),
                f"--init={PLAIN_MODULES}",
                "--skip-auto-install",
                "--stop-after-init",
                "--no-http",
            ],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        with Registry(name).cursor() as cr:
            plain = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
            plain.company.country_id = plain.ref("base.pl")
            plain["account.chart.template"].try_loading("pl", plain.company, install_demo=False)
            make_invoices(plain, make_login(plain).partner_id)
        odoo.sql_db.close_db(name)
        yield name
    finally:
        odoo.sql_db.close_db(name)
        drop(name)


def drop(name):
    with contextlib.closing(odoo.sql_db.db_connect("postgres").cursor()) as cr:
        cr._cnx.autocommit = True
        cr.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(odoo.tools.config.filestore(name), ignore_errors=True)


def odoo_command(database, *options):
    program = HERE.parent / "proof" / "odoo_bin.py"
    configuration = odoo.tools.config["config"]
    return [
        *(sys.executable, "-W", "ignore", os.fspath(program), "-c", configuration, "-d", database),
        *("--log-level=error", *options),
    ]


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextlib.contextmanager
def serve(database):
    """Odoo with two workers on a database: its address."""
    port = free_port()
    options = (f"--http-port={port}", f"--gevent-port={free_port()}", "--workers=2", "--max-cron-threads=0")
    child = subprocess.Popen(
        odoo_command(database, *options), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    base = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{base}/web/login", timeout=PATIENCE).ok:
                    break
            if time.monotonic() > end or child.poll() is not None:
                raise RuntimeError("the server does not answer")
            time.sleep(0.3)
        yield base
    finally:
        child.terminate()
        child.wait(PATIENCE)


def sign_in(base, login=LOGIN):
    session = requests.Session()
    session.trust_env = False
    page = html.fromstring(session.get(f"{base}/web/login", timeout=PATIENCE).text)
    token = page.xpath("//input[@name='csrf_token']/@value")[0]
    form = {"login": login, "password": PASSWORD, "csrf_token": token}
    answer = session.post(f"{base}/web/login", data=form, timeout=PATIENCE)
    if "/my" not in answer.url:
        raise RuntimeError(f"not signed in: {answer.url}")
    return session


class Site:
    """A server and the sessions of its clients, all signed in."""

    def __init__(self, base):
        self.base = base
        self.sessions = [sign_in(base) for _client in range(CLIENTS)]

    def ask(self, path):
        return ask(self.sessions[0], self.base + path)

    def ask_at_once(self, path):
        """Seconds of each of the requests of all clients, who begin together."""
        found = []

        def work(session):
            found.extend(ask(session, self.base + path) for _number in range(EACH))

        threads = [threading.Thread(target=work, args=(session,)) for session in self.sessions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(found) != CLIENTS * EACH:
            raise RuntimeError(f"{path}: a client got no page")
        return found


def ask_in_turn(sites, paths):
    """``(one at a time, of clients at once)``: a list of seconds for each site, in the order of ``sites``."""
    for site, path in zip(sites, paths, strict=True):
        site.ask_at_once(path)  # both workers know templates, rights and bundles
    alone, many = [[] for _site in sites], [[] for _site in sites]
    for _round in range(ROUNDS):
        for at, (site, path) in enumerate(zip(sites, paths, strict=True)):
            alone[at].append(site.ask(path))
    for _crowd in range(CROWDS):
        for at, (site, path) in enumerate(zip(sites, paths, strict=True)):
            many[at].extend(site.ask_at_once(path))
    return alone, many


def ask(session, url):
    """Seconds until the whole page is there."""
    start = time.perf_counter()
    answer = session.get(url, timeout=PATIENCE, allow_redirects=False)
    seconds = time.perf_counter() - start
    if answer.status_code != 200:
        raise RuntimeError(f"{url}: {answer.status_code}")
    return seconds


def p95(values):
    return statistics.quantiles(values, n=20, method="inclusive")[-1]
