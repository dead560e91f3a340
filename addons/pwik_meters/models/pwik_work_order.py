from odoo import api, fields, models
from odoo.exceptions import UserError


class PwikWorkOrder(models.Model):
    _name = "pwik.work.order"
    _description = "Field work order"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_due, id"
    _rec_name = "number"
    _check_company_auto = True

    number = fields.Char("Order number", copy=False, readonly=True, default=lambda self: self.env._("New"))
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    kind = fields.Selection(
        [("exchange", "Meter exchange"), ("inspection", "Inspection"), ("reseal", "Re-sealing")],
        required=True,
        default="inspection",
        tracking=True,
    )
    meter_id = fields.Many2one("pwik.meter", index=True, check_company=True, ondelete="restrict")
    service_point_id = fields.Many2one(
        "pwik.service.point", "Service point", index=True, check_company=True, ondelete="restrict"
    )
    user_id = fields.Many2one("res.users", "Worker", tracking=True)
    date_due = fields.Date("Due", tracking=True)
    state = fields.Selection(
        [("draft", "New"), ("planned", "Planned"), ("done", "Done"), ("cancelled", "Cancelled")],
        "Status",
        required=True,
        default="draft",
        tracking=True,
        index=True,
    )
    result = fields.Text(tracking=True)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("number"):
                vals["number"] = self.env["ir.sequence"].next_by_code("pwik.work.order")
        return super().create(vals_list)

    def action_plan(self):
        self.filtered(lambda order: order.state == "draft").state = "planned"

    def action_done(self):
        """Close planned orders; what was found has to be written down first."""
        for order in self:
            if order.state != "planned":
                raise UserError(self.env._("Order %s is not planned.", order.number))
            if not order.result:
                raise UserError(self.env._("Order %s: write down the result first.", order.number))
        self.state = "done"

    def action_cancel(self):
        if any(order.state == "done" for order in self):
            raise UserError(self.env._("A finished order cannot be cancelled."))
        self.state = "cancelled"
