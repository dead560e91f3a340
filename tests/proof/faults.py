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


class Faults:
    """`count` times `fault`, each at a random point of work of `total` pieces that takes `seconds` undisturbed."""

    def __init__(self, stage, fault, count, total, seconds, seed):
        self.stage, self.fault, self.count = stage, fault, count
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
        share = self.chance.uniform(0, 0.6)  # the last packets are done faster than they can be counted
        self.stage.wait(lambda: stand() >= share * self.total, RESUMED_WITHIN, 0.02)
        time.sleep(self.chance.uniform(0, self.seconds / 100))  # not always between two packets
        before = stand()
        self.number += 1
        words, waited = self.fault(self.stage, server, self.number / self.count)
        begin = time.monotonic()
        resumed = self.stage.wait(done, RESUMED_WITHIN)
        took = time.monotonic() - begin
        self.slowest, self.slowest_page = max(self.slowest, took), max(self.slowest_page, waited)
        words = f"{words}, with {before} of {self.total} done: whole {took:.0f} s later"
        tell(f"{words}; Odoo restarted {server.restarts} times")
        return words, before < self.total and resumed and waited <= SERVING_WITHIN

    def summary(self) -> str:
        page = f"; slowest page {self.slowest_page:.1f} s" if self.slowest_page else ""
        return f"slowest: whole {self.slowest:.0f} s after the fault{page}"
