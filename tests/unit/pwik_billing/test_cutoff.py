"""Conditions of a cut-off (act of 7 June 2001, art. 8)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from pwik_billing.domain import cutoff
from pwik_billing.domain.cutoff import Charge, Facts

REMINDED = date(2026, 1, 15)
TODAY = date(2026, 9, 1)


def charge(start, end, due, total="100", unpaid=None, disputed=False):
    return Charge(
        date.fromisoformat(start),
        date.fromisoformat(end),
        date.fromisoformat(due),
        Decimal(total),
        Decimal(total if unpaid is None else unpaid),
        disputed,
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


def test_correction_upwards_is_no_second_period():
    """The invoice of a period and its correction upwards are one unpaid period, however many documents it has."""
    upwards = charge("2026-04-01", "2026-06-30", "2026-08-10", total="15")
    (period,) = cutoff.unpaid_periods((SECOND, upwards), REMINDED, TODAY)
    assert (period.due, period.total) == (SECOND.due, Decimal(115))
    assert codes(replace(FACTS, charges=(SECOND, upwards))) == ["periods"]
    assert codes(replace(FACTS, charges=(SECOND, upwards, THIRD))) == []


@pytest.mark.parametrize("paid", [0, 1])
def test_a_payment_on_one_document_is_one_on_its_period(paid):
    documents = [SECOND, charge("2026-04-01", "2026-06-30", "2026-09-10", total="15")]
    documents[paid] = replace(documents[paid], open=documents[paid].open - 1)
    assert cutoff.unpaid_periods(documents, REMINDED, TODAY) == ()


def test_a_dispute_is_no_ground_and_no_payment():
    disputed = replace(SECOND, disputed=True)
    assert codes(replace(FACTS, charges=(disputed, THIRD))) == ["disputed"]
    assert not cutoff.is_ground_gone((disputed, THIRD), REMINDED, TODAY)
    assert cutoff.is_held((disputed, THIRD), REMINDED, TODAY)
    assert codes(replace(FACTS, charges=(replace(disputed, open=Decimal(0)), THIRD))) == ["periods"]
    assert cutoff.is_ground_gone((disputed,), REMINDED, TODAY)
    assert not cutoff.is_held((SECOND, THIRD), REMINDED, TODAY)


def test_a_disputed_correction_holds_its_period():
    upwards = charge("2026-04-01", "2026-06-30", "2026-08-10", total="15", disputed=True)
    assert codes(replace(FACTS, charges=(SECOND, upwards, THIRD))) == ["disputed"]


def test_an_open_credit_is_matched_first():
    (obstacle,) = cutoff.obstacles_to_cut(replace(FACTS, credit=Decimal("0.01")), TODAY)
    assert (obstacle.code, obstacle.amount) == ("credit", Decimal("0.01"))


def test_a_term_on_a_saturday_ends_on_monday():
    """29 August 2026 is a Saturday: on Monday the second period is not late yet (Civil Code art. 115)."""
    saturday = replace(THIRD, due=date(2026, 8, 29))
    assert cutoff.unpaid_periods((saturday,), REMINDED, date(2026, 8, 31)) == ()
    assert cutoff.unpaid_periods((saturday,), REMINDED, date(2026, 9, 1)) == (saturday,)
