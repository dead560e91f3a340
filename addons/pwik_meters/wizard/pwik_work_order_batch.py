from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.pwik_work_order import ORDER_KINDS


class PwikWorkOrderBatch(models.TransientModel):
    """Orders for many meters at once: those chosen in a list, or those whose verification ends in N months."""

    _name = "pwik.work.order.batch"
    _description = "Work orders in bulk"

    kind = fields.Selection(ORDER_KINDS, required=True, default="exchange")
    meter_ids = fields.Many2many("pwik.meter", string="Chosen meters")
    months = fields.Integer("Verification ends within months", default=6)
    route_ids = fields.Many2many("pwik.reading.route", string="Routes", help="Empty: all.")
    municipality_ids = fields.Many2many("pwik.municipality", string="Municipalities", help="Empty: all.")
    user_id = fields.Many2one("res.users", "Worker")
    date_due = fields.Date("Due")
    reason = fields.Char()
    meter_count = fields.Integer("Meters without an open order", compute="_compute_meter_count")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "pwik.meter":
            values["meter_ids"] = self.env.context.get("active_ids", [])
        return values

    @api.depends("kind", "meter_ids", "months", "route_ids", "municipality_ids")
    def _compute_meter_count(self):
        for batch in self:
            batch.meter_count = self.env["pwik.meter"].search_count(batch._get_meters_domain())

    def _get_meters_domain(self):
        """Installed meters that are meant and have no open order of this kind."""
        self.ensure_one()
        domain = [
            ("state", "=", "installed"),
            ("work_order_ids", "not any", [("kind", "=", self.kind), ("state", "in", ("draft", "planned"))]),
        ]
        if self.meter_ids:
            return [*domain, ("id", "in", self.meter_ids.ids)]
        until = fields.Date.add(fields.Date.context_today(self), months=self.months)
        domain.append(("legalization_valid_until", "<=", until))
        place = []
        if self.route_ids:
            place.append(("service_point_id.route_id", "in", self.route_ids.ids))
        if self.municipality_ids:
            place.append(("service_point_id.municipality_id", "in", self.municipality_ids.ids))
        if place:
            domain.append(("installation_ids", "any", [("date_to", "=", False), *place]))
        return domain

    def action_apply(self):
        """Make the orders.

        :return: action that shows them, by route
        :raise UserError: no meter is meant
        """
        self.ensure_one()
        meters = self.env["pwik.meter"].search(self._get_meters_domain())
        if not meters:
            raise UserError(self.env._("No meter here needs an order which is not open already."))
        reasons = {
            meter.id: self.reason
            or self.env._("Verification valid until %s", meter.legalization_valid_until or "–")
            for meter in meters
        }
        orders = self.env["pwik.work.order"]._order_for_meters(
            meters,
            self.kind,
            reasons,
            user_id=self.user_id.id,
            date_due=self.date_due,
            state="planned" if self.user_id else "draft",
        )
        return {**orders._get_view_action(), "context": {"search_default_group_route": 1}}
