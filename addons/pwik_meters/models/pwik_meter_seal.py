from odoo import fields, models
from odoo.tools import format_date


class PwikMeterSeal(models.Model):
    _name = "pwik.meter.seal"
    _description = "Seal on a meter"
    _inherit = ["pwik.told.mixin"]
    _order = "date desc, id desc"
    _rec_name = "number"
    _told_on = "meter_id"

    meter_id = fields.Many2one("pwik.meter", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="meter_id.company_id", store=True)
    number = fields.Char("Seal number", required=True)
    date = fields.Date("Put on", required=True, default=fields.Date.context_today)
    removed_date = fields.Date("Taken off")

    _dates_ordered = models.Constraint(
        "CHECK(removed_date IS NULL OR removed_date >= date)",
        "A seal cannot be taken off before it was put on.",
    )

    def _describe(self):
        days = [format_date(self.env, day) if day else "…" for day in (self.date, self.removed_date)]
        return f"{self.number}, {days[0]} – {days[1]}"
