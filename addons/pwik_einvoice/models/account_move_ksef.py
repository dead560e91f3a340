"""Codes of a structured invoice for its picture."""

import base64

from odoo import models

from ..domain import ksef_code
from ..tools.code_picture import draw_code


class AccountMove(models.Model):
    _inherit = "account.move"

    def _pwik_get_ksef_base(self):
        """Address of the service that verifies, by the environment that Odoo's client uses."""
        parameters = self.env["ir.config_parameter"].sudo()
        test = (parameters.get_param("l10n_pl_edi_ksef.mode") or "prod") != "prod"
        own = parameters.get_param("pwik_einvoice.ksef_qr_url")
        return (own or ("https://qr-test.ksef.mf.gov.pl" if test else "https://qr.ksef.mf.gov.pl")).rstrip(
            "/"
        )

    def _pwik_get_ksef_codes(self, printed=False):
        """Codes to print under a structured invoice whose XML is fixed: one; two while it was issued offline and has no number.

        With its number it is an invoice like any other in KSeF and bears one code with that number (VAT act art. 106gb ust. 5);
        the second is for what is handed over before (art. 106nda, 106nf, 106nh).

        :return: list of ``{"label", "link", "picture"}``, the picture as a ``data:`` address
        """
        self.ensure_one()
        xml = self.sudo().l10n_pl_edi_attachment_id.raw
        if self.pwik_delivery_channel != "ksef" or not xml:
            return []
        base, nip = self._pwik_get_ksef_base(), "".join(filter(str.isdigit, self.company_id.vat or ""))
        codes = [
            (self.l10n_pl_edi_number or "OFFLINE", ksef_code.invoice_link(base, nip, self.invoice_date, xml))
        ]
        # the certificate is the administrator's; what it signs here is public
        certificate = self.company_id.sudo().pwik_ksef_offline_certificate_id
        offline = not self.l10n_pl_edi_number and self.sudo().pwik_delivery_ids.filtered("offline")
        if offline and certificate.private_key_id:
            link = ksef_code.certificate_link(
                base,
                nip,
                xml,
                base64.b64decode(certificate.private_key_id.pem_key),
                base64.b64decode(certificate.pem_certificate),
            )
            codes.append(("CERTYFIKAT", link))
        return [
            {
                "label": label,
                "link": link,
                "picture": draw_code(link, "l", printed),
            }
            for label, link in codes
        ]
