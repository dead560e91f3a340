from odoo import api, fields, models


class PwikMeter(models.Model):
    _inherit = "pwik.meter"

    radio_assignment_ids = fields.One2many(
        "pwik.radio.module.assignment", "meter_id", "Radio overlays over time"
    )
    radio_module_id = fields.Many2one(
        "pwik.radio.module",
        "Radio overlay",
        compute="_compute_radio_module_id",
        search="_search_radio_module_id",
    )

    @api.depends(
        "radio_assignment_ids.date_from", "radio_assignment_ids.date_to", "radio_assignment_ids.module_id"
    )
    def _compute_radio_module_id(self):
        now = fields.Datetime.now()
        for meter in self:
            meter.radio_module_id = meter.radio_assignment_ids.filtered(
                lambda line: line.date_from <= now and (not line.date_to or line.date_to > now)
            ).module_id[:1]

    def _search_radio_module_id(self, operator, value):
        now = fields.Datetime.now()
        current = [("date_from", "<=", now), "|", ("date_to", "=", False), ("date_to", ">", now)]
        if operator == "in" and False in value:
            return ["!", ("radio_assignment_ids", "any", current)]
        return [("radio_assignment_ids", "any", [*current, ("module_id", operator, value)])]
