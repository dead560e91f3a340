from odoo import models
from odoo.fields import Domain


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        """Invoices of his customers' contracts, and those that were issued to his customers for somebody else's (ADR 6)."""
        issued = Domain("pwik_contract_id", "!=", False) & self._get_ebok_customer_domain()
        return (
            Domain("state", "=", "posted")
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
            & (self._get_ebok_contract_domain("pwik_contract_id") | issued)
        )

    def _get_invoice_portal_extra_values(self, custom_amount=None):
        """A customer who found the invoice with his own rights reads no ledger lines: Odoo computes its values as itself."""
        if self.env.context.get("ebok_invoice_list") and self.env.user._is_portal():
            return {
                "invoice": self
            }  # the list of eBOK shows no instalments; it found the invoice with the user's rights
        if not self.env.user._is_portal():
            return super()._get_invoice_portal_extra_values(custom_amount=custom_amount)
        self.check_access("read")
        values = super(AccountMove, self.sudo())._get_invoice_portal_extra_values(custom_amount=custom_amount)
        return {**values, "invoice": self}
