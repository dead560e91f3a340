"""A read replica: eBOK's pages that only read are served by it, and a form that writes reaches the first server."""

import contextlib
import dataclasses

from tests.proof import network, portal
from tests.proof.b17_forged import paths_of
from tests.proof.registry import proof
from tools.pwik_cli.postgres import ROLE, Connection

#: Odoo's own keeper of files gives customers none, the figures want a token, and an export a table: what these answer here.
REFUSING = {"/web/content": 404, "/pwik/metrics": 404, "/web/pivot": 400}
LAG = 5.0  # seconds by which the replica is behind when something is written

QUERIED = """
    SELECT max(query_start) FROM pg_stat_activity WHERE datname = 'played' AND application_name LIKE 'odoo%'"""


@proof("REPLICA", "eBOK's reading pages are served by a streaming replica", small=1, full=5)
def replica(stage, tally, count):
    if not network.binaries():
        tally.skip("this machine has no PostgreSQL with its client programs")
        return
    stage.world("portal:play")
    own, routes = stage.ask("portal:own_ids", "portal:routes")
    pages = [
        paths_of(route, own)[0] for route in routes if route["ours"] and route["readonly"] and reads(route)
    ]
    with copied(stage) as (primary, second):
        options = (f"--db_replica_host={second.host}", f"--db_replica_port={second.port}")
        with stage.serve(*options, crons=0):
            customer = stage.client(portal.VICTIM)
            for page in pages:  # once before: what a first visit makes
                customer.get(customer.url(page), timeout=60)
            first = set()
            for page in pages * count:
                before = {server: last_query(server) for server in (primary, second)}
                answer = customer.get(customer.url(page), timeout=60)
                served = [server is second for server in before if last_query(server) != before[server]]
                if False in served:
                    first.add(page)
                refusals = {code for path, code in REFUSING.items() if page.startswith(path)}
                tally.check(
                    answer.status_code in {200, 303, *refusals} and True in served,
                    f"{page}: {answer.status_code}, replica {served}",
                )
            tally.note(
                f"{len(pages)} pages, of which {len(first)} asked the first server as well: {sorted(first)[:4]}"
            )
            _write(stage, tally, customer, second)


def reads(route):
    return "GET" in route["methods"] and route["type"] == "http" and route["auth"] in ("user", "public")


def _write(stage, tally, customer, second):
    """A remark is sent while the replica lags: it reaches the first server, and who sent it sees it at once."""
    second.lag(LAG)
    form = {
        "csrf_token": customer.token("/my/cases/new"),
        "kind": "remark",
        "name": "Z repliki",
        "description": "Opis z repliki",
    }
    answer = customer.post(customer.url("/my/cases/new"), data=form, timeout=60)
    written = stage.sql("SELECT id FROM pwik_case WHERE name = 'Z repliki'")
    tally.lost += not written
    tally.doubled += max(0, len(written) - 1)
    tally.check(
        len(written) == 1, f"on the first server the remark is {written}, after answer {answer.status_code}"
    )
    tally.check(
        answer.status_code == 200 and "Opis z repliki" in answer.text,
        f"the page after the form: {answer.status_code} {answer.url}",
    )
    page = customer.get(customer.url("/my/cases"), timeout=60)
    tally.check("Z repliki" in page.text, f"the list after the form lacks the remark: {page.status_code}")

    def arrived():
        with contextlib.closing(second.connect("played")) as connection, connection.cursor() as cr:
            cr.execute("SELECT id FROM pwik_case WHERE name = 'Z repliki'")
            return cr.fetchall() == written

    tally.check(stage.wait(arrived, 60), "the remark did not come to the replica")

    def back():
        before = last_query(second)
        return (
            "Z repliki" in customer.get(customer.url("/my/cases"), timeout=60).text
            and last_query(second) != before
        )

    tally.check(stage.wait(back, 120, 2), "the customer's pages did not come from the replica again")


def last_query(server):
    """When Odoo last asked this server something."""
    with contextlib.closing(server.connect("played")) as connection, connection.cursor() as cr:
        cr.execute(QUERIED)
        return cr.fetchone()[0]


@contextlib.contextmanager
def copied(stage):
    """The stage's database on a server of its own with a replica, for the block."""
    before, site = stage.database, stage.site
    primary, second = network.Postgres(), network.Postgres(port=network.PORT + 1)
    try:
        primary.make()
        primary.take_over(site.environ(), before, "played")
        second.follow(primary)
        stage.copy_files(before, site.filestore("played"))
        stage.site = dataclasses.replace(site, connection=Connection(primary.host, primary.port, ROLE))
        stage.database = "played"
        yield primary, second
    finally:
        stage.site, stage.database = site, before
        second.remove()
        primary.remove()
        stage.drop_files("played")
