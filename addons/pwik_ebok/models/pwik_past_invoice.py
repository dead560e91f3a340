from odoo import models


class PwikPastInvoice(models.Model):
    """Invoices of the predecessor belong to whom their contract belongs."""

    _name = "pwik.past.invoice"
    _inherit = ["pwik.past.invoice", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return self._get_ebok_contract_domain()
