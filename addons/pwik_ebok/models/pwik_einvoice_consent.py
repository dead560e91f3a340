from odoo import api, models


class PwikEinvoiceConsent(models.Model):
    _inherit = "pwik.einvoice.consent"

    @api.model_create_multi
    def create(self, vals_list):
        consents = super().create(vals_list)
        for consent in consents:
            self.env["pwik.audit.event"]._record(
                "consent",
                customer=consent.partner_id,
                record=consent,
                detail=f"{consent.action}, {consent.channel}",
            )
        return consents
