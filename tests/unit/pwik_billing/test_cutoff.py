"""Conditions of a cut-off (act of 7 June 2001, art. 8)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from pwik_billing.domain import cutoff
from pwik_billing.domain.cutoff import Charge, Facts

REMINDED = date(2026, 1, 15)
TODAY = date(2026, 9, 1)


def charge(start, end, due, total="100", unpaid=None):
    return Charge(
        date.fromisoformat(start),
        date.fromisoformat(end),
        date.fromisoformat(due),
        Decimal(total),
        Decimal(total if unpaid is None else unpaid),
    )


BEFORE = charge("2025-10-01", "2025-12-31", "2026-01-10")
RUNNING = charge("2026-01-01", "2026-03-31", "2026-04-20")
SECOND = charge("2026-04-01", "2026-06-30", "2026-07-20")
THIRD = charge("2026-07-01", "2026-07-31", "2026-08-20")
FACTS = Facts(
    charges=(BEFORE, RUNNING, SECOND, THIRD),
    reminded=REMINDED,
    planned=TODAY,
    delivered=dict.fromkeys(cutoff.RECIPIENTS, date(2026, 8, 12)),
    substitute=True,
)


def codes(facts, today=TODAY):
    return [obstacle.code for obstacle in cutoff.obstacles_to_cut(facts, today)]


def test_all_conditions_met():
    assert codes(FACTS) == []


def test_two_full_periods_after_the_reminder():
    """The period in which the reminder came, and those before it, do not count."""
    assert cutoff.unpaid_periods(FACTS.charges, REMINDED, TODAY) == (SECOND, THIRD)
    assert codes(replace(FACTS, charges=(BEFORE, RUNNING, SECOND))) == ["periods"]


@pytest.mark.parametrize(
    "other",
    [
        charge("2026-07-01", "2026-07-31", "2026-08-20", unpaid="99.99"),  # paid in part
        charge("2026-07-01", "2026-07-31", "2026-08-20", unpaid="0"),
        charge("2026-07-01", "2026-07-31", "2026-09-01"),  # due today: not late yet
        charge("2026-07-01", "2026-07-31", "2026-08-20", total="0"),
    ],
)
def test_what_does_not_count_as_unpaid(other):
    assert codes(replace(FACTS, charges=(SECOND, other))) == ["periods"]


def test_reminder_received():
    assert codes(replace(FACTS, reminded=None)) == ["no_reminder"]
    assert codes(replace(FACTS, reminded=date(2026, 4, 1))) == ["periods"]


@pytest.mark.parametrize("who", cutoff.RECIPIENTS)
def test_each_of_the_three_is_notified(who):
    facts = replace(FACTS, delivered={**FACTS.delivered, who: None})
    (obstacle,) = cutoff.obstacles_to_cut(facts, TODAY)
    assert (obstacle.code, obstacle.who) == ("not_notified", who)


@pytest.mark.parametrize("who", cutoff.RECIPIENTS)
def test_twenty_days(who):
    late = replace(FACTS, delivered={**FACTS.delivered, who: date(2026, 8, 13)})
    (obstacle,) = cutoff.obstacles_to_cut(late, TODAY)
    assert (obstacle.code, obstacle.day) == ("too_early", date(2026, 9, 2))


def test_not_before_the_day_that_was_announced():
    assert codes(FACTS, date(2026, 8, 31)) == ["not_yet"]


def test_substitute_and_day():
    assert codes(replace(FACTS, substitute=False)) == ["no_substitute"]
    assert codes(replace(FACTS, planned=None)) == ["no_day"]
    assert cutoff.obstacles_to_notice(replace(FACTS, delivered={}), TODAY) == ()
    assert cutoff.earliest_day({"customer": None}) is None
