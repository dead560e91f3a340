import base64

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..domain.errors import SignatureInvalid
from ..domain.signature import verify
from .common import QUARTER, EinvoiceCommon


@tagged("post_install", "-at_install")
class TestSignedXml(EinvoiceCommon):
    def setUp(self):
        super().setUp()
        self.move = self.bill_one(self.home, *QUARTER)

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
