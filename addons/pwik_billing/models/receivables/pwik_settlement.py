from odoo import models


class PwikSettlement(models.Model):
    _inherit = "pwik.settlement"

    def _make_invoices(self, invoice_date):
        """Also sets overpayments against the new invoices, for customers who want it so."""
        result = super()._make_invoices(invoice_date)
        self.move_id._pwik_carry_overpayments()
        return result
