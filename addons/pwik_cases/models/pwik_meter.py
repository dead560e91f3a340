from odoo import api, fields, models


class PwikMeter(models.Model):
    _inherit = "pwik.meter"

    case_ids = fields.One2many("pwik.case", "meter_id", "Cases")
    case_count = fields.Integer("Open cases", compute="_compute_case_count")

    @api.depends("case_ids.state")
    def _compute_case_count(self):
        counts = self.env["pwik.case"]._get_open_counts("meter_id", self)
        for meter in self:
            meter.case_count = counts.get(meter, 0)

    def action_view_cases(self):
        return self.env["pwik.case"]._get_action_of("meter_id", self)
