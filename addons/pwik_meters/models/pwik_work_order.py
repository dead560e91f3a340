from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

ORDER_KINDS = [("exchange", "Meter exchange"), ("inspection", "Inspection"), ("reseal", "Re-sealing")]
OPEN_STATES = ("draft", "planned")
OFFICE = "pwik_meters.pwik_meters_group_user"
# What a worker writes down himself; everything else is decided in the office.
WORKER_FIELDS = frozenset({"result", "state", "date_done", "done_by_id"})


class PwikWorkOrder(models.Model):
    _name = "pwik.work.order"
    _description = "Field work order"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_due, id"
    _rec_name = "number"
    _rec_names_search = ["number", "meter_id.serial"]
    _check_company_auto = True

    number = fields.Char("Order number", copy=False, readonly=True, default=lambda self: self.env._("New"))
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True, tracking=True)
    kind = fields.Selection(ORDER_KINDS, required=True, default="inspection", tracking=True)
    reason = fields.Char(tracking=True, help="What the worker has to know.")
    meter_id = fields.Many2one(
        "pwik.meter", index=True, check_company=True, ondelete="restrict", tracking=True
    )
    service_point_id = fields.Many2one(
        "pwik.service.point",
        "Service point",
        compute="_compute_service_point_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    route_id = fields.Many2one(related="service_point_id.route_id", store=True)
    street = fields.Char(related="service_point_id.street")
    city = fields.Char(related="service_point_id.city")
    user_id = fields.Many2one("res.users", "Worker", index=True, tracking=True)
    date_due = fields.Date("Due", tracking=True)
    state = fields.Selection(
        [("draft", "New"), ("planned", "Planned"), ("done", "Done"), ("cancelled", "Cancelled")],
        "Status",
        required=True,
        default="draft",
        tracking=True,
        index=True,
        copy=False,
    )
    result = fields.Text(tracking=True, copy=False)
    date_done = fields.Date("Done on", readonly=True, copy=False, tracking=True)
    done_by_id = fields.Many2one("res.users", "Done by", readonly=True, copy=False)
    reading_ids = fields.One2many("pwik.reading", "work_order_id", "Readings in question", readonly=True)

    _open_for_meter = models.Index("(meter_id, kind) WHERE state IN ('draft', 'planned')")

    @api.depends("meter_id")
    def _compute_service_point_id(self):
        for order in self:
            order.service_point_id = order.meter_id.service_point_id or order.service_point_id

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("number"):
                vals["number"] = self.env["ir.sequence"].next_by_code("pwik.work.order")
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and not self.env.user.has_group(OFFICE) and set(vals) - WORKER_FIELDS:
            raise AccessError(
                self.env._("Orders are changed by the office; a worker writes down the result.")
            )
        return super().write(vals)

    @api.model
    def _order_for_meters(self, meters, kind, reasons=None, **values):
        """One order of ``kind`` for each meter that has no open one.

        :param reasons: ``{meter_id: text}`` for the worker
        :param values: ``user_id``, ``date_due`` … for all of them
        :return: the orders that were made
        """
        open_orders = self.search(
            [("meter_id", "in", meters.ids), ("kind", "=", kind), ("state", "in", OPEN_STATES)]
        )
        return self.create(
            [
                {
                    "kind": kind,
                    "meter_id": meter.id,
                    "company_id": meter.company_id.id,
                    "reason": (reasons or {}).get(meter.id, False),
                    **values,
                }
                for meter in meters - open_orders.meter_id
            ]
        )

    def _get_view_action(self):
        """Action that shows these orders."""
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_work_order_action")
        return {**action, "domain": [("id", "in", self.ids)], "context": {}}

    def action_plan(self):
        self.filtered(lambda order: order.state == "draft").state = "planned"

    def action_done(self):
        """Close planned orders; what was found has to be written down first."""
        for order in self:
            if order.state != "planned":
                raise UserError(self.env._("Order %s is not planned.", order.number))
            if not order.result:
                raise UserError(self.env._("Order %s: write down the result first.", order.number))
        self.write(
            {"state": "done", "date_done": fields.Date.context_today(self), "done_by_id": self.env.uid}
        )

    def action_cancel(self):
        if any(order.state == "done" for order in self):
            raise UserError(self.env._("A finished order cannot be cancelled."))
        self.state = "cancelled"

    def _finish(self, result):
        """Close orders whose work another screen recorded, whatever open state they are in."""
        for order in self.filtered(lambda o: o.state in OPEN_STATES):
            order.write(
                {
                    "state": "done",
                    "result": "\n".join(filter(None, (order.result, result))),
                    "date_done": fields.Date.context_today(self),
                    "done_by_id": self.env.uid,
                }
            )
