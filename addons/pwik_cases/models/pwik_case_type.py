import ast

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class PwikCaseType(models.Model):
    """A kind of case: everything in which one kind differs from another and that the office may want to change."""

    _name = "pwik.case.type"
    _description = "Kind of case"
    _inherit = ["mail.alias.mixin.optional"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char("Kind", required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="Fixed name by which programs know this kind.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", "Company", help="Empty: for all companies.")
    handler = fields.Selection(
        [
            ("none", "Nothing more"),
            ("reading", "Makes a reading"),
            ("data_change", "Changes the customer's data"),
            ("complaint", "Upholds a complaint"),
            ("work_order", "Makes a work order"),
        ],
        "Approving",
        required=True,
        default="none",
    )
    needs_decision = fields.Boolean(
        compute="_compute_needs_decision",
        store=True,
        readonly=False,
        help="Such a case is approved or rejected; others are answered and done.",
    )
    deadline_days = fields.Integer(
        "Answer within [days]",
        help="Calendar days after receipt; 0: no deadline. Consumers' complaints: 14 by law.",
    )
    warning_days = fields.Integer("Warn before [days]", default=3)
    silence_accepts = fields.Boolean(
        "Silence accepts",
        help="A consumer who got no answer in time was right by law (act of 30 May 2014, art. 7a).",
    )
    require_contract = fields.Boolean("Contract needed")
    require_meter = fields.Boolean("Meter needed")
    require_description = fields.Boolean("Description needed", default=True)
    portal_visible = fields.Boolean("Customer sees it", default=True)
    portal_create = fields.Boolean("Customer may open it")
    auto_approve = fields.Boolean(
        "Approve plausible readings",
        help="A submitted reading that raises no doubt is approved without a person.",
    )
    reading_window_days = fields.Integer(
        "Reading not older than [days]",
        default=14,
        help="How many days back the date of a submitted reading may lie.",
    )
    reading_interval_days = fields.Integer("Days between readings", default=1)
    plausible_factor = fields.Float(
        "Doubtful above × expected",
        default=3.0,
        digits=(6, 2),
        help="The customer is asked again when the consumption exceeds the expected one by this factor.",
    )
    plausible_minimum = fields.Float("… and more than [m³]", default=5.0, digits=(6, 1))
    work_order_kind = fields.Selection(
        lambda self: self.env["pwik.work.order"]._fields["kind"]._description_selection(self.env),
        "Kind of work order",
    )
    user_id = fields.Many2one("res.users", "Responsible", domain="[('share', '=', False)]")
    team_id = fields.Many2one("pwik.case.team", "Team", check_company=True)
    stage_ids = fields.Many2many(
        "pwik.case.stage", string="Own stages", help="Stages that only some kinds pass."
    )
    case_ids = fields.One2many("pwik.case", "type_id", "Cases")
    open_count = fields.Integer("Open cases", compute="_compute_open_count")
    late_count = fields.Integer("Late cases", compute="_compute_open_count")

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "There is already a kind of case with this code."
    )
    _days_positive = models.Constraint(
        "CHECK(deadline_days >= 0 AND warning_days >= 0 AND reading_window_days >= 0 AND reading_interval_days >= 0)",
        "Numbers of days cannot be negative.",
    )
    _factor_above_one = models.Constraint(
        "CHECK(plausible_factor >= 1 AND plausible_minimum >= 0)",
        "Consumption is doubtful above the expected one: the factor is at least 1, the volume at least 0.",
    )

    @api.depends("handler")
    def _compute_needs_decision(self):
        for case_type in self:
            case_type.needs_decision = case_type.handler != "none" or case_type.needs_decision

    def _compute_open_count(self):
        Case = self.env["pwik.case"]
        domain = Domain("type_id", "in", self.ids) & Domain("state", "in", ("open", "waiting"))
        counts = dict(Case._read_group(domain, ["type_id"], ["__count"]))
        late = dict(Case._read_group(domain & Domain("is_late", "=", True), ["type_id"], ["__count"]))
        for case_type in self:
            case_type.open_count = counts.get(case_type, 0)
            case_type.late_count = late.get(case_type, 0)

    @api.constrains("handler", "needs_decision", "work_order_kind")
    def _check_handler(self):
        for case_type in self:
            if case_type.handler != "none" and not case_type.needs_decision:
                raise ValidationError(
                    self.env._(
                        "Cases of the kind “%s” do something when they are approved, so they need a decision.",
                        case_type.name,
                    )
                )
            if case_type.handler == "work_order" and not case_type.work_order_kind:
                raise ValidationError(self.env._("Say which work order the kind “%s” makes.", case_type.name))

    @api.ondelete(at_uninstall=False)
    def _unlink_only_own(self):
        if any(xml_id.startswith("pwik_") for xml_id in self.get_external_id().values()):
            raise UserError(
                self.env._("This kind of case belongs to the program: archive it instead of deleting it.")
            )

    @api.model
    def _get_by_code(self, code, company=None):
        """The kind with this code, the company's own one before the general one; archived ones count as absent.

        :raises UserError: there is none
        """
        company = company or self.env.company
        found = self.search([("code", "=", code), ("company_id", "in", (company.id, False))])
        if not found:
            raise UserError(self.env._("Cases of the kind “%s” are not handled here.", code))
        return found.sorted(lambda case_type: not case_type.company_id)[0]

    def _get_stage(self, state):
        """First stage of this kind that means ``state``; one of its own before one for all.

        :raises UserError: no stage has this meaning
        """
        self.ensure_one()
        stages = self.env["pwik.case.stage"].search(
            [("state", "=", state), ("type_ids", "in", (False, *self.ids))]
        )
        if not stages:
            label = dict(self.env["pwik.case.stage"]._fields["state"]._description_selection(self.env))[state]
            raise UserError(self.env._("No stage of cases means “%s”. Ask a manager to add one.", label))
        return stages.sorted(
            lambda stage: (state != "open" and not stage.type_ids, stage.sequence, stage.id)
        )[0]

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("pwik.case")
        if self.id:
            defaults = ast.literal_eval(self.alias_defaults or "{}")
            values["alias_defaults"] = {**defaults, "type_id": self.id}
        return values
