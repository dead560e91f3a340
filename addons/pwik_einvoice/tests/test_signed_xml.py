import base64
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from odoo.addons.pwik_billing.tests.common import BillingCommon
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..domain.errors import SignatureInvalid
from ..domain.signature import verify


@tagged("post_install", "-at_install")
class TestSignedXml(BillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {"vat": "PL5730003841", "street": "ul. Jaskrowska 14/20", "city": "Częstochowa", "zip": "42-202"}
        )
        cls.home = cls.household([("2024-06-30", 1234), ("2024-09-30", 1261)])

    def setUp(self):
        super().setUp()
        self.move = self.bill_one(self.home, "2024-07-01", "2024-09-30")

    def make_certificate(self, days=365):
        """A self-signed certificate with its key in Odoo's store; negative days: expired."""
        now = datetime.datetime.now(datetime.UTC)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PWiK test")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=400))
            .not_valid_after(now + datetime.timedelta(days=days))
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        key_record = self.env["certificate.key"].create({"name": "key", "content": base64.b64encode(private)})
        return self.env["certificate.certificate"].create(
            {
                "name": "seal",
                "content": base64.b64encode(certificate.public_bytes(serialization.Encoding.PEM)),
                "private_key_id": key_record.id,
            }
        )

    def test_signed_xml_is_the_invoice_and_verifies(self):
        certificate = self.company.pwik_seal_certificate_id = self.make_certificate()
        self.move.action_pwik_sign_xml()
        attachment = self.move.pwik_signed_xml_id
        pem = base64.b64decode(certificate.pem_certificate)
        self.assertTrue(verify(attachment.raw, pem))
        self.assertIn(self.move.name.encode(), attachment.raw)
        self.assertIn(b"420.88", attachment.raw)
        with self.assertRaises(SignatureInvalid):
            verify(attachment.raw.replace(b"420.88", b"420.89"), pem)
        self.move.action_pwik_sign_xml()
        self.assertEqual(self.move.pwik_signed_xml_id, attachment, "signed once")

    def test_without_a_valid_certificate_delivery_waits(self):
        for certificate in (False, self.make_certificate(days=-1)):
            self.company.pwik_seal_certificate_id = certificate
            with self.assertRaises(UserError):
                self.move.action_pwik_sign_xml()
            self.assertFalse(self.move.pwik_signed_xml_id)

    def test_ksef_invoice_is_not_signed_here(self):
        self.company.pwik_seal_certificate_id = self.make_certificate()
        self.move.pwik_delivery_channel = "ksef"
        with self.assertRaises(UserError):
            self.move.action_pwik_sign_xml()
