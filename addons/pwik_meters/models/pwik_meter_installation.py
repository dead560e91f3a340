from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang


class PwikMeterInstallation(models.Model):
    """Which meter served which point from when to when.

    An exchange closes one installation and opens another on the same day, so that consumption is summed over
    installations and never becomes negative.
    """

    _name = "pwik.meter.installation"
    _inherit = ["pwik.told.mixin"]
    _description = "Meter installation"
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _told_on = "meter_id"
    _rec_names_search = ["meter_id.serial", "service_point_id.number", "service_point_id.street"]

    meter_id = fields.Many2one(
        "pwik.meter", required=True, index=True, ondelete="restrict", check_company=True
    )
    service_point_id = fields.Many2one(
        "pwik.service.point",
        "Service point",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(related="meter_id.company_id", store=True, precompute=True)
    meter_kind = fields.Selection(related="meter_id.meter_kind", store=True, precompute=True)
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To", help="Day on which the meter was taken out.")
    start_value = fields.Float("Start value [m³]", digits=(16, 3), required=True, default=0.0)
    end_value = fields.Float("End value [m³]", digits=(16, 3))

    _dates_ordered = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A meter cannot be taken out before it was installed.",
    )
    # “+ 0”: else the planner takes this index for a plain search, which it answers ten times slower than the field's own
    _meter_once = models.Constraint(
        "EXCLUDE USING gist ((meter_id + 0) WITH =, daterange(date_from, date_to, '[)') WITH &&)",
        "This meter is already installed somewhere in that time.",
    )
    _register_once = models.Constraint(
        "EXCLUDE USING gist ((service_point_id + 0) WITH =, meter_kind WITH =, daterange(date_from, date_to, '[)') WITH &&)",
        "This point already has a meter of this kind in that time.",
    )

    @api.depends("meter_id.serial", "service_point_id")
    def _compute_display_name(self):
        for installation in self:
            point = installation.service_point_id.display_name
            installation.display_name = f"{installation.meter_id.serial or ''} · {point or ''}"

    def _describe(self):
        parts = [self.service_point_id.display_name]
        for day, value in ((self.date_from, self.start_value), (self.date_to, self.end_value)):
            shown = formatLang(self.env, value, digits=3, grouping=False)
            parts.append(f"{format_date(self.env, day)} {shown} m³" if day else "…")
        return ", ".join(parts)
