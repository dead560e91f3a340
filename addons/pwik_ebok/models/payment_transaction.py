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
        """A payment of the balance settles what has no invoice in eBOK too: opening items, notes, credits; the oldest first."""
        payment = super()._create_payment(**extra_create_values)
        if self.pwik_settles_balance and payment.move_id:
            lines = self.env["account.move.line"].search(
                [
                    ("partner_id", "=", payment.partner_id.id),
                    ("account_id", "=", payment.destination_account_id.id),
                    ("company_id", "=", payment.company_id.id),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                ],
                order="date_maturity, id",
            )
            lines.reconcile()
        return payment
