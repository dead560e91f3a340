"""Fixtures of the e-invoice: the seller's data, a certificate to sign with, invoices and their corrections."""

import base64
import datetime
import io
import runpy

import zxingcpp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from odoo.addons.pwik_billing.tests.common import BillingCommon
from odoo.tools.misc import file_path
from pypdf import PdfReader

from ..domain.fa3 import NAMESPACE

QUARTER = ("2024-07-01", "2024-09-30")
NEXT = ("2024-10-01", "2024-12-31")


def make_certificate(env, days=365):
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
    key_record = env["certificate.key"].create({"name": "key", "content": base64.b64encode(private)})
    return env["certificate.certificate"].create(
        {
            "name": "seal",
            "content": base64.b64encode(certificate.public_bytes(serialization.Encoding.PEM)),
            "private_key_id": key_record.id,
        }
    )


def read_codes(pdf):
    """Texts of the QR codes among the pictures of a PDF, read by another program than the one that drew them.

    :param bytes pdf: the document
    :return: set of str
    """
    return {
        code.text
        for page in PdfReader(io.BytesIO(pdf)).pages
        for picture in page.images
        for code in zxingcpp.read_barcodes(picture.image.convert("L"))
    }


class EinvoiceCommon(BillingCommon):
    """``home``: a household billed 27 m³ in the third quarter of 2024 (420.88 zł by the worked cases)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("pl_PL")
        cls.company.write(
            {
                "vat": "PL5730003841",
                "street": "ul. Jaskrowska 14/20",
                "city": "Częstochowa",
                "zip": "42-202",
                "country_id": cls.env.ref("base.pl").id,
                "phone": "+48 34 377 31 00",
                "email": False,
                "pwik_ksef_from": False,
                "pwik_ksef_for_consumers": False,
                "pwik_transfer_name": "PWiK Częstochowa",
                "pwik_account_branch": "99990000",
                "pwik_account_receiver": "57300038",
            }
        )
        cls.home = cls.household([("2024-06-30", 1234), ("2024-09-30", 1261)])

    @classmethod
    def make_certificate(cls, days=365):
        return make_certificate(cls.env, days)

    def correct(self, move, value, day="2024-09-30"):
        """The reading of ``day`` becomes ``value``. :return: the correcting move"""
        meter = move.pwik_contract_id.point_ids.meter_ids
        old = self.env["pwik.reading"].search(
            [("meter_id", "=", meter.id), ("date", "=", day), ("superseded", "=", False)]
        )
        old.superseded = True
        old.flush_recordset()
        self.make_reading(value, day, meter=meter, correction_of_id=old.id)
        move.pwik_settlement_id.action_correct()
        return move.pwik_settlement_id.correction_ids.sorted("id")[-1].move_id

    def run_migration(self, name, version="19.0.1.3.0"):
        """Run a script of an update, as on a database of the earlier `version`."""
        self.env.flush_all()
        script = runpy.run_path(file_path(f"pwik_einvoice/migrations/{name}"))
        script["migrate"](self.env.cr, version)
        self.env.invalidate_all()

    @staticmethod
    def read_xml(xml):
        """Reader of an FA(3) document: ``read("P_15")`` gives the texts of the elements of that name, in order."""
        root = etree.fromstring(xml.encode() if isinstance(xml, str) else xml)

        def read(name, parent=None):
            path = f".//{{{NAMESPACE}}}{parent}//" if parent else ".//"
            return [node.text for node in root.iterfind(f"{path}{{{NAMESPACE}}}{name}")]

        return read
