"""What befalls a server in the middle of its work, at a random moment, and how long it takes until all is whole again."""

import random
import time

from tests.proof.stage import tell

RESUMED_WITHIN = 120.0  # seconds, B3
SERVING_WITHIN = 30.0  # seconds, B6
LONGEST_AWAY = 15.0  # seconds


def power_cut(_stage, server, _share):
    """kill -9 for all of Odoo. Returns (what was done, seconds until a page was served where that is asked for)."""
    server.kill()
    return "killed", 0.0


def database_away(stage, server, share):
    """PostgreSQL crashes and is away for this `share` of the longest time. Returns as `power_cut` does."""
    away = LONGEST_AWAY * share
    stage.crash_database(away)
    try:
        waited = server.await_page()
    except TimeoutError:
        waited = float("inf")
    return f"database away {away:.0f} s, a page {waited:.1f} s after it was back", waited


def slow_down(stage, seconds, *tables):
    """Every statement that adds rows to one of the tables takes so much longer.

    A fault can then come in the middle of work which is done faster than it can be counted.
    """
    stage.sql(
        "CREATE FUNCTION proof_slow() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END $$"
    )
    for table in tables:
        stage.sql(
            f"CREATE TRIGGER proof_slow AFTER INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION proof_slow()"
        )


class Faults:
    """`count` times `fault`, each at a random point of work of `total` pieces that takes `seconds` undisturbed."""

    def __init__(self, stage, fault, count, total, seconds, seed, latest=0.6):
        """:param latest: share of the work that may be done when the fault comes"""
        self.stage, self.fault, self.count, self.latest = stage, fault, count, latest
        self.total, self.seconds = total, seconds
        self.number = 0
        self.chance = random.Random(seed)
        self.slowest = self.slowest_page = 0.0

    def strike(self, server, stand, done):
        """The fault befalls the work that was just begun, which goes on by itself.

        :param stand: tells how many pieces are done
        :param done: whether it is whole
        :return: (what was seen, in words; whether it came in time, and all was whole, and pages were served, in time)
        """
        share = self.chance.uniform(0, self.latest)
        self.stage.wait(lambda: stand() >= share * self.total, RESUMED_WITHIN, 0.02)
        time.sleep(self.chance.uniform(0, self.seconds / 100))  # not always between two packets
        before = stand()
        self.number += 1
        words, waited = self.fault(self.stage, server, self.number / self.count)
        begin = time.monotonic()
        resumed = self.stage.wait(done if self.number % 5 == 1 else self._awake(done), RESUMED_WITHIN)
        took = time.monotonic() - begin
        self.slowest, self.slowest_page = max(self.slowest, took), max(self.slowest_page, waited)
        words = f"{words}, with {before} of {self.total} done: whole {took:.0f} s later"
        tell(f"{words}; Odoo restarted {server.restarts} times")
        return words, before < self.total and resumed and waited <= SERVING_WITHIN

    def _awake(self, done):
        """`done`, and a process for scheduled actions looks for work at once, as when anybody asks for something.

        One that was just started does so after a minute, unless it is told of some. In one round of five nobody tells it: the
        minute belongs to the time until all is whole.
        """

        def look():
            self.stage.notify("cron_trigger")
            return done()

        return look

    def summary(self) -> str:
        page = f"; slowest page {self.slowest_page:.1f} s" if self.slowest_page else ""
        return f"slowest: whole {self.slowest:.0f} s after the fault{page}"
