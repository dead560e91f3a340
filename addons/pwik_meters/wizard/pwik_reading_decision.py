from odoo import fields, models
from odoo.exceptions import UserError


class PwikReadingDecision(models.TransientModel):
    """Asks for the reason (and the right value) before readings are decided on, one or many."""

    _name = "pwik.reading.decision"
    _description = "Decision on readings"

    operation = fields.Selection(
        [
            ("accept", "Accept"),
            ("correct", "Correct"),
            ("estimate", "Replace by an estimate"),
            ("inspect", "Order an inspection"),
            ("reject", "Reject"),
        ],
        required=True,
        default="reject",
    )
    reading_ids = fields.Many2many(
        "pwik.reading", string="Readings", default=lambda self: self.env.context.get("active_ids")
    )
    value = fields.Float("Right value [m³]", digits=(16, 3))
    reason = fields.Char(required=True)
    user_id = fields.Many2one("res.users", "Worker")
    date_due = fields.Date(
        "Due", default=lambda self: fields.Date.add(fields.Date.context_today(self), days=14)
    )

    def action_apply(self):
        self.ensure_one()
        if self.operation == "accept":
            self.reading_ids.action_accept(self.reason)
        elif self.operation == "reject":
            self.reading_ids.action_reject(self.reason)
        elif self.operation == "estimate":
            self.reading_ids.action_estimate(self.reason)
        elif self.operation == "inspect":
            self.reading_ids.action_order_inspection(self.reason, self.user_id, self.date_due)
        else:
            if len(self.reading_ids) != 1:
                raise UserError(self.env._("Readings are corrected one by one."))
            new = self.reading_ids.action_correct(self.value, self.reason)
            return {
                "type": "ir.actions.act_window",
                "res_model": "pwik.reading",
                "res_id": new.id,
                "view_mode": "form",
            }
        return {"type": "ir.actions.act_window_close"}
