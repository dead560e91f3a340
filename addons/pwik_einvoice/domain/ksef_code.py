"""Links of the codes on the picture of a structured invoice (KSeF 2.0, "Kody weryfikujące QR").

Code I leads to the invoice in KSeF; code II proves, on an invoice issued offline, that its issuer had the certificate.
"""

import base64
import hashlib
from datetime import date

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from .errors import SignatureFailed

SALT = 32  # bytes, as the description of code II fixes it


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def invoice_link(base: str, nip: str, day: date, xml: bytes) -> str:
    """Code I.

    :param base: address of the verifying service, without a slash at the end
    :param nip: ten digits of the seller
    :param day: date of issue (``P_1``)
    :param xml: the very bytes that go to KSeF
    """
    return f"{base}/invoice/{nip}/{day:%d-%m-%Y}/{_url64(hashlib.sha256(xml).digest())}"


def certificate_link(base: str, nip: str, xml: bytes, key_pem: bytes, certificate_pem: bytes) -> str:
    """Code II: signed with the KSeF certificate of the kind "Offline" (RSASSA-PSS, or ECDSA as R || S).

    :raises SignatureFailed: unreadable key or certificate, or a key of another kind
    """
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        key = serialization.load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError) as error:
        raise SignatureFailed("the key or the certificate cannot be read") from error
    digest = _url64(hashlib.sha256(xml).digest())
    link = f"{base}/certificate/Nip/{nip}/{nip}/{certificate.serial_number:016X}/{digest}"
    return f"{link}/{_url64(_sign(key, link.split('://', 1)[-1].encode()))}"


def _sign(key, data: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(
            data, padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=SALT), hashes.SHA256()
        )
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size == 256:
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    raise SignatureFailed("the key is neither RSA nor on the curve P-256")
