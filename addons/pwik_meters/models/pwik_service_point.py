from odoo import api, fields, models
from odoo.exceptions import UserError


class PwikServicePoint(models.Model):
    """Place where water is taken and measured (punkt poboru)."""

    _name = "pwik.service.point"
    _description = "Service point"
    _inherit = ["mail.thread"]
    _order = "number, id"
    _rec_name = "display_name"
    _rec_names_search = ["number", "street", "city"]
    _check_company_auto = True

    number = fields.Char(
        "Point number", copy=False, readonly=True, index="trigram", default=lambda self: self.env._("New")
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True, tracking=True)
    point_kind = fields.Selection(
        [("main", "Main"), ("unit", "Unit (flat)"), ("garden", "Garden")],
        "Kind",
        required=True,
        default="main",
        tracking=True,
    )
    parent_id = fields.Many2one(
        "pwik.service.point",
        "Main point",
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    child_ids = fields.One2many("pwik.service.point", "parent_id", "Points behind this one")
    street = fields.Char("Street and number", required=True, tracking=True, index="trigram")
    zip = fields.Char("Postal code", tracking=True)
    city = fields.Char("Town", required=True, tracking=True)
    municipality_id = fields.Many2one(
        "pwik.municipality",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
    )
    route_id = fields.Many2one(
        "pwik.reading.route", "Reading route", index=True, tracking=True, ondelete="set null"
    )
    route_sequence = fields.Integer("Order on the route", default=10)
    water_connection_id = fields.Many2one(
        "pwik.connection",
        "Water connection",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    sewage_connection_id = fields.Many2one(
        "pwik.connection",
        "Sewer connection",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    note = fields.Text("How to get to the meter")
    installation_ids = fields.One2many("pwik.meter.installation", "service_point_id", "Meters over time")
    meter_ids = fields.Many2many("pwik.meter", string="Meters now", compute="_compute_meter_ids")
    contract_point_ids = fields.One2many("pwik.contract.point", "service_point_id", "Contracts over time")
    contract_id = fields.Many2one("pwik.contract", "Contract in force", compute="_compute_contract_id")

    meter_count = fields.Integer("Number of meters", compute="_compute_counts")
    reading_count = fields.Integer("Number of readings", compute="_compute_counts")
    contract_count = fields.Integer("Number of contracts", compute="_compute_contract_count")

    _number_backwards = models.Index("(reverse(number) text_pattern_ops)")
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
        # Fetched for all points at once: read point by point, each would ask for its own.
        installations = self.installation_ids.filtered(lambda i: not i.date_to)
        installations.meter_id.fetch()
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

    def _compute_counts(self):
        meters = dict(
            self.env["pwik.meter.installation"]._read_group(
                [("service_point_id", "in", self.ids)], ["service_point_id"], ["meter_id:count_distinct"]
            )
        )
        readings = dict(
            self.env["pwik.reading"]._read_group(
                [("service_point_id", "in", self.ids)], ["service_point_id"], ["__count"]
            )
        )
        for point in self:
            point.meter_count = meters.get(point, 0)
            point.reading_count = readings.get(point, 0)

    def _compute_contract_count(self):
        contracts = dict(
            self.env["pwik.contract.point"]._read_group(
                [("service_point_id", "in", self.ids)], ["service_point_id"], ["contract_id:count_distinct"]
            )
        )
        for point in self:
            point.contract_count = contracts.get(point, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        used = self.filtered(lambda point: point.installation_ids or point.contract_point_ids)
        if used:
            raise UserError(
                self.env._(
                    "Point %s has meters or contracts, now or in the past: archive it instead of deleting it.",
                    ", ".join(used.mapped("number")),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        nameless = [vals for vals in vals_list if not vals.get("number")]
        numbers = self.env["ir.sequence"]._pwik_next_by_code("pwik.service.point", len(nameless))
        for vals, number in zip(nameless, numbers, strict=True):
            vals["number"] = number
        return super().create(vals_list)

    def action_view_meters(self):
        """Meters that stand or stood here."""
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_meter_action")
        action["domain"] = [("installation_ids.service_point_id", "in", self.ids)]
        action["context"] = {"active_test": False}
        return action

    def action_view_contracts(self):
        """Contracts that supply or supplied this point."""
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_contract_action")
        action["domain"] = [("contract_point_ids.service_point_id", "in", self.ids)]
        action["context"] = {"active_test": False}
        return action

    def action_view_readings(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_reading_action")
        action["domain"] = [("service_point_id", "in", self.ids)]
        action["context"] = {}
        return action

    def _install_meter(self, meter, day, start_value, seal_number=None):
        """Put ``meter`` into service at this point.

        :param day: first day, date
        :param start_value: register on that day, m³; becomes a reading of source ``exchange``
        :return: the installation
        :raise UserError: the meter is no longer in stock, or scrapped
        """
        self.ensure_one()
        if meter.state not in ("stock", "removed"):
            raise UserError(self.env._("Meter %s is not in stock.", meter.serial))
        installation = self.env["pwik.meter.installation"].create(
            {
                "meter_id": meter.id,
                "service_point_id": self.id,
                "date_from": day,
                "start_value": start_value,
            }
        )
        meter.state = "installed"
        # A value of an earlier stay of this meter at the same hour says nothing about this one.
        meter._add_exchange_reading(day, start_value, self.env._("Start value"))
        if seal_number:
            meter._put_seal(seal_number, day)
        return installation

    def _exchange_meter(
        self, old_meter, new_meter, day, end_value, start_value, seal_number=None, reason=None, photo=None
    ):
        """Replace ``old_meter`` at this point by ``new_meter`` on ``day``; both values become readings.

        :param end_value: last register value of the old meter, m³
        :param start_value: first register value of the new meter, m³
        :param reason: kept with the old meter
        :param photo: dial of the old meter, base64
        :return: the new installation
        :raise UserError: see ``pwik.meter._remove_meter`` and ``_install_meter``; another kind of meter
        """
        self.ensure_one()
        if old_meter.service_point_id != self:
            raise UserError(
                self.env._(
                    "Meter %(meter)s is not installed at %(point)s.",
                    meter=old_meter.serial,
                    point=self.display_name,
                )
            )
        if old_meter.meter_kind != new_meter.meter_kind:
            raise UserError(self.env._("A meter is replaced by one of the same kind."))
        old_meter._remove_meter(day, end_value, reason, photo)
        return self._install_meter(new_meter, day, start_value, seal_number)
