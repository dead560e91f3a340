"""Proof by an invoice, codes, limits: what is taken as the same, and what is not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_ebok.domain.attempts import Limit, refused
from pwik_ebok.domain.linking import (
    CODE_SIGNS,
    InvoiceFact,
    digest,
    is_proven,
    make_code,
    make_token,
    mask_email,
    normalize_code,
    normalize_number,
    parse_amount,
)

INVOICES = [
    InvoiceFact("FV/2025/00012", Decimal("129.60")),
    InvoiceFact("FV/2025/00007", Decimal("98.00")),
]


@pytest.mark.parametrize("text", ["FV/2025/00012", " fv/2025/00012 ", "FV / 2025 / 00012", "ＦＶ/2025/00012"])
def test_a_number_is_read_as_people_write_it(text):
    assert normalize_number(text) == "FV/2025/00012"


def test_any_dash_is_a_hyphen():
    assert normalize_number("K\u20132025\u22121") == "K-2025-1"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("129,60", "129.60"),
        ("129.6", "129.60"),
        ("1 234,56 zł", "1234.56"),
        ("1\u00a0234,56 PLN", "1234.56"),
        ("1.234,56", "1234.56"),
        ("12.345.678", "12345678.00"),
        ("0,00", "0.00"),
    ],
)
def test_an_amount_is_read_as_people_write_it(text, amount):
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", [None, "", "-5", "1,2,3", "12,345", "1e5", "NaN", "abc", "1234567890", "٣"])
def test_what_is_no_amount(text):
    assert parse_amount(text) is None


def test_number_and_amount_prove_together():
    assert is_proven(InvoiceFact("fv/2025/00012", Decimal("129.6")), INVOICES)
    assert not is_proven(InvoiceFact("FV/2025/00012", Decimal("98.00")), INVOICES)
    assert not is_proven(InvoiceFact("FV/2025/00013", Decimal("129.60")), INVOICES)
    assert not is_proven(InvoiceFact("FV/2025/00012", Decimal("129.60")), [])


def test_codes_differ_and_hold_no_sign_that_is_taken_for_another():
    codes = {make_code() for _ in range(2000)}
    assert len(codes) == 2000
    for code in codes:
        assert len(code) == 14
        assert set(code) <= set(CODE_SIGNS) | {"-"}
    assert not set(CODE_SIGNS) & set("01OILUV")


def test_a_code_is_the_same_however_it_is_typed():
    assert normalize_code(" abcd efgh-jkmn") == normalize_code("ABCD-EFGH-JKMN") == "ABCDEFGHJKMN"


def test_a_digest_does_not_hold_the_secret():
    token = make_token()
    assert len(token) >= 43
    assert token not in digest(token)
    assert digest(token) == digest(token) != digest(make_token())


@pytest.mark.parametrize(
    ("address", "masked"),
    [("anna@example.com", "a…@example.com"), ("", ""), (None, ""), ("anna", ""), ("@example.com", "")],
)
def test_a_masked_address(address, masked):
    assert mask_email(address) == masked


@given(st.text(max_size=300))
def test_nothing_typed_breaks_the_form(text):
    assert len(normalize_number(text)) <= 64
    amount = parse_amount(text)
    assert amount is None or 0 <= amount < 10**9


def test_a_limit_is_reached_by_any_of_its_values():
    limits = [Limit("link_login", "7", 5), Limit("link_address", "192.0.2.1", 20)]
    assert not refused(limits, [4, 19])
    assert refused(limits, [5, 0])
    assert refused(limits, [0, 20])


def test_a_key_tells_nothing_and_depends_on_scope_and_secret():
    key = Limit("link_customer", "10001", 5).key("secret")
    assert "10001" not in key
    assert key != Limit("link_login", "10001", 5).key("secret")
    assert key != Limit("link_customer", "10001", 5).key("other")
