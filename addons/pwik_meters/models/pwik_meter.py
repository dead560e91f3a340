from odoo import api, fields, models
from odoo.exceptions import UserError

METER_KINDS = [
    ("main", "Main meter"),
    ("unit", "Unit meter"),
    ("deduction", "Sub-meter (deduction)"),
    ("sewage", "Sewage measuring device"),
]


class PwikMeter(models.Model):
    _name = "pwik.meter"
    _description = "Water meter"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "serial"
    _rec_name = "serial"
    _rec_names_search = ["serial"]
    _check_company_auto = True

    serial = fields.Char("Serial number", required=True, index="trigram", tracking=True, copy=False)
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    active = fields.Boolean(default=True)
    manufacturer = fields.Char(required=True, tracking=True)
    model = fields.Char("Type")
    meter_kind = fields.Selection(METER_KINDS, "Kind", required=True, default="main", tracking=True)
    q3 = fields.Float("Q3 [m³/h]", digits=(6, 2), default=2.5, help="Permanent flow rate (EN ISO 4064).")
    dn = fields.Integer("DN [mm]", default=20)
    register_digits = fields.Integer(
        required=True,
        default=5,
        tracking=True,
        help="Whole m³ digits of the register: it rolls over after 10^digits m³.",
    )
    year = fields.Integer("Year of manufacture")
    legalization_date = fields.Date("Legal verification", tracking=True)
    legalization_valid_until = fields.Date("Verification valid until", tracking=True, index=True)
    state = fields.Selection(
        [("stock", "In stock"), ("installed", "Installed"), ("removed", "Removed"), ("scrapped", "Scrapped")],
        "Status",
        required=True,
        default="stock",
        tracking=True,
        index=True,
        copy=False,
    )
    installation_ids = fields.One2many("pwik.meter.installation", "meter_id", "Installations")
    installation_id = fields.Many2one(
        "pwik.meter.installation",
        "Current installation",
        compute="_compute_installation_id",
    )
    service_point_id = fields.Many2one(
        "pwik.service.point",
        "Service point",
        compute="_compute_installation_id",
        search="_search_service_point_id",
    )
    seal_ids = fields.One2many("pwik.meter.seal", "meter_id", "Seals")
    reading_ids = fields.One2many("pwik.reading", "meter_id", "Readings")

    _serial_unique = models.Constraint(
        "UNIQUE(serial, manufacturer, company_id)",
        "A meter of this manufacturer with this serial number exists already.",
    )
    _digits_range = models.Constraint(
        "CHECK(register_digits BETWEEN 3 AND 9)", "A register has 3 to 9 digits."
    )

    @api.depends("installation_ids.date_to", "installation_ids.service_point_id")
    def _compute_installation_id(self):
        for meter in self:
            meter.installation_id = meter.installation_ids.filtered(lambda i: not i.date_to)[:1]
            meter.service_point_id = meter.installation_id.service_point_id

    def _search_service_point_id(self, operator, value):
        return [("installation_ids", "any", [("date_to", "=", False), ("service_point_id", operator, value)])]

    def _get_billed_until(self):
        """Last day that was invoiced from this meter's readings, or False. Answered by billing."""
        self.ensure_one()
        return False

    def _get_last_billed_readings(self):
        """Map each meter to its last invoiced register value. Answered by billing.

        :return: ``{meter_id: (date, value in m³)}``; meters that were never invoiced are absent.
        """
        return {}

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        if self.installation_ids or self.reading_ids:
            raise UserError(self.env._("A meter with a history is kept: archive it instead of deleting it."))
