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


OVERPAID = Claim(31, 1, "BT/2026/10/0007", date(2026, 10, 3), Decimal("30.00"))
CORRECTION = Claim(32, 1, "KFV/2026/00002", date(2026, 10, 10), Decimal("50.00"))
HIS_CREDIT = Claim(41, 2, "KFV/2026/00003", date(2026, 10, 10), Decimal("12.34"))


@pytest.fixture
def owing():
    """Customers who have money to get."""
    documents = [("KFV/2026/00002", 1), ("FV/2026/00013", 2)]
    credits = [CORRECTION, OVERPAID, HIS_CREDIT]
    return Matcher([ANNA, JAN], [OLD], documents, {samples.PAYER: [2]}, credits)


@pytest.mark.parametrize(
    ("title", "how", "taken"),
    [
        ("Zwrot nadpłaty nr klienta 10000012", "number", ((31, Decimal("30.00")), (32, Decimal("30.00")))),
        ("zwrot do KFV/2026/00002", "document", ((32, Decimal("50.00")), (31, Decimal("10.00")))),
    ],
)
def test_money_paid_back_takes_the_credits_of_who_is_named(owing, title, how, taken):
    match = paid(owing, "-60.00", title)
    assert (match.customer, match.how, match.rest, match.allocation) == (1, how, 0, taken)


def test_more_than_he_has_to_get_is_for_a_person(owing):
    match = paid(owing, "-80.01", "Zwrot nadpłaty nr klienta 10000012")
    assert (match.customer, match.reason) == (None, "outgoing")
    assert [(one.customer, one.why) for one in match.suggestions] == [(1, "number")]


def test_an_open_invoice_is_no_reason_to_pay_back():
    matcher = Matcher([ANNA], [OLD], [("FV/2026/00005", 1)])
    assert paid(matcher, "-100.00", "FV/2026/00005").customer is None


def test_a_fee_points_to_nobody(owing):
    match = paid(owing, "-5.00", "OPŁATA ZA PROWADZENIE RACHUNKU")
    assert (match.reason, match.suggestions) == ("outgoing", ())


def test_who_has_just_that_much_to_get_is_suggested(owing):
    match = paid(owing, "-12.34", "zwrot")
    assert match.reason == "outgoing"
    assert [(one.customer, one.why, one.claim) for one in match.suggestions] == [(2, "amount", 41)]


def test_an_individual_account_among_the_words_pays_nobody_back(owing):
    """Who is paid back has it on his own account; ours in the title says whose money it is only when it comes in."""
    assert paid(owing, "-30.00", f"przekazanie {samples.VIRTUAL}").customer is None


def test_what_was_paid_back_is_not_paid_back_again(owing):
    transaction = samples.payment("-60.00", "Zwrot nadpłaty nr klienta 10000012", payer_account="")
    allocation, rest = owing.allocate(1, transaction)
    assert not rest
    owing.pay(1, allocation, back=True)
    assert owing.allocate(1, transaction) == (((32, Decimal("20.00")),), Decimal("40.00"))
    assert owing.claims[1] == [OLD], "what he owes is another matter"


def test_a_certain_answer_is_the_first_suggestion_for_who_doubts(matcher, owing):
    payment = samples.payment("420.88", "FV/2026/00012", payer_account=samples.PAYER)
    found = matcher.suggest(payment, matcher.match(payment))
    assert [(one.customer, one.why) for one in found] == [(1, "document"), (2, "payer")]
    back = samples.payment("-30.00", "nr klienta 10000012", payer_account=samples.PAYER)
    found = owing.suggest(back, owing.match(back))
    assert [(one.customer, one.why) for one in found] == [(1, "number"), (2, "payer")]
