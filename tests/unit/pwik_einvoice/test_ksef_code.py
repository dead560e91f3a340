import base64
import hashlib
from datetime import date

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from pwik_einvoice.domain.errors import SignatureFailed
from pwik_einvoice.domain.ksef_code import certificate_link, invoice_link

BASE, NIP, XML = "https://qr.example", "5730003841", b"<Faktura/>"


def unpack(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_code_of_the_invoice():
    link = invoice_link(BASE, NIP, date(2026, 2, 1), XML)
    head, digest = link.rsplit("/", 1)
    assert head == "https://qr.example/invoice/5730003841/01-02-2026"
    assert unpack(digest) == hashlib.sha256(XML).digest()
    assert "=" not in link


def test_code_of_the_certificate_is_signed_by_rsa_pss(pair):
    key, certificate = pair
    link = certificate_link(BASE, NIP, XML, key, certificate)
    signed, signature = link.rsplit("/", 1)
    loaded = x509.load_pem_x509_certificate(certificate)
    assert signed.split("/")[3:8] == ["certificate", "Nip", NIP, NIP, f"{loaded.serial_number:016X}"]
    assert unpack(signed.rsplit("/", 1)[1]) == hashlib.sha256(XML).digest()
    loaded.public_key().verify(
        unpack(signature),
        signed.removeprefix("https://").encode(),
        padding.PSS(padding.MGF1(hashes.SHA256()), 32),
        hashes.SHA256(),
    )


def test_code_of_the_certificate_by_an_elliptic_key(pair):
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signed, signature = certificate_link(BASE, NIP, XML, pem, pair[1]).rsplit("/", 1)
    raw = unpack(signature)
    assert len(raw) == 64
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(der, signed.removeprefix("https://").encode(), ec.ECDSA(hashes.SHA256()))


def test_unreadable_or_other_keys_are_refused(pair):
    with pytest.raises(SignatureFailed):
        certificate_link(BASE, NIP, XML, b"nonsense", pair[1])
    other = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(SignatureFailed):
        certificate_link(BASE, NIP, XML, other, pair[1])
