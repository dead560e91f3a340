from odoo import models


class PwikCase(models.Model):
    """Requests that somebody must drive out for: approving makes the work order."""

    _inherit = "pwik.case"

    def _approve_work_order(self):
        self.ensure_one()
        order = self.env["pwik.work.order"].create(self._prepare_work_order())
        self.sudo().work_order_id = order
        self._post_note([self.env._("Work order %s made.", order.number)])

    def _prepare_work_order(self):
        self.ensure_one()
        return {
            "kind": self.type_id.work_order_kind,
            "meter_id": self.meter_id.id,
            "service_point_id": self.service_point_id.id,
            "company_id": self.company_id.id,
        }
