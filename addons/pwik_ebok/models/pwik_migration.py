from odoo import api, models


class PwikMigration(models.Model):
    """What the masking of identifiers has to say about imported customers."""

    _inherit = "pwik.migration"

    def _create_customers(self, items):
        for item in items:
            self.env["res.partner"]._pwik_refuse_masked(item)
        return super()._create_customers(items)

    @api.model
    def _get_understood(self, model):
        found = super()._get_understood(model)
        return found | {"pwik_ebok"} if model._name == "res.partner" else found
