"""Bank files: what was written is read back, in every format and code page."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import bank_samples as samples
import pytest
from hypothesis import given, settings
from pwik_einvoice.domain.bank import BankProfile, identify, identities, read_statements


@settings(max_examples=30, deadline=None)
@given(samples.statements())
def test_mt940_round_trip(statement):
    kind, [read] = read_statements(samples.mt940(statement).encode("cp1250"), BankProfile(encoding="cp1250"))
    assert kind == "mt940"
    assert replace(read, number="7") == statement


@settings(max_examples=20, deadline=None)
@given(samples.statements(), samples.statements())
def test_camt_round_trip(first, second):
    for version in ("02", "08"):
        kind, read = read_statements(samples.camt(first, second, version=version))
        assert kind == "camt053"
        assert read == (first, second)


@settings(max_examples=30, deadline=None)
@given(samples.statements(collected=True))
def test_collected_payments_round_trip(statement):
    kind, [read] = read_statements(samples.collect(statement).encode("cp852"), BankProfile(encoding="cp852"))
    assert kind == "collect"
    assert read == statement


@pytest.mark.parametrize("encoding", ["utf-8", "cp1250", "iso-8859-2", "cp852"])
def test_the_code_page_is_found_or_named(encoding):
    one = samples.payment(title="Zażółć gęślą jaźń", payer="ŁĄKA ŚŹŻ")
    data = samples.mt940(samples.statement(one)).encode(encoding)
    for profile in (BankProfile(), BankProfile(encoding=encoding)):
        _kind, [read] = read_statements(data, profile)
        assert read.transactions[0].title == "Zażółć gęślą jaźń"
        assert read.transactions[0].payer == "ŁĄKA ŚŹŻ"


@pytest.mark.parametrize("separator", ["^", "<", "~", "?"])
def test_separators_of_banks(separator):
    data = samples.mt940(samples.statement(samples.payment()), separator=separator).encode()
    [read] = read_statements(data)[1]
    assert read.transactions[0] == samples.payment()


def test_a_bank_that_tells_the_individual_account_apart():
    one = samples.payment(account=samples.VIRTUAL)
    data = samples.mt940(samples.statement(one)).encode()
    assert read_statements(data)[1][0].transactions[0].account == ""
    assert read_statements(data, BankProfile(account="63"))[1][0].transactions[0].account == samples.VIRTUAL


def test_a_bank_that_writes_words():
    text = samples.mt940(samples.statement(samples.payment())).split(":86:")
    details = ":86:PRZELEW ELIXIR; Z RACH.: 27 1140 2004 0000 3002 0135 5387;\nOD: ŻANETA ŚWIĘCKA; TYT.: FV/2026/00012"
    tail = text[1].partition(":62F:")
    data = (text[0] + details + "\n:62F:" + tail[2]).encode()
    profile = BankProfile(labels="payer_account = Z RACH.:\npayer = OD:\ntitle = TYT.:")
    assert read_statements(data, profile)[1][0].transactions[0] == samples.payment()


def test_envelope_of_swift_and_pages_of_a_statement():
    first = samples.statement(samples.payment())
    text = samples.mt940(first, newline="\n")
    pages = text.replace(":62F:", ":62M:") + text.replace(
        ":60F:C261015PLN1000,00", ":60M:C261015PLN1420,88"
    ).replace("1420,88\n:64", "1841,76\n:64")
    data = "{1:F01BANKPLPWXXXX0000000000}{2:I940CUSTPLPWXXXXN}{4:\n" + pages + "-}\n"
    _kind, read = read_statements(data.encode())
    assert [(one.opening, one.closing) for one in read] == [
        (Decimal("1000.00"), Decimal("1420.88")),
        (Decimal("1420.88"), Decimal("1841.76")),
    ]


def test_reversed_credit_is_money_that_goes():
    text = samples.mt940(samples.statement(samples.payment("-10.00")))
    read = read_statements(text.replace("DN10,00", "RCN10,00").encode())[1][0]
    assert read.transactions[0].amount == Decimal("-10.00")


def test_note_on_the_whole_statement_is_no_payment():
    text = samples.mt940(samples.statement(samples.payment()), newline="\n").replace(
        "\n-\n", "\n:86:NAME ACCOUNT OWNER: PWiK\n-\n"
    )
    assert read_statements(text.encode())[1][0].transactions[0] == samples.payment()


def test_booked_sum_of_several_payments_is_taken_apart():
    data = samples.camt(samples.statement(samples.payment("30.00")), version="08").decode()
    detail = data[data.index("<TxDtls>") : data.index("</NtryDtls>")]
    parts = "".join(
        detail.replace("<TxDtls>", f'<TxDtls><Amt Ccy="PLN">{amount}</Amt>').replace("00012", f"0001{number}")
        for number, amount in enumerate(("10.00", "20.00"))
    )
    read = read_statements(data.replace(detail, parts).encode())[1][0].transactions
    assert [(str(one.amount), one.title, one.reference) for one in read] == [
        ("10.00", "FV/2026/00010", "REF1/1"),
        ("20.00", "FV/2026/00011", "REF1/2"),
    ]


def collected(amounts, path):
    """A booked sum of 30.00, its payments' amounts written at `path`."""
    data = samples.camt(samples.statement(samples.payment("30.00")), version="08").decode()
    detail = data[data.index("<TxDtls>") : data.index("</NtryDtls>")]
    opening, closing = "".join(f"<{tag}>" for tag in path), "".join(f"</{tag}>" for tag in reversed(path))
    parts = "".join(
        detail.replace("<TxDtls>", f'<TxDtls>{opening}<Amt Ccy="PLN">{amount}</Amt>{closing}').replace(
            "00012", f"0001{number}"
        )
        for number, amount in enumerate(amounts)
    )
    return read_statements(data.replace(detail, parts).encode())[1][0].transactions


def test_amounts_that_the_payers_instructed_take_a_sum_apart():
    read = collected(("10.00", "20.00"), ("AmtDtls", "InstdAmt"))
    assert [(str(one.amount), one.title) for one in read] == [
        ("10.00", "FV/2026/00010"),
        ("20.00", "FV/2026/00011"),
    ]


def test_a_sum_that_cannot_be_taken_apart_names_nobody():
    (only,) = collected(("10.00", "19.00"), ("AmtDtls", "TxAmt"))
    assert (str(only.amount), only.payer, only.payer_account) == ("30.00", "", "")
    assert "FV/2026" not in only.title


def test_entries_not_booked_yet_do_not_count():
    data = samples.camt(samples.statement(samples.payment(), opening="-420.88")).decode()
    pending = (
        data.replace("<Sts>BOOK</Sts>", "<Sts>PDNG</Sts>")
        .replace('<Amt Ccy="PLN">0.00</Amt>', '<Amt Ccy="PLN">420.88</Amt>')
        .replace(
            "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-15</Dt></Dt></Bal>\n<Ntry>",
            "<CdtDbtInd>DBIT</CdtDbtInd><Dt><Dt>2026-10-15</Dt></Dt></Bal>\n<Ntry>",
        )
    )
    assert read_statements(pending.encode())[1][0].transactions == ()


def test_columns_instead_of_positions():
    profile = BankProfile(
        delimiter=";",
        amount_unit="zloty",
        date_format="%d.%m.%Y",
        layout="header = H\nheader.account = 2\ndetail = P\ndetail.date = 2\ndetail.account = 3\ndetail.amount = 4\n"
        "detail.title = 5\ntrailer = S\ntrailer.count = 2\ntrailer.sum = 3",
    )
    data = f"H;{samples.ACCOUNT}\nP;15.10.2026;{samples.VIRTUAL};420,88;FV/2026/00012\nS;1;420,88\n".encode()
    [read] = read_statements(data, profile)[1]
    assert read.account == samples.ACCOUNT
    assert (read.transactions[0].day, read.transactions[0].amount) == (date(2026, 10, 15), Decimal("420.88"))


def test_identity_does_not_depend_on_the_file():
    """Daily statements, the month's statement and the same day in another code page: each payment has one key."""
    twice = samples.payment()
    other = samples.payment("7.00", "inna")
    day = identities(samples.statement(twice, twice))
    month = identities(replace(samples.statement(other, twice, twice), number="99"))
    assert len(set(day)) == 2
    assert set(day) < set(month)
    assert len(set(month)) == 3


def test_formats_are_told_by_their_beginning():
    one = samples.statement(samples.payment())
    assert identify(samples.mt940(one).encode()) == "mt940"
    assert identify(samples.camt(one)) == "camt053"
    assert identify(samples.collect(replace(one, opening=None, closing=None)).encode()) == "collect"
