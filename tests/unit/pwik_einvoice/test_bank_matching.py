"""To whom a payment belongs, and what it pays."""

from datetime import date
from decimal import Decimal

import bank_samples as samples
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_einvoice.domain.bank import Claim, Customer, Matcher, matching
from pwik_einvoice.domain.bank.matching import hints

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ANNA = Customer(1, "10000012", samples.VIRTUAL)
JAN = Customer(2, "10000013", "72999900005730003800000013")
OLD = Claim(11, 1, "FV/2026/00005", date(2026, 7, 20), Decimal("100.00"))
NEW = Claim(12, 1, "FV/2026/00012", date(2026, 10, 20), Decimal("420.88"))
HIS = Claim(21, 2, "FV/2026/00013", date(2026, 10, 20), Decimal("420.88"))


@pytest.fixture
def matcher():
    documents = [("FV/2026/00012", 1), ("FV/2026/00013", 2), ("FV/2025/00001", 2)]
    return Matcher([ANNA, JAN], [NEW, OLD, HIS], documents, {samples.PAYER: [2]})


def paid(matcher, amount="420.88", title="", **values):
    return matcher.match(samples.payment(amount, title, payer_account="", **values))


def test_individual_account_decides_and_the_oldest_is_paid_first(matcher):
    match = paid(matcher, account=samples.VIRTUAL)
    assert (match.customer, match.how) == (1, "account")
    assert match.allocation == ((11, Decimal("100.00")), (12, Decimal("320.88")))
    assert match.rest == 0


def test_named_document_goes_before_the_oldest(matcher):
    match = paid(matcher, "450.00", "zapłata za fv 2026/12 dziękuję", account=samples.VIRTUAL)
    assert match.allocation == ((12, Decimal("420.88")), (11, Decimal("29.12")))


def test_overpayment_stays_with_the_customer(matcher):
    match = paid(matcher, "600.00", account=samples.VIRTUAL)
    assert match.rest == Decimal("79.12")


@pytest.mark.parametrize(
    "title", ["FV/2026/00012", "fv2026/12", "faktura FV 2026 00012 woda", "FV-2026-00012"]
)
def test_document_in_the_title(matcher, title):
    match = paid(matcher, title=title)
    assert (match.customer, match.how) == (1, "document")


def test_paid_document_still_tells_who(matcher):
    match = paid(matcher, "5.00", "FV/2025/00001")
    assert (match.customer, match.allocation) == (2, ((21, Decimal("5.00")),))


def test_month_and_year_name_no_document():
    """An earlier system numbered its invoices 10/2025."""
    matcher = Matcher([ANNA, JAN], [NEW, OLD, HIS], [("10/2025", 1)])
    match = paid(matcher, "84.20", "Woda za 10/2025, ul. Długa 3")
    assert (match.customer, match.allocation, match.reason) == (None, (), "unknown")
    assert [(one.customer, one.why) for one in match.suggestions] == [(1, "document")]
    match = paid(matcher, "100.00", "Woda za 10/2025, ul. Długa 3")
    assert (match.customer, match.how) == (1, "document"), "the sum is hers as well"


@pytest.mark.parametrize("title", ["nr klienta 10000013", "Klient: 10000013, woda", "odbiorca nr 10000013."])
def test_customer_number_that_is_called_so(matcher, title):
    assert paid(matcher, "1.00", title).customer == 2


def test_bare_number_counts_only_with_the_sum(matcher):
    assert paid(matcher, "420.88", "woda 10000013").customer == 2
    match = paid(matcher, "1.00", "woda 10000013")
    assert (match.customer, match.reason) == (None, "unknown")
    assert [(one.customer, one.why) for one in match.suggestions] == [(2, "number")]


def test_account_in_the_title(matcher):
    assert paid(matcher, title="wpłata na 02 9999 0000 5730 0038 0000 0012").customer == 1


def test_nothing_is_guessed(matcher):
    by_sum = paid(matcher)
    assert (by_sum.customer, by_sum.reason) == (None, "unknown")
    assert {(one.customer, one.why) for one in by_sum.suggestions} == {(1, "amount"), (2, "amount")}
    both = paid(matcher, "841.76", "FV/2026/00012 i FV/2026/00013")
    assert (both.customer, both.reason) == (None, "ambiguous")
    conflict = paid(matcher, title="FV/2026/00013", account=samples.VIRTUAL)
    assert (conflict.customer, conflict.reason) == (None, "conflict")
    assert {one.customer for one in conflict.suggestions} == {1, 2}


def test_account_that_people_assigned_before_is_a_suggestion_only(matcher):
    match = matcher.match(samples.payment("3.00", "woda"))
    assert match.customer is None
    assert [(one.customer, one.why) for one in match.suggestions] == [(2, "payer")]


def test_money_that_goes_is_for_a_person(matcher):
    assert paid(matcher, "-5.00", "FV/2026/00012").reason == "outgoing"


def test_house_number_is_no_document():
    matcher = Matcher([ANNA], [Claim(11, 1, "12", date(2026, 7, 20), Decimal("100.00"))])
    assert matcher.match(samples.payment("9.00", "ul. Polna 12")).customer is None


def test_hints_are_few():
    found = hints(samples.payment(title="FV/2026/00012, nr klienta 10000013; woda"))
    assert found.documents == {("FV", "2026", 12)}
    assert {"FV/2026/00012", "10000013"} <= found.words
    assert "woda" not in found.words


@given(
    st.lists(st.integers(1, 100_000), max_size=8),
    st.integers(1, 500_000),
    st.integers(0, 7),
)
def test_allocation_gives_away_neither_more_nor_less(claims, grosze, named):
    items = [
        Claim(key, 1, f"FV/2026/{key}", date(2026, 1, 1 + key), Decimal(amount) / 100)
        for key, amount in enumerate(claims)
    ]
    amount = Decimal(grosze) / 100
    title = f"FV/2026/{named}"
    match = Matcher([ANNA], items).match(samples.payment(str(amount), title, account=samples.VIRTUAL))
    open_by_key = {one.key: one.amount for one in items}
    assert sum((part for _key, part in match.allocation), match.rest) == amount
    assert all(0 < part <= open_by_key[key] for key, part in match.allocation)
    assert match.rest == max(amount - sum(open_by_key.values()), 0)
    if named < len(claims):
        assert match.allocation[0][0] == named


def test_a_title_is_not_compared_with_every_document(monkeypatch):
    """A file of thousands of payments has as many documents: each payment looks at those that begin like words of its title."""
    claims = [
        Claim(
            number,
            number,
            f"{LETTERS[number % 26]}{LETTERS[number // 26 % 26]}X/2026/{number}",
            date(2026, 7, 20),
            Decimal(number),
        )
        for number in range(1, 2001)
    ]
    matcher = Matcher([Customer(one.customer, str(one.customer)) for one in claims], claims)
    looked = []
    original = matching.names
    monkeypatch.setattr(matching, "names", lambda *args: looked.append(1) or original(*args))
    assert paid(matcher, "77.00", "zapłata AB/2026/77").customer is None
    assert len(looked) < 100


def test_what_was_paid_is_not_paid_again(matcher):
    first = paid(matcher, "150.00", account=samples.VIRTUAL)
    matcher.pay(1, first.allocation)
    second = paid(matcher, "400.00", account=samples.VIRTUAL)
    assert second.allocation == ((12, Decimal("370.88")),)
    assert second.rest == Decimal("29.12")
