from odoo import api, fields, models
from odoo.exceptions import RedirectWarning

NOTE_JOURNAL_CODE = "NO"
FEE_JOURNAL_CODE = "OU"
OVERPAYMENT = [
    ("keep", "Kept until the customer decides"),
    ("carry", "Set against the next invoice"),
]
INTEREST_ACCOUNT_XMLID = "chart75000300"


class ResCompany(models.Model):
    _inherit = "res.company"

    pwik_interest_journal_id = fields.Many2one(
        "account.journal",
        "Journal of interest notes",
        domain="[('type', '=', 'general')]",
        check_company=True,
        help="Numbers the notes (NO/year/…) and holds their entries.",
    )
    pwik_interest_account_id = fields.Many2one(
        "account.account",
        "Account of interest received",
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        check_company=True,
    )
    pwik_interest_minimum = fields.Monetary(
        "Smallest interest note",
        currency_field="currency_id",
        default=10.0,
        help="Interest below this sum waits for the next note.",
    )
    pwik_note_due_days = fields.Integer("Days to pay an interest note", default=14)

    pwik_fee_journal_id = fields.Many2one(
        "account.journal",
        "Journal of reminder fees",
        domain="[('type', '=', 'general')]",
        check_company=True,
    )
    pwik_fee_account_id = fields.Many2one(
        "account.account",
        "Account of reminder fees",
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        check_company=True,
    )
    pwik_overpayment = fields.Selection(
        OVERPAYMENT,
        "Overpayments",
        required=True,
        default="keep",
        help="Where the customer said nothing himself.",
    )

    _pwik_note_due_days_positive = models.Constraint(
        "CHECK(pwik_note_due_days >= 0)", "Days to pay cannot be negative."
    )

    def _pwik_billing_setup(self):
        """Also journals and accounts of interest notes and reminder fees, where they are not chosen yet."""
        result = super()._pwik_billing_setup()
        journals = {
            "pwik_interest_journal_id": (NOTE_JOURNAL_CODE, self.env._("Interest notes")),
            "pwik_fee_journal_id": (FEE_JOURNAL_CODE, self.env._("Fees for reminders")),
        }
        for company in self.filtered("chart_template"):
            income = self.env.ref(f"account.{company.id}_{INTEREST_ACCOUNT_XMLID}", raise_if_not_found=False)
            for name in ("pwik_interest_account_id", "pwik_fee_account_id"):
                if not company[name]:
                    company[name] = income
            for name, (code, label) in journals.items():
                if not company[name]:
                    company[name] = company._pwik_get_or_create_general_journal(code, label)
        return result

    def _pwik_get_or_create_general_journal(self, code, name):
        self.ensure_one()
        Journal = self.env["account.journal"].sudo().with_company(self)
        domain = [*Journal._check_company_domain(self), ("code", "=", code), ("type", "=", "general")]
        return Journal.search(domain, limit=1) or Journal.create(
            {"name": name, "code": code, "type": "general", "company_id": self.id}
        )

    def _pwik_check_interest_setup(self):
        """What an interest note needs from the settings. :raise RedirectWarning: names what is missing"""
        self._pwik_check_setup(("pwik_interest_journal_id", "pwik_interest_account_id"))

    def _pwik_check_fee_setup(self):
        """What the fee of a reminder needs from the settings. :raise RedirectWarning: names what is missing"""
        self._pwik_check_setup(("pwik_fee_journal_id", "pwik_fee_account_id"))

    def _pwik_check_setup(self, names):
        self.ensure_one()
        missing = [self._fields[name]._description_string(self.env) for name in names if not self[name]]
        if missing:
            raise RedirectWarning(
                self.env._(
                    "The settings of %(company)s lack: %(what)s.",
                    company=self.name,
                    what=", ".join(missing),
                ),
                self.env.ref("pwik_billing.res_config_settings_action_pwik_billing").id,
                self.env._("Settings"),
            )

    @api.model
    def _pwik_receivables_setup(self):
        """For data files: companies that exist when the addon is updated."""
        self.search([("chart_template", "!=", False)])._pwik_billing_setup()
