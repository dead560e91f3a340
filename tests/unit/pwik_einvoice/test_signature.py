import datetime
import shutil
import subprocess

import pytest
from pwik_einvoice.domain.errors import SignatureFailed, SignatureInvalid
from pwik_einvoice.domain.signature import sign, verify

MOMENT = datetime.datetime(2026, 10, 5, 8, 30, tzinfo=datetime.UTC)
INVOICE = (
    "<Faktura xmlns='urn:test'><Podmiot1>PWiK Częstochowa</Podmiot1><P_15>420.88</P_15></Faktura>".encode()
)


def test_signed_document_verifies_and_tells_when(pair):
    key, certificate = pair
    assert verify(sign(INVOICE, key, certificate, moment=MOMENT), certificate) == MOMENT


def test_xmlsec_agrees(pair, tmp_path):
    """An independent program (Debian's xmlsec1) accepts the signature, and refuses it after one changed byte."""
    program = shutil.which("xmlsec1")
    assert program, "xmlsec1 is not installed: ./pwik test installs it"
    key, certificate = pair
    (tmp_path / "cert.pem").write_bytes(certificate)
    signed = sign(INVOICE, key, certificate, moment=MOMENT)

    def check(data):
        (tmp_path / "invoice.xml").write_bytes(data)
        return subprocess.run(
            [
                program,
                "--verify",
                "--trusted-pem",
                tmp_path / "cert.pem",
                "--enabled-key-data",
                "x509",
                "--id-attr:Id",
                "http://uri.etsi.org/01903/v1.3.2#:SignedProperties",
                tmp_path / "invoice.xml",
            ],
            capture_output=True,
            text=True,
        )

    good = check(signed)
    assert good.returncode == 0, good.stderr
    assert check(signed.replace(b"420.88", b"420.89")).returncode != 0


@pytest.mark.parametrize(
    "old, new",
    [
        (b"420.88", b"420.89"),
        (b"Podmiot1", b"Podmiot2"),
        (b"2026-10-05T08:30:00Z", b"2026-10-05T08:30:01Z"),
    ],
)
def test_one_changed_byte_breaks_it(pair, old, new):
    key, certificate = pair
    changed = sign(INVOICE, key, certificate, moment=MOMENT).replace(old, new)
    with pytest.raises(SignatureInvalid):
        verify(changed, certificate)


def test_somebody_elses_signature_is_refused(pair, make_pair):
    other_key, other_certificate = make_pair()
    with pytest.raises(SignatureInvalid):
        verify(sign(INVOICE, other_key, other_certificate, moment=MOMENT), pair[1])


def test_a_wrapped_document_is_refused(pair):
    """The signed document inside another root: the reference of the whole document no longer stands in the root."""
    key, certificate = pair
    signed = sign(INVOICE, key, certificate, moment=MOMENT)
    body = signed.split(b"?>", 1)[1]
    with pytest.raises(SignatureInvalid):
        verify(b"<Evil xmlns='urn:test'><P_15>1.00</P_15>" + body + b"</Evil>", certificate)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"not xml",
        b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        b"<a/>",
        b"<!DOCTYPE a [<!ENTITY a0 'x'><!ENTITY a1 '&a0;&a0;'>]><a>&a1;</a>",
    ],
)
def test_hostile_or_unsigned_documents_are_refused(pair, document):
    with pytest.raises(SignatureInvalid):
        verify(document, pair[1])


def test_key_of_another_certificate_is_refused(pair, make_pair):
    other_key, _ = make_pair()
    with pytest.raises(SignatureFailed, match="does not belong"):
        sign(INVOICE, other_key, pair[1], moment=MOMENT)


def test_unreadable_key_is_refused(pair):
    with pytest.raises(SignatureFailed, match="cannot be read"):
        sign(INVOICE, b"nonsense", pair[1], moment=MOMENT)
