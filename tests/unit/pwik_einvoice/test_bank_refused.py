"""Bank files that must not be taken: each with a code of its own that says what is wrong."""

import time
from dataclasses import replace

import bank_samples as samples
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pwik_einvoice.domain.bank import BankFileError, BankProfile, read_statements

ONE = samples.statement(samples.payment())
LIST = replace(samples.statement(samples.payment(account=samples.VIRTUAL)), opening=None, closing=None)
MT940 = samples.mt940(ONE, newline="\n")
CAMT = samples.camt(ONE).decode()
COLLECT = samples.collect(LIST)


def refused(data, profile=None, **kwargs):
    with pytest.raises(BankFileError) as caught:
        read_statements(data if isinstance(data, bytes) else data.encode(), profile, **kwargs)
    return caught.value


@pytest.mark.parametrize(
    "code, data",
    [
        ("empty", ""),
        ("empty", "  \n"),
        ("unknown_format", "Data;Kwota;Tytuł\n"),
        ("unknown_format", "%PDF-1.7"),
        ("truncated", MT940[: MT940.index(":62F:")]),
        ("truncated", MT940[: MT940.index(":86:") + 20]),
        ("negative_amount", MT940.replace("CN420,88", "CN-420,88")),
        ("syntax", MT940.replace("CN420,88", "CNabc")),
        ("syntax", MT940.replace(":61:261015", ":61:261345")),
        ("balance", MT940.replace(":62F:C261015PLN1420,88", ":62F:C261015PLN1420,89")),
        ("currency", MT940.replace("PLN", "EUR")),
        ("no_account", MT940.replace(":25:/PL" + samples.ACCOUNT, ":25:")),
        ("xml", CAMT[: len(CAMT) // 2]),
        ("xml", "<Document"),
        (
            "doctype",
            CAMT.replace("<Document", '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document', 1),
        ),
        ("version", CAMT.replace("camt.053.001.02", "camt.053.001.99")),
        ("version", "<html/>"),
        ("schema", CAMT.replace("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<CdtDbtInd>X</CdtDbtInd><Sts>")),
        ("schema", CAMT.replace("<Sts>BOOK</Sts>", "")),
        ("negative_amount", CAMT.replace(">420.88<", ">-420.88<")),
        ("balance", CAMT.replace(">1420.88<", ">1420.89<")),
        ("currency", CAMT.replace('"PLN"', '"EUR"')),
        ("currency", CAMT.replace('"PLN">420.88', '"EUR">420.88')),
        ("truncated", CAMT.replace("CLBD", "CLAV")),
        ("truncated", COLLECT[: COLLECT.index("\nT") + 1]),
        ("trailer_count", COLLECT.replace("T00000001", "T00000002")),
        ("trailer_sum", COLLECT[:-2] + "9\n"),
        ("record", COLLECT.replace("\nD", "\nX")),
        ("after_trailer", COLLECT + COLLECT),
        ("account", COLLECT.replace(samples.VIRTUAL, samples.VIRTUAL[:-1] + "X")),
        ("amount", COLLECT.replace("000000042088", "00000004208X")),
        ("negative_amount", COLLECT.replace("000000042088", "-00000042088")),
        ("date", COLLECT.replace("D20261015", "D20261345")),
        ("currency", COLLECT.replace("PLN", "EUR")),
    ],
)
def test_each_fault_has_its_code(code, data):
    assert refused(data).code == code


def test_wrong_code_page_is_not_guessed_away():
    data = samples.mt940(samples.statement(samples.payment(title="Zażółć gęślą jaźń"))).encode("cp852")
    for named in ("utf-8", "cp1250", "iso-8859-2"):
        error = refused(data, BankProfile(encoding=named))
        assert (error.code, error.params["line"]) == ("encoding", 6)


def test_binary_is_no_text():
    assert refused(b":20:A\n" + b"\x00" * 10).code == "binary"


def test_a_file_too_big():
    assert refused(b":20:" + b" x" * (10 * 1024 * 1024 + 1)).code == "too_big"


def test_a_billion_laughs_end_at_once():
    doubled = "".join(f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, 30))
    bomb = f'<!DOCTYPE d [<!ENTITY a0 "ha">{doubled}'
    before = time.process_time()
    assert refused(bomb + "]><Document>&a29;</Document>").code == "doctype"
    assert time.process_time() - before < 1


def test_faults_name_the_place():
    assert refused(CAMT.replace("<Sts>BOOK</Sts>", "")).params["line"] > 1
    assert refused(COLLECT.replace("\nD", "\nX")).params["line"] == 2
    balance = refused(MT940.replace(":62F:C261015PLN1420,88", ":62F:C261015PLN1420,89")).params
    assert (str(balance["reached"]), str(balance["closing"])) == ("1420.88", "1420.89")


@pytest.mark.parametrize(
    "values",
    [
        {"encoding": "utf-7"},
        {"title": "20-2x"},
        {"title": "27-20"},
        {"labels": "title TYT.:"},
        {"labels": "colour = X:"},
        {"layout": "detail = D\ndetail.account = 1-26"},
        {"layout": "nonsense"},
    ],
)
def test_a_profile_that_cannot_work(values):
    with pytest.raises(BankFileError) as caught:
        BankProfile(**values)
    assert caught.value.code == "profile"
    assert caught.value.params["line"]


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([MT940, CAMT, COLLECT]), st.integers(0, 2000), st.integers(0, 60), st.binary(max_size=8)
)
def test_a_damaged_file_is_read_right_or_refused(text, at, length, rubbish):
    """Cut, overwritten anywhere: either an error of ours, or a statement whose sums hold."""
    data = text.encode()
    damaged = data[: at % len(data)] + rubbish + data[at % len(data) + length :]
    try:
        _kind, read = read_statements(damaged)
    except BankFileError as error:
        assert error.code
        return
    for one in read:
        if one.opening is not None:
            assert one.opening + sum(move.amount for move in one.transactions) == one.closing


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_rubbish_is_refused(data):
    with pytest.raises(BankFileError):
        read_statements(b":20:" + data)
