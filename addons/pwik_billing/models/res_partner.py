from odoo import api, fields, models

from ..domain import late_before


def group_account(number):
    """``02 9999 0000 …``: two check digits, then groups of four. Other than digits (foreign) is left as it is."""
    digits = (number or "").replace(" ", "").removeprefix("PL")
    if not digits.isdigit():
        return number
    return " ".join([digits[:2], *(digits[start : start + 4] for start in range(2, len(digits), 4))])


class ResPartner(models.Model):
    _inherit = "res.partner"

    pwik_payment_account = fields.Char(
        "Individual account number",
        copy=False,
        index="btree_not_null",
        tracking=True,
        help="Virtual bank account (NRB, 26 digits) on which this customer's payments are recognised.",
    )
    pwik_payment_account_display = fields.Char(
        "Account number for payments",
        compute="_compute_pwik_payment_account_display",
        help="Grouped as people write it.",
    )
    pwik_balance = fields.Monetary(
        "Balance",
        compute="_compute_pwik_balance",
        compute_sudo=True,
        currency_field="pwik_currency_id",
        help="Open items in the ledger: above zero the customer owes, below zero he overpaid.",
    )
    pwik_overdue = fields.Monetary(
        "Overdue",
        compute="_compute_pwik_balance",
        compute_sudo=True,
        currency_field="pwik_currency_id",
    )
    pwik_currency_id = fields.Many2one("res.currency", compute="_compute_pwik_currency_id")

    _pwik_payment_account_unique = models.UniqueIndex(
        "(pwik_payment_account) WHERE pwik_payment_account IS NOT NULL",
        "This account number is already given.",
    )

    @api.depends("pwik_payment_account")
    def _compute_pwik_payment_account_display(self):
        for partner in self:
            partner.pwik_payment_account_display = group_account(partner.pwik_payment_account)

    @api.depends_context("company")
    def _compute_pwik_currency_id(self):
        self.pwik_currency_id = self.env.company.currency_id

    @api.depends_context("company")
    def _compute_pwik_balance(self):
        """Balance of the customer (the commercial partner) in the company, two queries for all.

        Open credits (overpayments, corrections) are set against the oldest debts: they lower what is overdue first. A term that
        ends on a day off ends on the next working day.
        """
        late_day = late_before(fields.Date.context_today(self))
        domain = self._get_pwik_open_items_domain()
        lines = self.env["account.move.line"]
        balance = dict(lines._read_group(domain, ["partner_id"], ["amount_residual:sum"]))
        late = [*domain, "|", ("amount_residual", "<", 0), ("date_maturity", "<", late_day)]
        overdue = dict(lines._read_group(late, ["partner_id"], ["amount_residual:sum"]))
        for partner in self:
            owner = partner.commercial_partner_id
            partner.pwik_balance = balance.get(owner, 0.0)
            partner.pwik_overdue = max(overdue.get(owner, 0.0), 0.0)

    def _get_pwik_open_items_domain(self):
        """Unreconciled receivable lines of these customers in the current company."""
        return [
            ("partner_id", "in", self.commercial_partner_id.ids),
            ("company_id", "=", self.env.company.id),
            ("parent_state", "=", "posted"),
            ("account_type", "=", "asset_receivable"),
            ("reconciled", "=", False),
        ]

    def action_pwik_assign_payment_account(self):
        """Give an individual account number to each of these customers that has none. Button and public name."""
        self._pwik_assign_payment_account(self.env.company)

    def _pwik_assign_payment_account(self, company):
        from_layout = company._pwik_get_payment_account
        for partner in self.filtered(lambda p: not p.pwik_payment_account):
            partner._pwik_assign_customer_number()
            partner.pwik_payment_account = from_layout(partner.pwik_customer_number)

    def action_pwik_open_invoices(self):
        """The invoices of this customer's contracts, with what is still to pay."""
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.account_move_action_pwik")
        domain = [
            ("pwik_contract_id", "!=", False),
            ("partner_id", "child_of", self.commercial_partner_id.ids),
        ]
        return {**action, "domain": domain}
