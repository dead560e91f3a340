"""Steps of reminders."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from pwik_billing.domain import LeftOut, Level, OpenItem, Reminder, next_step

FIRST, SECOND, THIRD = LEVELS = (
    Level(1, days=7, minimum=Decimal(10)),
    Level(2, days=21, wait=14, minimum=Decimal(20)),
    Level(3, days=45, wait=14, minimum=Decimal(50)),
)
TODAY = date(2026, 6, 30)


def item(days, amount="100", last=None, blocked="", key=1):
    taken = last and (last[0], TODAY - timedelta(days=last[1]))
    return OpenItem(key, TODAY - timedelta(days=days), Decimal(amount), taken, blocked)


def step(*items, credit="0"):
    return next_step(items, LEVELS, Decimal(credit), TODAY)


def test_first_step_after_its_days():
    assert step(item(7)) == Reminder(FIRST, step(item(7)).listed)
    assert step(item(6)) == LeftOut("waiting", day=TODAY + timedelta(days=1))
    assert step(item(0)) == LeftOut("not_overdue")


def test_no_step_is_left_out_however_old():
    assert step(item(400)).level is FIRST


def test_next_step_waits():
    assert step(item(30, last=(1, 14))).level is SECOND
    assert step(item(30, last=(1, 10))) == LeftOut("waiting", day=TODAY + timedelta(days=4))
    assert step(item(20, last=(1, 14))) == LeftOut("waiting", day=TODAY + timedelta(days=1))


def test_all_steps_taken():
    assert step(item(90, last=(3, 30))) == LeftOut("finished")


def test_highest_level_names_the_reminder_and_each_document_its_own():
    found = step(item(30, last=(1, 20), key=1), item(10, key=2), item(2, key=3))
    assert found.level is SECOND
    assert [(line.item.key, line.level) for line in found.listed] == [(1, SECOND), (2, FIRST), (3, None)]
    assert found.amount == 300


def test_credit_covers_the_oldest_first():
    found = step(item(30, "50", key=1), item(10, "100", key=2), credit="80")
    assert [(line.item.key, line.amount) for line in found.listed] == [(2, Decimal(70))]
    assert step(item(30), credit="100") == LeftOut("covered")


def test_minimum():
    assert step(item(10, "9.99")) == LeftOut("minimum", amount=Decimal("9.99"), least=Decimal(10))
    assert step(item(10, "10")).level is FIRST


def test_a_minimum_not_reached_leaves_lower_steps():
    """12 zł wait for the third step (50 zł), and a new invoice of 30 zł gets its first (10 zł) all the same."""
    old, new = item(100, "12", last=(2, 40), key=1), item(10, "30", key=2)
    found = step(old, new)
    assert found.level is FIRST
    assert [(line.item.key, line.level) for line in found.listed] == [(1, None), (2, FIRST)]
    assert found.amount == 42
    assert step(old, item(10, "38", key=2)).level is THIRD
    assert step(item(100, "4", last=(2, 40), key=1), item(10, "5", key=2)) == LeftOut(
        "minimum", amount=Decimal(9), least=Decimal(10)
    )


def test_a_term_on_a_saturday_ends_on_monday():
    """27 June 2026 is a Saturday: on Monday the 29th it is not overdue yet (Civil Code art. 115)."""
    at_once = (Level(1, days=0),)
    saturday = item(3)
    monday = TODAY - timedelta(days=1)
    assert next_step([saturday], at_once, Decimal(0), monday) == LeftOut("not_overdue")
    assert next_step([saturday], at_once, Decimal(0), TODAY).level is at_once[0]


def test_blocked():
    assert step(item(10, blocked="reklamacja")) == LeftOut("blocked", reason="reklamacja")
    found = step(item(30, blocked="reklamacja", key=1), item(10, key=2))
    assert [line.item.key for line in found.listed] == [2]


def test_a_level_no_longer_used_starts_anew():
    assert step(item(30, last=(99, 20))).level is FIRST


@given(
    st.lists(
        st.tuples(
            st.integers(-10, 200),
            st.integers(1, 100000),
            st.one_of(st.none(), st.tuples(st.integers(1, 3), st.integers(0, 60))),
            st.sampled_from(["", "spór"]),
        ),
        max_size=8,
    ),
    st.integers(0, 100000),
)
def test_properties(rows, credit):
    """Taking the step and asking again on the same day asks nobody twice; sums fit."""
    items = [item(d, Decimal(a) / 100, last, blocked, key) for key, (d, a, last, blocked) in enumerate(rows)]
    found = next_step(items, LEVELS, Decimal(credit) / 100, TODAY)
    if isinstance(found, LeftOut):
        return
    open_sum = sum(i.amount for i in items if not i.blocked and i.due < TODAY)
    assert found.amount == open_sum - Decimal(credit) / 100
    assert not any(line.item.blocked or line.item.due >= TODAY for line in found.listed)
    taken = {line.item.key: (line.level.key, TODAY) for line in found.listed if line.level}
    again = [OpenItem(i.key, i.due, i.amount, taken.get(i.key, i.last), i.blocked) for i in items]
    assert isinstance(next_step(again, LEVELS, Decimal(credit) / 100, TODAY), LeftOut)
