from unittest.mock import patch

import xmlsig
from odoo.addons.pwik_meters.tests.cpu_limit import CpuLimit
from odoo.addons.pwik_meters.tools.limits import is_limit
from odoo.tests import tagged

from .common import QUARTER, EinvoiceCommon


@tagged("post_install", "-at_install")
class TestFileCheck(CpuLimit, EinvoiceCommon):
    def setUp(self):
        super().setUp()
        self.company.pwik_seal_certificate_id = self.make_certificate()
        self.move = self.bill_one(self.home, *QUARTER)
        self.move.action_pwik_sign_xml()
        self.xml = self.move.pwik_signed_xml_id.raw
        self.pdf = self.render_pdf("account.account_invoices", self.move)

    def check(self, content):
        return self.company.with_user(self.env.ref("base.public_user"))._pwik_check_file(content)

    def test_signed_xml_tells_what_it_says(self):
        verdict = self.check(self.xml)
        self.assertEqual(verdict.code, "ours")
        self.assertEqual(
            (verdict.facts.number, verdict.facts.gross, verdict.facts.account),
            (self.move.name, "420.88", self.home.partner_id.pwik_payment_account),
        )
        self.assertEqual(self.check(self.xml.replace(b"420.88", b"120.88")).code, "changed")

    def test_another_account_number_is_found_out(self):
        account = self.home.partner_id.pwik_payment_account.encode()
        self.assertIn(account, self.xml)
        self.assertEqual(self.check(self.xml.replace(account, b"61109010140000071219812874")).code, "changed")

    def test_issued_pdf_and_a_pdf_made_of_it(self):
        """Only the very file that was issued is ours as it stands; any other PDF has at best our data inside."""
        verdict = self.check(self.pdf)
        self.assertEqual((verdict.code, verdict.facts.number), ("ours_inside", self.move.name))
        self.env["ir.attachment"].create(
            {
                "name": "faktura.pdf",
                "raw": self.pdf,
                "res_model": "account.move",
                "res_id": self.move.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        self.assertEqual(self.check(self.pdf).code, "ours")
        self.assertEqual(self.check(self.pdf + b"\n").code, "ours_inside")

    def test_what_was_signed_before_the_certificate_was_replaced_stays_ours(self):
        self.company.pwik_seal_certificate_id = self.make_certificate()
        self.assertEqual(self.check(self.xml).code, "ours")

    def test_of_another_company_is_not_ours(self):
        other = self.env["res.company"].sudo().create({"name": "Inne wodociągi"})
        self.assertEqual(other._pwik_check_file(self.xml).code, "not_signed")
        other.pwik_seal_certificate_id = self.make_certificate()
        self.assertEqual(other._pwik_check_file(self.xml).code, "foreign")

    def test_a_server_out_of_time_does_not_call_a_file_changed(self):
        for content in (self.xml, self.pdf):
            with (
                self.worker(),
                patch.object(xmlsig.SignatureContext, "verify", self.reach),
                self.assertRaises(Exception) as caught,
            ):
                self.check(content)
            self.assertTrue(is_limit(caught.exception))
        self.assertEqual(self.check(self.xml).code, "ours")
