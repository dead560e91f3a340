from odoo import api, fields, models
from odoo.exceptions import UserError


class PwikMeterReseal(models.TransientModel):
    """A new seal on a meter that stays where it is; the one before it is closed, and so is the order for it."""

    _name = "pwik.meter.reseal"
    _description = "Re-sealing"

    meter_id = fields.Many2one("pwik.meter", required=True)
    old_seal_number = fields.Char("Seal in place", compute="_compute_old_seal_number")
    seal_number = fields.Char("Number of the new seal", required=True)
    date = fields.Date("Put on", required=True, default=fields.Date.context_today)
    reason = fields.Char(help="Why the seal was changed, and what was found.")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        model, record_id = self.env.context.get("active_model"), self.env.context.get("active_id")
        if model == "pwik.work.order" and record_id:
            order = self.env[model].browse(record_id)
            values.update(meter_id=order.meter_id.id, reason=order.reason)
        elif model == "pwik.meter" and record_id:
            values["meter_id"] = record_id
        return values

    @api.depends("meter_id")
    def _compute_old_seal_number(self):
        for wizard in self:
            wizard.old_seal_number = ", ".join(wizard._get_old_seals().mapped("number"))

    def _get_old_seals(self):
        return self.meter_id.seal_ids.filtered(lambda seal: not seal.removed_date)

    def action_apply(self):
        self.ensure_one()
        meter, number = self.meter_id, self.seal_number.strip()
        if meter.state != "installed":
            raise UserError(self.env._("Meter %s is not installed: it is sealed when it is.", meter.serial))
        if self.date > fields.Date.context_today(self):
            raise UserError(self.env._("The day of the seal lies in the future."))
        later = self._get_old_seals().filtered(lambda seal: seal.date > self.date)
        if later:
            raise UserError(
                self.env._(
                    "Seal %(number)s was put on only on %(day)s: the new one cannot be older.",
                    number=later[0].number,
                    day=later[0].date,
                )
            )
        if number in self._get_old_seals().mapped("number"):
            raise UserError(self.env._("Seal %s is on the meter already.", number))
        result = self.env._(
            "Seal %(old)s replaced by %(new)s on %(day)s.",
            old=self.old_seal_number or "–",
            new=number,
            day=self.date,
        )
        meter._put_seal(number, self.date)
        meter.message_post(body=" ".join(filter(None, (result, self.reason))))
        self._finish_orders(result)
        return {"type": "ir.actions.act_window_close"}

    def _finish_orders(self, result):
        orders = self.env["pwik.work.order"].search(
            [("meter_id", "=", self.meter_id.id), ("kind", "=", "reseal")]
        )
        orders._finish(result)
