from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

STOP_KINDS = [
    ("dispute", "Disputed invoice"),
    ("instalments", "Instalment agreement"),
    ("insolvency", "Insolvency or enforcement"),
    ("other", "Other reason"),
]


class PwikDunningStop(models.Model):
    """Until a day, a customer (or some of his documents) gets no reminders; on wish no interest notes either."""

    _name = "pwik.dunning.stop"
    _description = "Stop of reminders"
    _inherit = ["mail.thread"]
    _order = "date_to desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade", tracking=True
    )
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(STOP_KINDS, "Reason", required=True, default="dispute", tracking=True)
    date_from = fields.Date("From", required=True, default=fields.Date.context_today, tracking=True)
    date_to = fields.Date(
        "Until", tracking=True, help="The last day of the stop. Empty: until somebody ends it."
    )
    move_ids = fields.Many2many(
        "account.move",
        string="Only these documents",
        domain="[('partner_id', 'child_of', partner_id), ('state', '=', 'posted'),"
        " ('move_type', 'in', ('out_invoice', 'entry'))]",
        help="Empty: everything that the customer owes.",
    )
    stop_interest = fields.Boolean("No interest notes either", tracking=True)
    note = fields.Text()
    active = fields.Boolean(default=True)

    _ordered = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)", "A stop cannot end before it begins."
    )

    @api.depends("partner_id", "kind", "date_to")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for stop in self:
            stop.display_name = f"{stop.partner_id.display_name or ''}: {kinds.get(stop.kind, '')}"

    @api.constrains("move_ids", "partner_id")
    def _check_documents(self):
        for stop in self:
            if stop.move_ids.commercial_partner_id - stop.partner_id.commercial_partner_id:
                raise ValidationError(self.env._("A stop holds for documents of its own customer only."))

    @api.model
    def _get_in_force(self, partners, company, day, **where):
        """Stops of these customers (commercial partners) on ``day``; ``where``: field values wanted besides."""
        domain = [
            ("partner_id", "child_of", partners.ids),
            ("company_id", "=", company.id),
            ("date_from", "<=", day),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", day),
            *((name, "=", value) for name, value in where.items()),
        ]
        return self.search(domain)

    def _get_reason(self):
        """Why a run leaves the customer out, in words."""
        self.ensure_one()
        kind = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
        if self.date_to:
            return self.env._(
                "%(reason)s: stopped until %(date)s.", reason=kind, date=format_date(self.env, self.date_to)
            )
        return self.env._("%s: stopped until further notice.", kind)

    def action_end(self):
        """The stop ends today: tomorrow's runs go on."""
        self.date_to = fields.Date.context_today(self)
