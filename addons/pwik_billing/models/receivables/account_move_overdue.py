"""Which invoices are overdue, the same for the office, eBOK and reminders."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...domain import late_before

OPEN = ("not_paid", "partial")


class AccountMove(models.Model):
    _inherit = "account.move"

    pwik_is_overdue = fields.Boolean(
        "Past its term",
        compute="_compute_pwik_is_overdue",
        search="_search_pwik_is_overdue",
        help="Unpaid, and its term has passed: one that ends on a Saturday or a day off ends on the next working day.",
    )

    @api.model
    def _get_pwik_late_day(self):
        """Terms before this day have passed, on the utility's clock: eBOK reads invoices as the superuser."""
        zone = self.env["pwik.reading"]._get_timezone()
        return late_before(fields.Date.context_today(self.with_context(tz=zone)))

    @api.depends("state", "move_type", "payment_state", "invoice_date_due")
    def _compute_pwik_is_overdue(self):
        late = self._get_pwik_late_day()
        for move in self:
            move.pwik_is_overdue = bool(
                move.state == "posted"
                and move.move_type == "out_invoice"
                and move.payment_state in OPEN
                and move.invoice_date_due
                and move.invoice_date_due < late
            )

    def _search_pwik_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = (
            Domain("state", "=", "posted")
            & Domain("move_type", "=", "out_invoice")
            & Domain("payment_state", "in", OPEN)
            & Domain("invoice_date_due", "<", self._get_pwik_late_day())
        )
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)
