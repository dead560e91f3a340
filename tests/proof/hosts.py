"""Two hosts, one PostgreSQL, a shared file store: an import and a billing run that they share; one loses its power."""

import collections
import contextlib
import dataclasses
import random
import time

from tests.proof import billing, network, radio
from tests.proof.registry import proof
from tests.proof.stage import PATIENCE, Client, SiteWithWorkers, Supervised, tell
from tools.pwik_cli import demo
from tools.pwik_cli.postgres import ROLE, Connection

OVERLAYS = 300
RESUMED_WITHIN = 180.0
#: Which host has a transaction open.
AT_WORK = f"""
    SELECT host(client_addr) FROM pg_stat_activity
     WHERE datname = 'played' AND xact_start IS NOT NULL AND host(client_addr) <> '{network.SERVER}'"""


@dataclasses.dataclass(frozen=True)
class HostSite(SiteWithWorkers):
    """The site as a host has it: in a network namespace of its own."""

    host: str = ""

    def odoo_command(self, *arguments):
        return ["ip", "netns", "exec", self.host, *super().odoo_command(*arguments)]


def make(env):
    """Overlays to import and households to bill; a scheduled action of each kind for each process of both hosts."""
    radio.make(env, OVERLAYS, packet_lines=10, crons=3)
    billing.make(env, months=8)
    for _number in range(2):
        env.ref("pwik_billing.ir_cron_billing_run_1").copy({"active": True})


class Cluster:
    """Both hosts on a copy of the stage's database."""

    def __init__(self, stage, made, server):
        self.stage, self.made, self.server = stage, made, server
        self.work: collections.Counter = collections.Counter()

    def begin(self) -> None:
        """A fresh copy of the world for the next round."""
        with contextlib.closing(self.server.connect("postgres")) as connection:
            connection.autocommit = True
            with connection.cursor() as cr:
                cr.execute("DROP DATABASE IF EXISTS played WITH (FORCE)")
                cr.execute("CREATE DATABASE played TEMPLATE world")
        store = self.stage.site.filestore("played")
        self.stage.copy_files(self.stage.database_of_world, store)

    @contextlib.contextmanager
    def serving(self, count):
        """`count` hosts at work; yields them."""
        with contextlib.ExitStack() as stack:
            servers = []
            for name, address in self.made[:count]:
                site = HostSite(
                    **{f.name: getattr(self.stage.site, f.name) for f in dataclasses.fields(SiteWithWorkers)},
                    host=name,
                )
                servers.append(Supervised(site, "played", workers=2, crons=2, address=address))
            for server in servers:
                stack.enter_context(server)
            with self.stage.watching(AT_WORK, 0.2) as seen:
                yield servers
            self.work.update(seen)


@contextlib.contextmanager
def cluster(stage, count=2):
    """Hosts, their PostgreSQL and the world on it, for the block; the stage looks at them."""
    stage.world("hosts:make")
    before, site = stage.database, stage.site
    with network.hosts(count) as made:
        server = network.Postgres(network.SERVER)
        try:
            server.make()
            server.take_over(site.environ(), before, "world")
            stage.site = dataclasses.replace(site, connection=Connection(network.SERVER, network.PORT, ROLE))
            stage.database, stage.database_of_world = "played", before
            yield Cluster(stage, made, server)
        finally:
            stage.site, stage.database = site, before
            server.remove()
            stage.drop_files("played")


def client(stage, server, login):
    return Client(server.base, login, demo.passwords(stage.site.settings)[login])


@proof("HOSTS", "two hosts share an import and a billing run; one loses its power", small=1, full=5)
def two_hosts(stage, tally, count):
    if reason := network.obstacle():
        tally.skip(reason)
        return
    chance = random.Random(2)
    with cluster(stage) as both:
        seconds = {number: _undisturbed(stage, tally, both, number) for number in (1, 2)}
        ratios = [f"{one / two:.2f}" for one, two in zip(seconds[1], seconds[2], strict=True)]
        tally.note(
            f"import and run with one host {seconds[1][0]:.1f} and {seconds[1][1]:.1f} s, with two {seconds[2][0]:.1f} and"
            f" {seconds[2][1]:.1f} s: {ratios[0]} and {ratios[1]} times as fast"
        )
        for number in range(count):
            _power_cut(stage, tally, both, chance.uniform(0.1, 0.8), number)
        tally.note(f"open transactions seen by host: {dict(both.work)}")


def _undisturbed(stage, tally, both, hosts):
    """Seconds of the import and of the run with so many hosts."""
    both.begin()
    with both.serving(hosts) as servers:
        office = client(stage, servers[0], "admin")
        begin = time.monotonic()
        radio.upload(office, radio.dump(OVERLAYS, 1), "dump.jsonl")
        imported = stage.wait(lambda: radio.is_done(stage), PATIENCE, 0.05)
        middle = time.monotonic()
        run = billing.approve(stage, office, 0)
        billed = stage.wait(lambda: billing.is_done(stage, run), PATIENCE, 0.05)
        end = time.monotonic()
    _count(stage, tally, run, f"{hosts} hosts, undisturbed", imported and billed)
    return middle - begin, end - middle


def _power_cut(stage, tally, both, share, number):
    """Both at work; once this share of it is done the second has neither network nor processes any more."""
    both.begin()
    with both.serving(2) as (first, second):
        office = client(stage, first, "admin")
        run = billing.approve(stage, office, 0)
        radio.upload(office, radio.dump(OVERLAYS, 1), "dump.jsonl")
        stage.wait(lambda: _done(stage, run) >= share * (OVERLAYS + billing.CONTRACTS), PATIENCE, 0.05)
        network.run("ip", "-n", both.made[1][0], "link", "set", "eth0", "down")
        second.perish()
        stand, begin = (len(radio.readings(stage)), billing.billed(stage, run)), time.monotonic()
        tally.check(sum(stand) < OVERLAYS + billing.CONTRACTS, f"round {number}: all was done before the cut")
        done = stage.wait(lambda: radio.is_done(stage) and billing.is_done(stage, run), RESUMED_WITHIN)
        tell(f"power cut with {stand} readings and bills: whole {time.monotonic() - begin:.0f} s later")
        tally.note(f"power cut with {stand} readings and bills: whole {time.monotonic() - begin:.0f} s later")
    network.run("ip", "-n", both.made[1][0], "link", "set", "eth0", "up", check=False)
    _count(stage, tally, run, f"round {number}", done)


def _done(stage, run) -> int:
    return len(radio.readings(stage)) + billing.billed(stage, run)


def _count(stage, tally, run, note, in_time):
    billing.count(stage, tally, [run], note, in_time)
    found = len(radio.readings(stage))
    tally.lost += max(0, OVERLAYS - found)
    tally.doubled += max(0, found - OVERLAYS)
    tally.check(in_time and found == OVERLAYS, f"{note}: {found} of {OVERLAYS} readings")
