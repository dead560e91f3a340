from odoo import api, fields, models
from odoo.exceptions import UserError


class PwikMeterExchange(models.TransientModel):
    """Installs, exchanges or removes a meter at a point, with the values of both."""

    _name = "pwik.meter.exchange"
    _description = "Meter exchange"

    operation = fields.Selection(
        [("install", "Install"), ("exchange", "Exchange"), ("remove", "Remove")],
        required=True,
        default="exchange",
    )
    service_point_id = fields.Many2one("pwik.service.point", "Service point", required=True)
    old_meter_id = fields.Many2one("pwik.meter", "Meter to take out")
    old_meter_kind = fields.Selection(related="old_meter_id.meter_kind")
    last_reading_date = fields.Date(related="old_meter_id.last_reading_date")
    last_reading_value = fields.Float(related="old_meter_id.last_reading_value")
    date = fields.Date("Day of the exchange", required=True, default=fields.Date.context_today)
    end_value = fields.Float("End value [m³]", digits=(16, 3))
    new_meter_id = fields.Many2one("pwik.meter", "New meter")
    start_value = fields.Float("Start value [m³]", digits=(16, 3))
    seal_number = fields.Char("Number of the new seal")
    reason = fields.Char()
    photo = fields.Image(
        "Photo of the old meter",
        max_width=1600,
        max_height=1600,
        attachment=False,
        help="Kept with the last reading of the meter that is taken out.",
    )
    work_order_id = fields.Many2one("pwik.work.order", "Work order")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        model, record_id = self.env.context.get("active_model"), self.env.context.get("active_id")
        if model == "pwik.meter" and record_id:
            meter = self.env[model].browse(record_id)
            values.update(old_meter_id=meter.id, service_point_id=meter.service_point_id.id)
        elif model == "pwik.service.point" and record_id:
            point = self.env[model].browse(record_id)
            values["service_point_id"] = point.id
            if len(point.meter_ids) == 1 and self.env.context.get("default_operation") != "install":
                values["old_meter_id"] = point.meter_ids.id
        elif model == "pwik.work.order" and record_id:
            order = self.env[model].browse(record_id)
            values.update(
                work_order_id=order.id,
                old_meter_id=order.meter_id.id,
                service_point_id=(order.meter_id.service_point_id or order.service_point_id).id,
                reason=order.reason,
            )
        return values

    def action_apply(self):
        self.ensure_one()
        self._check_complete()
        old, new, point = self.old_meter_id, self.new_meter_id, self.service_point_id
        photo = self.with_context(bin_size=False).photo
        if self.operation == "install":
            point._install_meter(new, self.date, self.start_value, self.seal_number)
        elif self.operation == "exchange":
            point._exchange_meter(
                old, new, self.date, self.end_value, self.start_value, self.seal_number, self.reason, photo
            )
        else:
            old._remove_meter(self.date, self.end_value, self.reason, photo)
        self._finish_orders()
        return {"type": "ir.actions.act_window_close"}

    def _finish_orders(self):
        """Close the order the wizard was opened from, and any other open exchange order of the meter that left."""
        orders = self.work_order_id
        if self.old_meter_id:
            orders |= orders.search([("meter_id", "=", self.old_meter_id.id), ("kind", "=", "exchange")])
        result = self.env._(
            "Meter %(old)s taken out on %(day)s.", old=self.old_meter_id.serial, day=self.date
        )
        if self.operation == "exchange":
            result = self.env._(
                "Meter %(old)s replaced by %(new)s on %(day)s.",
                old=self.old_meter_id.serial,
                new=self.new_meter_id.serial,
                day=self.date,
            )
        orders._finish(result)

    def _check_complete(self):
        if self.operation != "install" and not self.old_meter_id:
            raise UserError(self.env._("Choose the meter that is taken out."))
        if self.operation != "install" and not self.end_value and self.last_reading_value:
            raise UserError(self.env._("Enter the end value of the meter that is taken out."))
        if self.operation != "remove" and not self.new_meter_id:
            raise UserError(self.env._("Choose the new meter from stock."))
