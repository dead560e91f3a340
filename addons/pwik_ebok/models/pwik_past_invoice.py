from odoo import models
from odoo.fields import Domain


class PwikPastInvoice(models.Model):
    """Invoices of the predecessor belong to whom their contract belongs."""

    _name = "pwik.past.invoice"
    _inherit = ["pwik.past.invoice", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("contract_id", "any!", self.env["pwik.contract"]._get_ebok_domain())
