"""Account numbers, interest, due dates, simulation."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_billing.domain import (
    AccountLayout,
    BadRequest,
    InterestRate,
    MissingRate,
    Period,
    Policy,
    Question,
    TariffVersion,
    due_date,
    interest_on,
    is_valid_account,
    simulate,
)
from pwik_billing.domain.account_number import branch_check_digit, check_digits, grouped

LAYOUT = AccountLayout("10901014", "40100123PPPPPPPP")


def test_check_digits_by_hand():
    """24 digits 109010140000071219812874 and 252100: remainder 37 of 97, 98 − 37 = 61."""
    assert int("109010140000071219812874252100") % 97 == 37
    assert check_digits("109010140000071219812874") == "61"
    assert is_valid_account("61 1090 1014 0000 0712 1981 2874")
    assert is_valid_account("PL61109010140000071219812874")


@pytest.mark.parametrize(
    "wrong",
    [
        "62109010140000071219812874",
        "6110901014000007121981287",
        "",
        "PL",
        "61109010140000071219812847",
        "x" * 26,
        "６" * 26,
    ],
)
def test_wrong_accounts(wrong):
    assert not is_valid_account(wrong)


@given(st.integers(0, 10**8 - 1))
def test_every_payer_has_an_account_of_his_own(payer):
    number = LAYOUT.number(payer)
    assert len(number) == 26
    assert is_valid_account(number)
    assert number[2:18] == "1090101440100123"
    assert LAYOUT.payer(number) == payer
    assert LAYOUT.number(str(payer).zfill(8)) == number


@given(st.integers(0, 10**8 - 1), st.integers(0, 25), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(payer, place, shift):
    number = LAYOUT.number(payer)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert not is_valid_account(wrong)


def test_the_layout_is_data():
    assert AccountLayout("10901014", "PPPP99PPPP000000").number(12345678)[10:] == "1234995678000000"
    assert AccountLayout("10901014", "57300038").body == "57300038PPPPPPPP"
    assert AccountLayout("10901014", "P" * 16).capacity == 10**16


@pytest.mark.parametrize(
    ("branch", "body"),
    [
        ("1090101", "P" * 16),
        ("10901015", "P" * 16),
        ("1090101x", "P" * 16),
        ("10901014", "1" * 16),
        ("10901014", "P" * 17),
        ("10901014", "12345678QQQQQQQQ"),
    ],
)
def test_a_malformed_layout(branch, body):
    with pytest.raises(BadRequest):
        AccountLayout(branch, body)


@pytest.mark.parametrize("payer", [10**8, -1, "", "12a", "１２", "1" * 5000])
def test_a_payer_who_does_not_fit(payer):
    with pytest.raises(BadRequest):
        LAYOUT.number(payer)


def test_somebody_elses_account_has_no_payer():
    assert LAYOUT.payer("61109010140000071219812874") is None
    assert LAYOUT.payer(AccountLayout("10201068", "40100123PPPPPPPP").number(5)) is None
    assert LAYOUT.payer("nonsense") is None


def test_branch_check_digit_and_print():
    assert branch_check_digit("1020106") == "8"  # 3 + 14 + 3 + 42 = 62
    assert grouped("61109010140000071219812874") == "61 1090 1014 0000 0712 1981 2874"


# Interest

TABLE = (
    InterestRate(date(2025, 5, 8), date(2025, 10, 8), Decimal("10.5")),
    InterestRate(date(2025, 10, 9), date(2025, 11, 5), Decimal(10)),
)


def test_interest_of_the_example():
    """420.88 × 10 % × 20 / 365 = 2.3062 → 2.31; due on 15 October, paid on 4 November."""
    found = interest_on(Decimal("420.88"), date(2025, 10, 15), date(2025, 11, 4), TABLE)
    assert (found.amount, found.days) == (Decimal("2.31"), 20)


def test_two_rates_rounded_once():
    """1000 × (10.5 % × 8 + 10 % × 10) / 365 = 2.30137 + 2.73973 = 5.0411 → 5.04."""
    found = interest_on(Decimal(1000), date(2025, 9, 30), date(2025, 10, 18), TABLE)
    assert [(part.period.days, part.percent) for part in found.parts] == [
        (8, Decimal("10.5")),
        (10, Decimal(10)),
    ]
    assert found.amount == Decimal("5.04")


@pytest.mark.parametrize("paid", [date(2025, 10, 15), date(2025, 10, 1)])
def test_paid_in_time(paid):
    assert interest_on(Decimal(100), date(2025, 10, 15), paid, TABLE).amount == 0


def test_a_day_without_a_rate():
    with pytest.raises(MissingRate, match="2025-11-06"):
        interest_on(Decimal(100), date(2025, 10, 15), date(2025, 11, 10), TABLE)
    with pytest.raises(MissingRate, match="2025-05-01"):
        interest_on(Decimal(100), date(2025, 4, 30), date(2025, 6, 1), TABLE)
    with pytest.raises(MissingRate, match="2025-10-09"):
        gap = (TABLE[0], InterestRate(date(2025, 10, 12), None, Decimal(10)))
        interest_on(Decimal(100), date(2025, 10, 1), date(2025, 10, 20), gap)


def test_rates_that_overlap_and_amounts_that_are_no_debt():
    with pytest.raises(BadRequest, match="2025-10-09"):
        interest_on(
            Decimal(1),
            date(2025, 6, 1),
            date(2025, 6, 2),
            (InterestRate(date(2025, 1, 1), None, Decimal(1)), TABLE[1]),
        )
    with pytest.raises(BadRequest, match="negative"):
        interest_on(Decimal(-1), date(2025, 6, 1), date(2025, 6, 2), TABLE)


# Due date


@pytest.mark.parametrize(
    ("days", "sent", "due"),
    [
        (14, None, date(2025, 1, 24)),
        (21, None, date(2025, 1, 31)),
        (7, None, date(2025, 1, 24)),
        (14, date(2025, 1, 13), date(2025, 1, 27)),
        (21, date(2025, 1, 13), date(2025, 1, 31)),
    ],
)
def test_due(days, sent, due):
    assert due_date(date(2025, 1, 10), days, sent) == due


def test_no_negative_term():
    with pytest.raises(BadRequest):
        due_date(date(2025, 1, 10), -1)


# Simulation


def test_simulation_is_the_settlement():
    """C03: 45 m³, 12 of them in the garden: net 531.12, gross 573.61."""
    v1 = TariffVersion(
        "V1",
        date(2024, 5, 3),
        None,
        {"water": Decimal("4.76"), "sewage": Decimal("8.78")},
        {"main": {"quarter": Decimal("24.12")}, "deduction": {"quarter": Decimal("3.06")}},
    )
    quarter = Period(date(2024, 7, 1), date(2024, 9, 30))
    document = simulate(Question(quarter, Decimal(45), Decimal(12)), [v1])
    assert (document.net, document.gross) == (Decimal("531.12"), Decimal("573.61"))
    document = simulate(Question(quarter, Decimal("45.4"), services=frozenset({"water"})), [v1])
    assert [(line.component, line.quantity) for line in document.lines] == [
        ("water", 45),
        ("subscription", 1),
    ]
    document = simulate(Question(quarter, Decimal("0.5")), [v1], Policy(quantity="decimal3"))
    assert document.lines[0].quantity == Decimal("0.500")
    with pytest.raises(BadRequest):
        simulate(Question(quarter, Decimal(-1)), [v1])
