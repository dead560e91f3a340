from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..domain.street import NumbersRefused, lies_on, normal_street, parse_numbers

#: What those concerned are told of when it changes after the publication.
TOLD_FIELDS = frozenset(
    {"date_from", "date_to", "reason", "advice", "municipality_ids", "street_ids", "extra_point_ids"}
)
AREA_FIELDS = frozenset({"municipality_ids", "street_ids", "extra_point_ids"})


class PwikOutage(models.Model):
    """Water that will be, or is, cut off: where, when and why (act of 7 June 2001, art. 8 sec. 3 and 4; the utility's rules).

    Published, it stands on the public page, those concerned see it in eBOK and are told once for each ``revision``.
    """

    _name = "pwik.outage"
    _description = "Water outage"
    _inherit = ["mail.thread", "pwik.ebok.visible"]
    _order = "date_from desc, id desc"

    name = fields.Char("Title", required=True, tracking=True, help="Public, e.g. “Exchange of a valve”.")
    kind = fields.Selection(
        [("planned", "Planned work"), ("failure", "Failure")], required=True, default="planned", tracking=True
    )
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("cancelled", "Called off")],
        "Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    date_from = fields.Datetime("From", required=True, tracking=True)
    date_to = fields.Datetime("Expected until", required=True, tracking=True)
    is_over = fields.Boolean("Over", compute="_compute_is_over", search="_search_is_over")
    reason = fields.Char(tracking=True, help="Public: why the water is cut off.")
    advice = fields.Text("What to do", help="Public: a water cart, water that may be cloudy afterwards.")
    note = fields.Text("Internal notes")
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    municipality_ids = fields.Many2many(
        "pwik.municipality", string="Whole municipalities", help="All points there are concerned."
    )
    street_ids = fields.One2many("pwik.outage.street", "outage_id", "Streets", copy=True)
    extra_point_ids = fields.Many2many(
        "pwik.service.point",
        "pwik_outage_extra_point_rel",
        string="Single points",
        help="Points besides those of the streets and municipalities.",
    )
    point_ids = fields.Many2many(
        "pwik.service.point",
        "pwik_outage_point_rel",
        "outage_id",
        "point_id",
        string="Points concerned",
        compute="_compute_point_ids",
        store=True,
        copy=False,
    )
    point_count = fields.Integer("Number of points", compute="_compute_counts")
    notice_count = fields.Integer("Number of notices", compute="_compute_counts")
    area = fields.Char(
        "Area", compute="_compute_area", compute_sudo=True, help="As the public page tells it."
    )
    revision = fields.Integer(
        default=0, readonly=True, copy=False, help="Counts the publication and each change after it."
    )
    told_revision = fields.Integer(default=0, readonly=True, copy=False)

    _dates_ordered = models.Constraint("CHECK(date_to > date_from)", "An outage cannot end before it begins.")

    @api.depends("date_to")
    def _compute_is_over(self):
        now = fields.Datetime.now()
        for outage in self:
            outage.is_over = bool(outage.date_to and outage.date_to < now)

    @api.model
    def _search_is_over(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        over = (operator == "in") == (True in value)
        return [("date_to", "<" if over else ">=", fields.Datetime.now())]

    @api.depends(
        "company_id",
        "municipality_ids",
        "extra_point_ids",
        "street_ids.municipality_id",
        "street_ids.city",
        "street_ids.street",
        "street_ids.numbers",
    )
    def _compute_point_ids(self):
        for outage in self:
            points = outage.extra_point_ids
            if outage.municipality_ids:
                points |= points.search([("municipality_id", "in", outage.municipality_ids.ids)])
            for street in outage.street_ids:
                points |= street._find_points(outage.company_id)
            outage.point_ids = points

    @api.depends("point_ids")
    def _compute_counts(self):
        told = dict(
            self.env["pwik.notice"]._read_group(
                [("res_model", "=", self._name), ("res_id", "in", self.ids)], ["res_id"], ["__count"]
            )
        )
        for outage in self:
            outage.point_count = len(outage.point_ids)
            outage.notice_count = told.get(outage.id, 0)

    @api.depends("municipality_ids.name", "street_ids.city", "street_ids.street", "street_ids.numbers")
    def _compute_area(self):
        for outage in self:
            parts = [*outage.municipality_ids.mapped("name"), *(one._get_text() for one in outage.street_ids)]
            outage.area = "; ".join(parts)

    @api.constrains("municipality_ids", "street_ids", "extra_point_ids", "state")
    def _check_area(self):
        for outage in self.filtered(lambda one: one.state == "published"):
            if not (outage.municipality_ids or outage.street_ids or outage.extra_point_ids):
                raise ValidationError(
                    self.env._("Say where the water is cut off: streets, municipalities or points.")
                )

    def write(self, vals):
        """A change of what the public reads is a new revision: those concerned are told again, once."""
        changed = TOLD_FIELDS.intersection(vals)
        before = {outage: outage._get_told() for outage in self if changed}
        result = super().write(vals)
        for outage in self.filtered(lambda one: one.state == "published"):
            if outage in before and before[outage] != outage._get_told():
                outage._tell_again()
        return result

    def _get_told(self):
        return [
            *(self[name] for name in ("date_from", "date_to", "reason", "advice")),
            set(self.point_ids.ids),
            self.area,
        ]

    def _tell_again(self):
        """Those concerned are told of the present state by the scheduled action, in packets."""
        for outage in self:
            outage.revision += 1
        # sudo: the trigger is the program's own
        self.env.ref("pwik_ebok.ir_cron_notice").sudo()._trigger()

    def action_publish(self):
        """Show the outage to the public and tell those concerned."""
        for outage in self:
            if outage.state != "draft":
                raise UserError(self.env._("“%s” was published already.", outage.name))
            if outage.is_over:
                raise UserError(self.env._("“%s” is over: there is nobody to be told.", outage.name))
            # points that came since the area was written
            outage._compute_point_ids()
            outage.state = "published"
            outage._tell_again()

    def action_cancel(self):
        """Call a published outage off: those who were told are told that too."""
        for outage in self:
            if outage.state != "published":
                raise UserError(self.env._("“%s” is not published.", outage.name))
            outage.state = "cancelled"
            if not outage.is_over:
                outage._tell_again()

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if any(outage.state != "draft" for outage in self):
            raise UserError(self.env._("A published outage is kept. Call it off instead."))

    def action_open_points(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_meters.pwik_service_point_action")
        return {**action, "domain": [("id", "in", self.point_ids.ids)], "context": {}}

    def action_open_notices(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_ebok.pwik_notice_action")
        return {
            **action,
            "domain": [("res_model", "=", self._name), ("res_id", "in", self.ids)],
            "context": {},
        }

    def _get_ebok_domain(self):
        """Published ones that concern a point of a contract which the login sees and which is in force."""
        contracts = Domain("contract_id", "in", self.env.user.ebok_contract_ids.ids)
        today = fields.Date.context_today(self)
        running = Domain("date_to", "=", False) | Domain("date_to", ">=", today)
        lines = contracts & running & Domain("contract_id.state", "=", "active")
        here = Domain("contract_point_ids", "any!", lines)
        return Domain(self._get_public_domain()) & Domain("point_ids", "any!", here)

    @api.model
    def _get_public_domain(self):
        """What the public page tells of: published ones and those just called off, until they are over."""
        return [("state", "in", ("published", "cancelled")), ("is_over", "=", False)]


class PwikOutageStreet(models.Model):
    """A street, or some of its numbers, without water."""

    _name = "pwik.outage.street"
    _description = "Street of an outage"
    _order = "outage_id, city, street, id"

    outage_id = fields.Many2one("pwik.outage", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="outage_id.company_id", store=True)
    municipality_id = fields.Many2one(
        "pwik.municipality", "Municipality", help="Empty: in every municipality with such a town and street."
    )
    city = fields.Char("Town", help="Empty: any town.")
    street = fields.Char(required=True)
    numbers = fields.Char(help="E.g. “1-15 odd, 20, 22a”. Empty: the whole street.")
    point_count = fields.Integer("Points", compute="_compute_point_count")

    @api.depends("municipality_id", "city", "street", "numbers")
    def _compute_point_count(self):
        for line in self:
            line.point_count = len(line._find_points(line.outage_id.company_id))

    @api.constrains("street", "numbers")
    def _check_numbers(self):
        for line in self:
            if not normal_street(line.street):
                raise ValidationError(self.env._("Enter the name of the street."))
            try:
                parse_numbers(line.numbers)
            except NumbersRefused as error:
                raise ValidationError(
                    self.env._(
                        "“%s” is no house number and no range. Write for instance 1-15 odd, 20, 22a.",
                        error.part,
                    )
                ) from error

    def write(self, vals):
        """The line is part of what its outage tells."""
        outages = self.outage_id.filtered(lambda one: one.state == "published")
        before = {outage: outage._get_told() for outage in outages}
        result = super().write(vals)
        for outage in outages:
            if before[outage] != outage._get_told():
                outage._tell_again()
        return result

    def _get_text(self):
        self.ensure_one()
        street = f"{self.street} {self.numbers}" if self.numbers else self.street
        place = self.city or self.municipality_id.name
        return f"{place}: {street}" if place else street

    def _find_points(self, company):
        """Points on this street within the numbers; none while the line cannot be read."""
        self.ensure_one()
        name = normal_street(self.street)
        try:
            numbers = parse_numbers(self.numbers)
        except NumbersRefused:
            return self.env["pwik.service.point"]
        if not name:
            return self.env["pwik.service.point"]
        domain = [("street", "ilike", name), ("company_id", "=", company.id)]
        if self.municipality_id:
            domain.append(("municipality_id", "=", self.municipality_id.id))
        if self.city:
            domain.append(("city", "=ilike", self.city.strip()))
        points = self.env["pwik.service.point"].search(domain)
        return points.filtered(lambda point: lies_on(point.street, self.street, numbers))
