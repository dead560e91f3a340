"""What e-invoicing adds to the invoice as a document: the buyer by the VAT act, the code for a transfer, those of KSeF."""

from odoo import models
from odoo.addons.pwik_meters.tools.typeset import strong


class AccountMove(models.Model):
    _inherit = "account.move"

    def _pwik_prepare_invoice(self):
        return {**super()._pwik_prepare_invoice(), "codes": self._pwik_prepare_codes()}

    def _pwik_prepare_buyers(self):
        """Of a subordinate unit its municipality or VAT group is the buyer, and the unit the recipient."""
        unit = self._pwik_get_unit()
        if not unit:
            return super()._pwik_prepare_buyers()
        return [
            self._pwik_prepare_party(self.env._("Buyer"), self._pwik_get_buyer()),
            self._pwik_prepare_party(self.env._("Recipient"), unit),
        ]

    def _pwik_prepare_payment(self):
        box = super()._pwik_prepare_payment()
        code = self._pwik_get_transfer_code(self._get_pwik_to_pay(), printed=True)
        if code:
            box["code"] = {
                "picture": code,
                "alt": self.env._("Code for a transfer in a banking application"),
                "text": self.env._("Scan the code with your bank's application."),
            }
        return box

    def _pwik_prepare_codes(self):
        codes = self._pwik_get_ksef_codes(printed=True)
        if not codes:
            return None
        number = self.l10n_pl_edi_number
        return {
            "pictures": [
                {"picture": code["picture"], "alt": code["label"], "label": code["label"]} for code in codes
            ],
            "lines": [self.env._("KSeF number: %s", strong(number))] if number else [],
            "note": self.env._("Scan the code to check this invoice in KSeF, the national e-invoice system."),
        }
