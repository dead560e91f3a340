from odoo import fields, models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    pwik_login_id = fields.Many2one(
        "res.users", "Paid by the login", readonly=True, ondelete="set null", help="Who paid in eBOK."
    )
    pwik_settles_balance = fields.Boolean(
        "Of the whole balance",
        readonly=True,
        help="The payment settles all open items of the customer, credits among them, and not only the named invoices.",
    )

    def _create_payment(self, **extra_create_values):
        """What was paid in eBOK pays the oldest first; Odoo takes the invoices as they come, the newest first."""
        payment = super()._create_payment(**extra_create_values)
        if self.pwik_login_id and payment.move_id:
            paid = payment.move_id.line_ids.filtered(
                lambda line: line.account_id == payment.destination_account_id
            )
            paid.remove_move_reconcile()
            (paid | self._pwik_get_claims(payment)).reconcile()
        return payment

    def _pwik_get_claims(self, payment):
        """Open items that the payment settles, the oldest first.

        Of the balance: also what has no invoice in eBOK, opening items, notes, credits.
        """
        domain = [
            ("account_id", "=", payment.destination_account_id.id),
            ("company_id", "=", payment.company_id.id),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
        ]
        if self.pwik_settles_balance:
            domain += payment.partner_id._get_ebok_ledger_domain()
        else:
            domain.append(("move_id", "in", self.invoice_ids.ids))
        return self.env["account.move.line"].search(domain, order="date_maturity, id")
