"""The reading of a meter out of many telegrams."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate

import pytest
from pwik_radio_reading.domain.select import CURRENT, MONTH_END, Seen, best, closing_day, month_ends
from pwik_radio_reading.domain.wmbus import Telegram

HEARD = datetime(2026, 6, 20, 11, 0, tzinfo=UTC)
MAY, APRIL = date(2026, 5, 31), date(2026, 4, 30)


def seen(hours: int, total: str | None, history=(), clock: timedelta | None = None) -> Seen:
    heard = HEARD + timedelta(hours=hours)
    pairs = tuple((day, Decimal(value)) for day, value in history)
    telegram = Telegram(
        "FIO",
        "17392507",
        1,
        7,
        None if total is None else Decimal(total),
        pairs[0][1] if pairs else None,
        pairs[0][0] if pairs else None,
        None if clock is None else (heard + clock).replace(tzinfo=None),
        (),
        "oms",
        history=pairs,
    )
    return Seen(telegram, heard, number=hours)


def test_newest():
    found = best([seen(2, "12"), seen(5, "13"), seen(1, "11")])
    assert (found.kind, found.value, found.seen.number) == (CURRENT, 13, 5)


def test_nothing():
    assert best([]) is None
    assert best([seen(1, None)]) is None


def test_month_end_for_billing():
    heard = [seen(1, "12", [(MAY, "10.5"), (APRIL, "9")]), seen(2, "12.1")]
    found = best(heard, month_end=MAY)
    assert (found.kind, found.value, found.day, found.seen.number) == (MONTH_END, Decimal("10.5"), MAY, 1)
    assert best(heard, month_end=date(2026, 3, 31)).kind == CURRENT


def test_first_of_the_month_closes_the_one_before():
    assert closing_day(date(2026, 6, 1)) == MAY
    assert closing_day(MAY) == MAY
    assert closing_day(date(2026, 5, 15)) is None
    assert best([seen(1, "12", [(date(2026, 6, 1), "10")])], month_end=MAY).value == 10


def test_missed_months():
    found = month_ends([seen(1, "12", [(APRIL, "9")]), seen(2, "13", [(MAY, "10"), (APRIL, "9")])])
    assert {day: choice.value for day, choice in found.items()} == {APRIL: 9, MAY: 10}
    assert found[APRIL].seen.number == 2


def test_month_ends_that_contradict_each_other():
    found = month_ends(
        [seen(1, "12", [(MAY, "10"), (APRIL, "9")]), seen(2, "12", [(MAY, "11"), (APRIL, "9")])]
    )
    assert list(found) == [APRIL]


def test_clock_that_is_off_spoils_month_ends_only():
    off = seen(1, "12", [(MAY, "10")], clock=timedelta(days=3))
    assert month_ends([off]) == {}
    assert best([off], month_end=MAY).kind == CURRENT
    assert month_ends([seen(1, "12", [(MAY, "10")], clock=timedelta(hours=2))], zone=UTC)


def test_register_that_runs_back_is_not_sound():
    found = best([seen(1, "12"), seen(2, "13"), seen(3, "3")])
    assert (found.value, found.seen.number) == (13, 2)
    assert best([seen(1, "12.005"), seen(2, "12.000")]).seen.number == 2


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_that_was_never_set_closes_no_month(day):
    assert closing_day(day) is None


def test_one_that_stands_alone_is_doubted():
    """First or in the middle: what the later ones contradict is not taken."""
    true = [f"123.{n}" for n in range(1, 9)]
    for place in range(7):
        heard = [seen(n, total) for n, total in enumerate([*true[:place], "9999.9", *true[place:]])]
        assert best(heard).value == Decimal("123.8"), place
    found = best([seen(n, total) for n, total in enumerate(true + ["9999.9"])])
    assert found.value == Decimal(
        "9999.9"
    )  # nothing later contradicts it: the rules of validation look at it


def test_registers_that_tremble_are_one_series():
    heard = [seen(n, total) for n, total in enumerate(["9999", "12.005", "12.001", "11.999", "12.000"])]
    assert best(heard).seen.number == 4


def test_longest_series_as_a_search_of_all_finds_it():
    """Against all subsets: no series of registers that do not fall by more than the slack is longer."""
    draw = random.Random(7)
    for _round in range(300):
        totals = [Decimal(draw.choice((0, 5, 8, 12, 20, 24, 31))) / 1000 for _n in range(draw.randint(1, 8))]
        lengths = [_longest_to(totals[: n + 1]) for n in range(len(totals))]
        found = best([seen(n, str(total)) for n, total in enumerate(totals)])
        assert found.seen.number == lengths.index(max(lengths)), totals


def _longest_to(totals):
    """Length of the longest such series that ends with the last of these."""
    most = 0
    for chosen in range(1 << (len(totals) - 1)):
        series = [total for n, total in enumerate(totals[:-1]) if chosen >> n & 1] + totals[-1:]
        highest = accumulate(series, max)
        if all(total >= top - Decimal("0.01") for total, top in zip(series, highest, strict=True)):
            most = max(most, len(series))
    return most
