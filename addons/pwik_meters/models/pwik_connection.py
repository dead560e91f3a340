from odoo import api, fields, models
from odoo.exceptions import UserError


class PwikConnection(models.Model):
    """Service connection (przyłącze): the pipe between the network and a property, water or sewage.

    Art. 2 pkt 5 and 6 of the act of 7 June 2001 on collective water supply.
    """

    _name = "pwik.connection"
    _description = "Water or sewer connection"
    _inherit = ["mail.thread"]
    _order = "number, id"
    _rec_names_search = ["number", "street", "city"]
    _check_company_auto = True

    number = fields.Char(
        "Connection number",
        copy=False,
        readonly=True,
        index="trigram",
        default=lambda self: self.env._("New"),
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True, tracking=True)
    kind = fields.Selection(
        [("water", "Water connection"), ("sewage", "Sewer connection")],
        required=True,
        default="water",
        tracking=True,
    )
    state = fields.Selection(
        [("planned", "Planned"), ("active", "In use"), ("closed", "Cut off")],
        "Status",
        required=True,
        default="planned",
        tracking=True,
        copy=False,
        index=True,
    )
    street = fields.Char("Street and number", required=True, tracking=True, index="trigram")
    zip = fields.Char("Postal code")
    city = fields.Char("Town", required=True)
    plot = fields.Char("Plot number", help="Number of the cadastral plot.")
    municipality_id = fields.Many2one("pwik.municipality", required=True, index=True, ondelete="restrict")
    material = fields.Char()
    dn = fields.Integer("DN [mm]", default=32, tracking=True)
    pipe_length = fields.Float("Length [m]", digits=(8, 1))
    date_accepted = fields.Date("Accepted on", tracking=True, help="Day of the acceptance protocol.")
    protocol = fields.Char("Acceptance protocol")
    date_closed = fields.Date("Cut off on", readonly=True, copy=False, tracking=True)
    owner = fields.Selection(
        [("utility", "Utility"), ("customer", "Customer")], "Owned by", default="customer", tracking=True
    )
    water_point_ids = fields.One2many("pwik.service.point", "water_connection_id", "Points supplied")
    sewage_point_ids = fields.One2many("pwik.service.point", "sewage_connection_id", "Points drained")
    point_count = fields.Integer("Number of points", compute="_compute_point_count")

    _number_unique = models.Constraint(
        "UNIQUE(number, company_id)", "A connection with this number exists already."
    )
    _dates_ordered = models.Constraint(
        "CHECK(date_closed IS NULL OR date_accepted IS NULL OR date_closed >= date_accepted)",
        "A connection cannot be cut off before it was accepted.",
    )

    @api.depends("number", "street", "city")
    def _compute_display_name(self):
        for connection in self:
            connection.display_name = (
                f"{connection.number} · {connection.street or ''}, {connection.city or ''}"
            )

    def _compute_point_count(self):
        points = self.env["pwik.service.point"]
        counts = {}
        for name in ("water_connection_id", "sewage_connection_id"):
            counts.update(dict(points._read_group([(name, "in", self.ids)], [name], ["__count"])))
        for connection in self:
            connection.point_count = counts.get(connection, 0)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("number"):
                vals["number"] = self.env["ir.sequence"].next_by_code("pwik.connection")
        return super().create(vals_list)

    def action_accept(self):
        """Take connections into use; the day of the acceptance protocol has to be known."""
        for connection in self:
            if connection.state != "planned":
                raise UserError(self.env._("Connection %s is not planned.", connection.number))
            if not connection.date_accepted:
                raise UserError(
                    self.env._(
                        "Connection %s: enter the day of the acceptance protocol first.", connection.number
                    )
                )
        self.state = "active"

    def action_close(self):
        """Cut connections off; no contract may be in force at their points.

        :raise UserError: names the contract
        """
        for connection in self:
            points = connection.water_point_ids | connection.sewage_point_ids
            contract = points.contract_id[:1]
            if contract:
                raise UserError(
                    self.env._(
                        "Connection %(connection)s serves contract %(contract)s: end it first.",
                        connection=connection.number,
                        contract=contract.number,
                    )
                )
        self.write({"state": "closed", "date_closed": fields.Date.context_today(self)})

    def action_view_points(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_service_point_action")
        return {
            **action,
            "domain": [
                "|",
                ("water_connection_id", "in", self.ids),
                ("sewage_connection_id", "in", self.ids),
            ],
            "context": {},
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        if self.water_point_ids or self.sewage_point_ids:
            raise UserError(
                self.env._("A connection with service points is kept: archive it instead of deleting it.")
            )
