from odoo import api, fields, models
from odoo.addons.pwik_billing.domain import late_before


class ResPartner(models.Model):
    """What a customer owes, as eBOK shows it.

    Odoo's ledger has one account for a company and all its contacts. A login that is linked to the company sees it whole; one
    that is linked to a contact (a department to which invoices are addressed) sees what that contact was issued, and no more.
    """

    _inherit = "res.partner"

    ebok_balance = fields.Monetary(
        "Balance in eBOK",
        compute="_compute_ebok_balance",
        currency_field="pwik_currency_id",
        groups=fields.NO_ACCESS,
    )
    ebok_overdue = fields.Monetary(
        "Overdue in eBOK",
        compute="_compute_ebok_balance",
        currency_field="pwik_currency_id",
        groups=fields.NO_ACCESS,
    )

    @api.depends_context("company")
    def _compute_ebok_balance(self):
        late_day = late_before(fields.Date.context_today(self))
        for partner in self:
            partner.ebok_balance, partner.ebok_overdue = partner.pwik_balance, partner.pwik_overdue
            if partner == partner.commercial_partner_id:
                continue
            lines = self.env["account.move.line"].search(
                [*partner._get_pwik_open_items_domain(), *partner._get_ebok_ledger_domain()]
            )
            late = lines.filtered(lambda line: line.amount_residual < 0 or line.date_maturity < late_day)
            partner.ebok_balance = sum(lines.mapped("amount_residual"))
            partner.ebok_overdue = max(sum(late.mapped("amount_residual")), 0.0)

    def _get_ebok_ledger_domain(self):
        """Domain of the ledger's lines that are this customer's: a company's all, a contact's by the invoice."""
        self.ensure_one()
        owner = self.commercial_partner_id
        domain = [("partner_id", "=", owner.id)]
        return domain if self == owner else [*domain, ("move_id.partner_id", "=", self.id)]

    def _get_ebok_entries(self):
        """Entries on this customer's receivable account, the oldest first, as triples ``(line, debit, credit)``.

        Payments are booked on the company; of them a contact's account has what was set against its invoices.
        """
        if not self:
            return []  # a login without a customer
        lines = self.env["account.move.line"].search(
            [
                *self._get_ebok_ledger_domain(),
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "=", "asset_receivable"),
                ("company_id", "=", self.env.company.id),
            ],
            order="date, id",
        )
        entries = [(line, line.debit, line.credit) for line in lines]
        if self == self.commercial_partner_id:
            return entries
        paid = (lines.matched_credit_ids, "credit_move_id"), (lines.matched_debit_ids, "debit_move_id")
        for partials, side in paid:
            for partial in partials.filtered(lambda one, side=side: one[side] not in lines):
                amounts = (0.0, partial.amount) if side == "credit_move_id" else (partial.amount, 0.0)
                entries.append((partial[side], *amounts))
        return sorted(entries, key=lambda entry: (entry[0].date, entry[0].id))
