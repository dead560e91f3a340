from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError

from ..domain import AccountLayout, DomainError

JOURNAL_CODE = "FV"
TAX_XMLID = "vs_kraj_8"


class ResCompany(models.Model):
    _inherit = "res.company"

    pwik_quantity_policy = fields.Selection(
        [("whole", "Whole m³"), ("decimal3", "Three decimals")],
        "Billed quantity",
        required=True,
        default="whole",
    )
    pwik_subscription_per = fields.Selection(
        [("contract", "Contract"), ("point", "Service point"), ("meter", "Meter")],
        "Subscription charged per",
        required=True,
        default="point",
    )
    pwik_subscription_time = fields.Selection(
        [("period", "Period"), ("started_month", "Started month"), ("day", "Day")],
        "Subscription counted by",
        required=True,
        default="period",
    )
    pwik_due_days = fields.Integer(
        "Days to pay",
        default=14,
        help="From the invoice date; the law wants at least 14 days from delivery.",
    )
    pwik_billing_journal_id = fields.Many2one(
        "account.journal",
        "Journal of water invoices",
        domain="[('type', '=', 'sale')]",
        check_company=True,
    )
    pwik_billing_tax_id = fields.Many2one(
        "account.tax",
        "VAT on water and sewage",
        domain="[('type_tax_use', '=', 'sale')]",
        check_company=True,
    )
    pwik_packet_size = fields.Integer(
        "Contracts in a packet",
        default=100,
        help="How many invoices a billing run makes in one transaction.",
    )
    pwik_account_branch = fields.Char(
        "Bank branch (8 digits)",
        help="The branch number of the bank that keeps the individual accounts.",
    )
    pwik_account_receiver = fields.Char(
        "Receiver's digits",
        help="The digits which the bank gave the company; the customer number follows, "
        "filled with zeros up to 16 digits together.",
    )

    _pwik_due_days_legal = models.Constraint("CHECK(pwik_due_days >= 14)", "At least 14 days to pay.")
    _pwik_packet_size_range = models.Constraint(
        "CHECK(pwik_packet_size BETWEEN 1 AND 1000)",
        "A packet has 1 to 1000 contracts.",
    )

    def _pwik_billing_setup(self):
        """Journal of the water invoices (own numbers FV/year/…) and the VAT rate, where they are not chosen yet."""
        for company in self.filtered("chart_template"):
            if not company.pwik_billing_tax_id:
                company.pwik_billing_tax_id = self.env.ref(
                    f"account.{company.id}_{TAX_XMLID}", raise_if_not_found=False
                )
            if not company.pwik_billing_journal_id:
                company.pwik_billing_journal_id = company._pwik_get_or_create_journal()

    def _pwik_get_or_create_journal(self):
        self.ensure_one()
        Journal = self.env["account.journal"].sudo().with_company(self)
        domain = [*Journal._check_company_domain(self), ("code", "=", JOURNAL_CODE), ("type", "=", "sale")]
        return Journal.search(domain, limit=1) or Journal.create(
            {
                "name": self.env._("Water and sewage invoices"),
                "code": JOURNAL_CODE,
                "type": "sale",
                "refund_sequence": True,
                "company_id": self.id,
            }
        )

    def _pwik_check_billing_setup(self):
        """What a run needs from the settings. :raise RedirectWarning: names what is missing"""
        self.ensure_one()
        missing = [
            self._fields[name]._description_string(self.env)
            for name in ("pwik_billing_journal_id", "pwik_billing_tax_id")
            if not self[name]
        ]
        if missing:
            raise RedirectWarning(
                self.env._(
                    "Billing is not set up for %(company)s. Missing: %(what)s.",
                    company=self.name,
                    what=", ".join(missing),
                ),
                self.env.ref("account.action_account_config").id,
                self.env._("Settings"),
            )

    def _pwik_get_payment_account(self, customer_number):
        """Individual account number (NRB, 26 digits) of a customer, by the layout agreed with the bank.

        :raise UserError: no layout, or the number does not fit into it
        """
        self.ensure_one()
        if not (self.pwik_account_branch and self.pwik_account_receiver):
            raise UserError(self.env._("%s has no layout of individual account numbers.", self.name))
        try:
            return AccountLayout(self.pwik_account_branch, self.pwik_account_receiver).number(customer_number)
        except DomainError as error:
            raise UserError(
                self.env._(
                    "No account number can be made for customer %(number)s: %(reason)s",
                    number=customer_number,
                    reason=error.message,
                )
            ) from error

    def _pwik_get_bank_account(self):
        """The company's own account, of its first bank journal that has one; empty where none has."""
        self.ensure_one()
        # sudo: whoever bills may not look into bank journals
        journal = self.env["account.journal"].sudo()
        domain = [
            *journal._check_company_domain(self),
            ("type", "=", "bank"),
            ("bank_account_id.active", "=", True),
        ]
        return journal.search(domain, limit=1).bank_account_id

    def _pwik_get_billing_product(self, component):
        """The product behind a component of the bill; it carries unit, account and name."""
        return self.env.ref(f"pwik_billing.product_{component}").with_company(self)

    @api.model
    def _pwik_billing_setup_all(self):
        self.search([("chart_template", "!=", False)])._pwik_billing_setup()
