from odoo import fields, models


class PwikCaseReject(models.TransientModel):
    _name = "pwik.case.reject"
    _description = "Reject cases"

    case_ids = fields.Many2many("pwik.case", string="Cases", required=True)
    reason = fields.Text("Reason", required=True, help="The customer sees this text.")

    def action_reject(self):
        self.ensure_one()
        self.case_ids.action_reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
