"""The check of a file: ours, changed, somebody else's, or one that is not looked into. Hostile files in every shape."""

import datetime
import time
import tracemalloc
import zlib

import pytest
from pwik_einvoice.domain.fa3 import NAMESPACE
from pwik_einvoice.domain.file_check import MAX_SIZE, check_file, embedded_files
from pwik_einvoice.domain.signature import sign

MOMENT = datetime.datetime(2026, 10, 5, 8, 30, tzinfo=datetime.UTC)
INVOICE = (
    f"<Faktura xmlns='{NAMESPACE}'><Fa><P_1>2026-10-05</P_1><P_2>FV/1</P_2><P_15>420.88</P_15>"
    "<Platnosc><RachunekBankowy><NrRB>61109010140000071219812874</NrRB></RachunekBankowy></Platnosc></Fa></Faktura>"
).encode()


@pytest.fixture(scope="module")
def signed(pair):
    return sign(INVOICE, *pair, moment=MOMENT)


def make_pdf(xml, packed=True):
    data = zlib.compress(xml) if packed else xml
    head = b"<</Type /EmbeddedFile/Subtype /text#2fxml" + (b"/Filter /FlateDecode" if packed else b"")
    return b"%PDF-1.7\n8 0 obj\n" + head + b"/Length 1>>\nstream\n" + data + b"\nendstream\nendobj\n%%EOF"


def make_typst_pdf(xml, packed=True):
    """As Typst writes it: the length before the kind, the parameters behind it."""
    data = zlib.compress(xml) if packed else xml
    head = b"<</Length %d/Type/EmbeddedFile/Subtype/application#2Fxml/Params<</Size %d/ModDate(D:20260112000000Z)>>"
    head = head % (len(data), len(xml)) + (b"/Filter/FlateDecode>>" if packed else b">>")
    return b"%PDF-1.7\n182 0 obj\n" + head + b"\nstream\n" + data + b"\nendstream\nendobj\n%%EOF"


def test_ours_with_its_facts(pair, signed):
    verdict = check_file(signed, [pair[1]])
    assert verdict.code == "ours"
    facts = verdict.facts
    assert (facts.number, facts.date, facts.gross) == ("FV/1", "2026-10-05", "420.88")
    assert (facts.account, facts.signed) == ("61109010140000071219812874", MOMENT)


def test_of_any_certificate_that_we_had(pair, signed, make_pair):
    assert check_file(signed, [make_pair()[1], pair[1]]).code == "ours"
    assert check_file(signed, [make_pair()[1]]).code == "foreign"
    assert check_file(signed, []).code == "not_signed"


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("make", [make_pdf, make_typst_pdf])
def test_inside_a_pdf(pair, signed, make, packed):
    assert check_file(make(signed, packed), [pair[1]]).code == "ours_inside"
    assert check_file(make(signed.replace(b"420.88", b"20.88"), packed), [pair[1]]).code == "changed"
    assert check_file(make(INVOICE, packed), [pair[1]]).code == "not_signed"
    assert check_file(b"%PDF-1.7\nnothing inside\n%%EOF", [pair[1]]).code == "not_signed"


@pytest.mark.parametrize(
    "old, new",
    [
        (b"420.88", b"420.89"),
        (b"420.88", b"420<!-- -->.88"),
        (b"420.88", b"<?x y?>420.88"),
        (b"61109010140000071219812874", b"61109010140000071219812875"),
        (b"<ds:SignedInfo", b"<!-- --><ds:SignedInfo"),
    ],
)
def test_changed(pair, signed, old, new):
    assert old in signed
    assert check_file(signed.replace(old, new), [pair[1]]).code == "changed"


def test_a_comment_before_the_root_is_a_change(pair, signed):
    assert check_file(signed.replace(b"?>", b"?><!-- -->", 1), [pair[1]]).code == "changed"


def test_properties_doubled_to_forge_the_time(pair, signed):
    """The signed properties hidden in a second object, others in their place: the digest would fit the hidden ones."""
    start, end = signed.index(b"<xades:SignedProperties"), signed.index(b"</xades:SignedProperties>") + 25
    genuine = signed[start:end]
    forged = signed.replace(b"2026-10-05T08:30:00Z", b"2020-01-01T00:00:00Z")
    hidden = (
        b"<ds:Object><x>" + genuine.replace(b"<xades:", b"<xades:", 1) + b"</x></ds:Object></ds:Signature>"
    )
    forged = forged.replace(
        b"</ds:Signature>", hidden.replace(b"<x>", b'<x xmlns:xades="http://uri.etsi.org/01903/v1.3.2#">')
    )
    assert check_file(forged, [pair[1]]).code == "changed"


def test_an_algorithm_of_the_attackers_choice(pair, signed):
    weaker = signed.replace(b"xmldsig-more#rsa-sha256", b"xmldsig-more#hmac-sha256")
    assert weaker != signed
    assert check_file(weaker, [pair[1]]).code == "changed"


def test_signed_when_the_certificate_was_not_valid(pair):
    late = sign(INVOICE, *pair, moment=MOMENT + datetime.timedelta(days=4000))
    assert check_file(late, [pair[1]]).code == "foreign"


ENTITIES = b"".join(b"<!ENTITY e%d '%s'>" % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))


@pytest.mark.parametrize(
    "content",
    [
        b"not a file of ours",
        b"\x00\x01\x02",
        b"<a>" * 100_000,
        b"<!DOCTYPE a [<!ENTITY e0 'x'>" + ENTITIES + b"]><a>&e9;</a>",
        b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd'><a/>",
        b"<?xml version='1.0' encoding='ebcdic-nonsense'?><a/>",
        b"<a " + b" ".join(b"a%d='x'" % n for n in range(1000)) + b" a1='y'/>",
        "<a>ż</a>".encode("iso-8859-2"),
        b"PK\x03\x04 a zip",
    ],
)
def test_not_looked_into(pair, content):
    started = time.monotonic()
    assert check_file(content, [pair[1]]).code == "unreadable"
    assert time.monotonic() - started < 2


def test_size(pair):
    assert check_file(b"", [pair[1]]).code == "empty"
    assert check_file(b"x" * (MAX_SIZE + 1), [pair[1]]).code == "too_large"


def test_a_bomb_in_a_pdf_is_not_unpacked(pair):
    bomb = make_pdf(b"\x00" * 100_000_000)
    assert len(bomb) < MAX_SIZE
    tracemalloc.start()
    assert check_file(bomb, [pair[1]]).code == "not_signed"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000


def test_many_files_in_a_pdf_end_somewhere(pair):
    pdf = b"%PDF-1.7\n" + make_pdf(INVOICE) * 5_000
    started = time.monotonic()
    assert len(embedded_files(pdf)) == 4
    assert check_file(pdf[:MAX_SIZE], [pair[1]]).code == "not_signed"
    assert time.monotonic() - started < 5
