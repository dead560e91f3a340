import base64
import pathlib
import shutil
import subprocess
import tempfile

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

    def test_another_program_verifies_what_was_rendered(self):
        """xmlsec1 (Debian) accepts the stored file, which eBOK hands out as it is, and refuses it with one byte changed."""
        program = shutil.which("xmlsec1")
        self.assertTrue(program, "xmlsec1 is not installed: ./pwik test installs it")
        certificate = self.company.pwik_seal_certificate_id = self.make_certificate()
        self.move.action_pwik_sign_xml()
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        (folder / "cert.pem").write_bytes(base64.b64decode(certificate.pem_certificate))

        def check(data):
            (folder / "invoice.xml").write_bytes(data)
            return subprocess.run(
                [
                    *(program, "--verify", "--trusted-pem", folder / "cert.pem"),
                    *("--enabled-key-data", "x509"),
                    *("--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"),
                    folder / "invoice.xml",
                ],
                capture_output=True,
                text=True,
            )

        signed = self.move.pwik_signed_xml_id.raw
        good = check(signed)
        self.assertEqual(good.returncode, 0, good.stderr)
        self.assertEqual(signed.count(b"<P_15>420.88<"), 1)
        self.assertNotEqual(check(signed.replace(b"<P_15>420.88<", b"<P_15>420.89<")).returncode, 0)

    def test_without_a_valid_certificate_delivery_waits(self):
        for certificate in (False, self.make_certificate(days=-1)):
            self.company.pwik_seal_certificate_id = certificate
            with self.assertRaises(UserError):
                self.move.action_pwik_sign_xml()
            self.assertFalse(self.move.pwik_signed_xml_id)

    def test_certificate_without_its_key(self):
        certificate = self.make_certificate()
        certificate.private_key_id = False
        self.company.pwik_seal_certificate_id = certificate
        self.assertIn("no private key", self.company._pwik_get_seal_fault())
        with self.assertRaises(UserError) as caught:
            self.move.action_pwik_sign_xml()
        self.assertIn("no private key", str(caught.exception))
        self.assertFalse(self.move.pwik_signed_xml_id, "nothing is half stored")

    def test_ksef_invoice_is_not_signed_here(self):
        self.company.pwik_seal_certificate_id = self.make_certificate()
        self.move.pwik_delivery_channel = "ksef"
        with self.assertRaises(UserError):
            self.move.action_pwik_sign_xml()
