import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...domain import Level
from ..numbers import MONEY, to_decimal

#: What a text may name in braces, and what stands there.
PLACEHOLDERS = (
    "customer",
    "number",
    "amount",
    "fee",
    "total",
    "pay_by",
    "date",
    "documents",
    "account",
    "company",
)
TOKEN = re.compile(r"\{(\w*)\}")


class PwikDunningLevel(models.Model):
    """A step of reminding: when, for how much, in which words, by which way, and what follows."""

    _name = "pwik.dunning.level"
    _description = "Step of reminders"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char("Step", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", "Company", help="Empty: all companies.")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    days_overdue = fields.Integer("Days after the due date", required=True, default=7)
    wait_days = fields.Integer("Days after the step before", default=14)
    minimum = fields.Monetary("From this sum", help="Who owes less is left out.")
    fee = fields.Monetary(help="Charged when the reminder is sent; no VAT. 0: none.")
    pay_days = fields.Integer("Days to pay", required=True, default=7)
    channel = fields.Selection(
        [("auto", "E-mail, a letter where there is no address"), ("letter", "Letter")],
        "Sent by",
        required=True,
        default="auto",
        help="What the law wants a receipt for goes as a letter.",
    )
    what_next = fields.Selection(
        [
            ("step", "The next step"),
            ("cutoff", "A cut-off order may follow"),
            ("person", "A person decides"),
        ],
        "What follows",
        required=True,
        default="step",
    )
    title = fields.Char(required=True, translate=True, help="Heading of the document, subject of the e-mail.")
    text = fields.Text(required=True, translate=True)

    _days_in_order = models.Constraint(
        "CHECK(days_overdue >= 0 AND wait_days >= 0 AND pay_days >= 1)", "Days cannot be negative."
    )
    _no_negative_money = models.Constraint("CHECK(minimum >= 0 AND fee >= 0)", "Sums cannot be negative.")

    @api.depends_context("company")
    def _compute_currency_id(self):
        self.currency_id = self.env.company.currency_id

    @api.constrains("text", "title")
    def _check_placeholders(self):
        for level in self:
            for found in TOKEN.findall(f"{level.title} {level.text}"):
                if found not in PLACEHOLDERS:
                    raise ValidationError(
                        self.env._(
                            "{%(wrong)s} means nothing here. What may stand in braces: %(names)s.",
                            wrong=found,
                            names=", ".join(PLACEHOLDERS),
                        )
                    )

    def _fill(self, text, values):
        """``text`` with what stands in braces replaced. Plain replacement: no format language reaches the data."""
        return TOKEN.sub(lambda match: str(values[match.group(1)]), text)

    @api.model
    def _get_levels(self, company):
        """The steps in use in ``company``, in order."""
        return self.search([("company_id", "in", (False, company.id))])

    def _prepare_levels(self):
        """These steps as the domain wants them."""
        return [
            Level(level.id, level.days_overdue, level.wait_days, to_decimal(level.minimum, MONEY))
            for level in self
        ]
