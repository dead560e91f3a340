from odoo import models
from odoo.fields import Domain


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        """Invoices of his customers' contracts, and those that were issued to his customers for somebody else's (ADR 6)."""
        issued = Domain("pwik_contract_id", "!=", False) & self._get_ebok_issued_domain()
        return (
            Domain("state", "=", "posted")
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
            & (self._get_ebok_contract_domain("pwik_contract_id") | issued)
        )

    def _get_ebok_issued_domain(self):
        """Invoices whose buyer is one of his customers, or was a contact of one when they were issued.

        The contacts are named, too: the ledger has an index of the buyer, and none of the company behind him.
        """
        user = self.env.user
        customers = user.ebok_customer_ids.ids
        contacts = Domain("partner_id", "in", user.ebok_contact_ids.ids)
        return self._get_ebok_customer_domain() | (
            contacts & Domain("commercial_partner_id", "in", customers)
        )

    def _get_ebok_payer(self, customers):
        """Which of a login's `customers` has to pay this invoice: the company, else the contact; none for another's."""
        self.ensure_one()
        move = self.sudo()  # a customer reads no partner of an invoice; it is compared with his own
        return (customers & move.commercial_partner_id) or (customers & move.partner_id)

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
