"""How fast eBOK answers a customer who is signed in, beside Odoo's own list of invoices, and how it grows with the register.

``SIZE`` is the number of meters, each with a point, a customer's contract and 36 readings (the world of ``register.py``). One
customer has a login, invoices and cases. Measured is what a browser waits for: whole pages over HTTP from a server with two
workers, one request at a time and from eight clients at once; the 95th percentile of each. The comparison is Odoo without this
suite: a database with its accounting and portal alone, the same number of invoices, the same run.
"""

import contextlib
import importlib.util
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

HERE = pathlib.Path(__file__).resolve().parent
PLAIN_MODULES = "account,account_payment,l10n_pl,auth_totp_portal,auth_password_policy_portal"
SMALL, DEFAULT_SIZE = 2_000, 20_000
INVOICES, CASES = 24, 12
LOGIN, PASSWORD = "bench_customer", "Haslo-Pomiaru-2026"
CLIENTS, ALONE, EACH = 8, 20, 6
# Issue 6: each page at most 1.5 times Odoo's list of invoices; at most 1.1 times with the large register.
TARGET, GROWTH = 1.5, 1.1
# Answers over the network of one machine differ by this much from run to run (s).
NOISE = 0.01
PATIENCE = 120


def run(env, size, only=None):
    """Yield two rows a page for the small register and three for the large one; the database is a throw-away clone.

    :param only: pages as the rows name them (``/my/contracts/…``); by default all
    """
    size = max(size or DEFAULT_SIZE, SMALL)
    world = load("register").World(env)
    pages = make_customer(env, world)
    if only:
        known = {name_of(path): path for path in pages}
        if unknown := set(only) - set(known):
            raise ValueError(f"no such page: {', '.join(sorted(unknown))}; there is: {', '.join(known)}")
        pages = [known[name] for name in only]
    world.grow(SMALL)
    with plain_database(env) as plain, serve(plain) as base:
        odoo_alone, odoo_many = measure(base, ["/my/invoices"])["/my/invoices"]
    compared = {"one at a time": odoo_alone, f"{CLIENTS} clients": odoo_many}
    small = None
    for meters in (SMALL, size):
        if meters > world.made:
            world.grow(meters)
        with serve(env.cr.dbname) as base:
            found = measure(base, pages)
        for path, seconds in found.items():
            for (way, own), value in zip(compared.items(), seconds, strict=True):
                yield row(
                    f"{name_of(path)}, {meters} meters, {way}, p95", value, "Odoo's /my/invoices", own, TARGET
                )
            if small and meters > SMALL:
                what = f"{name_of(path)}, one at a time, {meters} meters"
                yield row(what, seconds[0], f"the same with {SMALL} meters", small[path][0], GROWTH)
        small = small or found


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


def load(name):
    """Another measurement's file: they are no package."""
    spec = importlib.util.spec_from_file_location(f"bench_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_login(env):
    return new_test_user(
        env, login=LOGIN, password=PASSWORD, groups="base.group_portal", name="Klient Pomiaru"
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
    """Give the first customer of the world a login, invoices and cases: the pages of eBOK to ask for."""
    partner, contract = world.first["res_partner"], world.first["pwik_contract"]
    login = make_login(env)
    env["pwik.ebok.link"].create({"user_id": login.id, "partner_id": partner.id, "state": "active"})
    meter = world.first["pwik_meter"]
    months = [f"{2023 + month // 12}-{1 + month % 12:02d}-20" for month in range(36)]
    readings = env["pwik.reading"].create(
        [
            {"meter_id": meter.id, "moment": f"{day} 10:00:00", "value": 20 + 9 * at}
            for at, day in enumerate(months)
        ]
    )
    readings.action_validate()
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
    configuration = odoo.tools.config.rcfile
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


def sign_in(base):
    session = requests.Session()
    session.trust_env = False
    page = html.fromstring(session.get(f"{base}/web/login", timeout=PATIENCE).text)
    token = page.xpath("//input[@name='csrf_token']/@value")[0]
    form = {"login": LOGIN, "password": PASSWORD, "csrf_token": token}
    answer = session.post(f"{base}/web/login", data=form, timeout=PATIENCE)
    if "/my" not in answer.url:
        raise RuntimeError(f"not signed in: {answer.url}")
    return session


def measure(base, pages):
    """``{page: (p95 one at a time, p95 of the clients)}`` in seconds; a page that is no page is an error of the bench."""
    sessions = [sign_in(base) for _client in range(CLIENTS)]
    found = {}
    for path in pages:
        for session in sessions:  # both workers know templates, rights and bundles
            ask(session, base + path)
        alone = [ask(sessions[0], base + path) for _number in range(ALONE)]
        many = []

        def work(session, path=path, many=many):
            many.extend(ask(session, base + path) for _number in range(EACH))

        threads = [threading.Thread(target=work, args=(session,)) for session in sessions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(many) != CLIENTS * EACH:
            raise RuntimeError(f"{path}: a client got no page")
        found[path] = p95(alone), p95(many)
    return found


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
