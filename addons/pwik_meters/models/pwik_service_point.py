from odoo import api, fields, models


class PwikServicePoint(models.Model):
    """Place where water is taken and measured (punkt poboru)."""

    _name = "pwik.service.point"
    _description = "Service point"
    _inherit = ["mail.thread"]
    _order = "route_id, route_sequence, number"
    _rec_name = "display_name"
    _rec_names_search = ["number", "street", "city"]
    _check_company_auto = True

    number = fields.Char(
        "Point number", copy=False, readonly=True, index="trigram", default=lambda self: self.env._("New")
    )
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    active = fields.Boolean(default=True)
    point_kind = fields.Selection(
        [("main", "Main"), ("unit", "Unit (flat)"), ("garden", "Garden")],
        "Kind",
        required=True,
        default="main",
        tracking=True,
    )
    parent_id = fields.Many2one(
        "pwik.service.point", "Main point", index=True, ondelete="restrict", check_company=True
    )
    child_ids = fields.One2many("pwik.service.point", "parent_id", "Points behind this one")
    street = fields.Char("Street and number", required=True, tracking=True, index="trigram")
    zip = fields.Char("Postal code")
    city = fields.Char("Town", required=True)
    municipality_id = fields.Many2one(
        "pwik.municipality",
        "Municipality",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
    )
    route_id = fields.Many2one(
        "pwik.reading.route", "Reading route", index=True, tracking=True, ondelete="set null"
    )
    route_sequence = fields.Integer("Order on the route", default=10)
    note = fields.Text("How to get to the meter")
    installation_ids = fields.One2many("pwik.meter.installation", "service_point_id", "Meters over time")
    meter_ids = fields.Many2many("pwik.meter", string="Meters now", compute="_compute_meter_ids")
    contract_point_ids = fields.One2many("pwik.contract.point", "service_point_id", "Contracts over time")
    contract_id = fields.Many2one("pwik.contract", "Contract in force", compute="_compute_contract_id")

    _number_unique = models.Constraint(
        "UNIQUE(number, company_id)", "A service point with this number exists already."
    )
    _not_own_parent = models.Constraint("CHECK(parent_id <> id)", "A point cannot lie behind itself.")

    @api.depends("number", "street", "city")
    def _compute_display_name(self):
        for point in self:
            point.display_name = f"{point.number} · {point.street or ''}, {point.city or ''}"

    @api.depends("installation_ids.date_to", "installation_ids.meter_id")
    def _compute_meter_ids(self):
        for point in self:
            point.meter_ids = point.installation_ids.filtered(lambda i: not i.date_to).meter_id

    @api.depends("contract_point_ids.date_from", "contract_point_ids.date_to", "contract_point_ids.state")
    def _compute_contract_id(self):
        today = fields.Date.context_today(self)
        for point in self:
            point.contract_id = point.contract_point_ids.filtered(
                lambda line: (
                    line.state == "active"
                    and line.date_from <= today
                    and (not line.date_to or line.date_to >= today)
                )
            ).contract_id[:1]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("number"):
                vals["number"] = self.env["ir.sequence"].next_by_code("pwik.service.point")
        return super().create(vals_list)
