"""A key and its certificate, made for the tests."""

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

MOMENT = datetime.datetime(2026, 10, 5, 8, 30, tzinfo=datetime.UTC)


def _make_pair():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PWiK test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(MOMENT - datetime.timedelta(days=1))
        .not_valid_after(MOMENT + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return (
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        certificate.public_bytes(serialization.Encoding.PEM),
    )


@pytest.fixture(scope="session")
def make_pair():
    """Maker of a new pair ``(key, certificate)`` as PEM."""
    return _make_pair


@pytest.fixture(scope="session")
def pair():
    return _make_pair()
