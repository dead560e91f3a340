from odoo import api, fields, models


class PwikWaterInflow(models.Model):
    """m³ that entered an area in a month, by the meters of intakes and transfers. Entered by hand or imported (CSV, XLSX)."""

    _name = "pwik.water.inflow"
    _description = "Water fed in"
    _order = "month desc, area_id"
    _rec_name = "month"

    area_id = fields.Many2one("pwik.water.area", "Area", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="area_id.company_id", store=True)
    month = fields.Date(required=True, help="Any day of the month.")
    fed_m3 = fields.Float("Fed in [m³]", digits=(16, 3), required=True)
    own_m3 = fields.Float(
        "Own use [m³]",
        digits=(16, 3),
        help="Flushing, treatment, fire fighting: used, not sold and not lost.",
    )
    note = fields.Char()

    _once = models.Constraint("UNIQUE(area_id, month)", "This area has a volume for this month already.")
    _not_negative = models.Constraint(
        "CHECK(fed_m3 >= 0 AND own_m3 >= 0 AND own_m3 <= fed_m3)",
        "Volumes are not negative, and no more is used than was fed in.",
    )
    _first_of_month = models.Constraint(
        "CHECK(month = date_trunc('month', month))", "A month is kept by its first day."
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_first_day(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_first_day(vals))

    @api.model
    def _with_first_day(self, vals):
        if not vals.get("month"):
            return vals
        return {**vals, "month": fields.Date.to_date(vals["month"]).replace(day=1)}

    @api.model
    def get_import_templates(self):
        return [
            {
                "label": self.env._("Template of water fed in"),
                "template": "/pwik_billing/static/csv/pwik_water_inflow.csv",
            }
        ]
