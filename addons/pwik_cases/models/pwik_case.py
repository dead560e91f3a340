import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import consteq

from ..domain.deadline import deadline
from .pwik_case_stage import CLOSED_STATES, OPEN_STATES, STATES

# Written by the transitions only: whoever could write them by hand could close a case past its checks.
GUARDED_FIELDS = frozenset(
    {
        "number",
        "tracking_code",
        "decision",
        "reading_id",
        "work_order_id",
        "merged_into_id",
        "date_closed",
        "date_answered",
        "answer_sent",
        "deadline_warned",
        "deadline_escalated",
        "origin_key",
    }
)
# What the customer sent in stays as he sent it.
SUBMITTED_FIELDS = frozenset({"channel", "submitter_id", "description", "reading_value", "reading_date"})
# Without characters that look alike: the code is read out over the telephone.
TRACKING_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class PwikCase(models.Model):
    """Something a person must decide on: a customer's request, a submitted reading, an alarm."""

    _name = "pwik.case"
    _description = "Case"
    _inherit = ["mail.thread", "mail.activity.mixin", "portal.mixin"]
    _order = "is_closed, date_deadline, priority desc, id desc"
    _rec_names_search = ["number", "name", "partner_id.name", "partner_id.pwik_customer_number"]
    _primary_email = "email_from"
    _check_company_auto = True

    number = fields.Char("Case number", readonly=True, copy=False, index="trigram")
    tracking_code = fields.Char(
        readonly=True,
        copy=False,
        groups="pwik_meters.pwik_meters_group_user",
        default=lambda self: "".join(secrets.choice(TRACKING_ALPHABET) for _ in range(10)),
        help="With the number it tells the state of the case to somebody who is not signed in.",
    )
    name = fields.Char(
        "Subject",
        required=True,
        tracking=True,
        compute="_compute_from_type",
        store=True,
        readonly=False,
        precompute=True,
    )
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    active = fields.Boolean(default=True)
    type_id = fields.Many2one(
        "pwik.case.type",
        "Kind",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    type_code = fields.Char(related="type_id.code")
    handler = fields.Selection(related="type_id.handler")
    needs_decision = fields.Boolean(related="type_id.needs_decision")
    require_contract = fields.Boolean(related="type_id.require_contract")
    require_meter = fields.Boolean(related="type_id.require_meter")
    require_description = fields.Boolean(related="type_id.require_description")
    portal_visible = fields.Boolean(related="type_id.portal_visible", store=True)
    stage_id = fields.Many2one(
        "pwik.case.stage",
        "Stage",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        copy=False,
        compute="_compute_stage_id",
        store=True,
        readonly=False,
        precompute=True,
        group_expand="_read_group_stage_ids",
        domain="['|', ('type_ids', '=', False), ('type_ids', 'in', type_id)]",
    )
    state = fields.Selection(
        STATES, "Status", compute="_compute_state", store=True, precompute=True, index=True
    )
    is_closed = fields.Boolean("Closed", compute="_compute_state", store=True, precompute=True)
    decision = fields.Selection(
        [("approved", "Approved"), ("rejected", "Rejected")],
        readonly=True,
        copy=False,
        tracking=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        index=True,
        tracking=True,
        ondelete="restrict",
        compute="_compute_links",
        store=True,
        readonly=False,
        precompute=True,
    )
    submitter_id = fields.Many2one(
        "res.partner",
        "Submitted by",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        help="The person who is signed in to eBOK: the customer, a manager of his property or his proxy.",
    )
    email_from = fields.Char("Sender's e-mail", copy=False)
    contract_id = fields.Many2one(
        "pwik.contract",
        "Contract",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        compute="_compute_links",
        store=True,
        readonly=False,
        precompute=True,
    )
    meter_id = fields.Many2one(
        "pwik.meter",
        "Meter",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    service_point_id = fields.Many2one(
        "pwik.service.point",
        "Service point",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        compute="_compute_links",
        store=True,
        readonly=False,
        precompute=True,
    )
    description = fields.Text()
    channel = fields.Selection(
        [
            ("portal", "eBOK"),
            ("office", "Office"),
            ("email", "E-mail"),
            ("phone", "Telephone"),
            ("system", "System"),
        ],
        "Came by",
        required=True,
        default="office",
        tracking=True,
        copy=False,
    )
    priority = fields.Selection([("0", "Normal"), ("1", "Urgent")], default="0", tracking=True)
    user_id = fields.Many2one(
        "res.users",
        "Assigned to",
        index="btree_not_null",
        tracking=True,
        domain="[('share', '=', False)]",
        compute="_compute_from_type",
        store=True,
        readonly=False,
        precompute=True,
    )
    team_id = fields.Many2one(
        "pwik.case.team",
        "Team",
        tracking=True,
        check_company=True,
        compute="_compute_from_type",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_received = fields.Date("Received", required=True, default=lambda self: self._today(), copy=False)
    date_deadline = fields.Date(
        "Deadline",
        tracking=True,
        index="btree_not_null",
        copy=False,
        compute="_compute_date_deadline",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_closed = fields.Datetime("Closed on", compute="_compute_dates", store=True, copy=False)
    date_answered = fields.Datetime("Answered on", compute="_compute_dates", store=True, copy=False)
    days_to_answer = fields.Float(
        "Days to answer",
        compute="_compute_days_to_answer",
        store=True,
        aggregator="avg",
        digits=(6, 1),
        copy=False,
    )
    resolution = fields.Text(
        "Answer to the customer",
        tracking=True,
        copy=False,
        help="The customer gets this text when it is sent, or when the case is closed.",
    )
    answer_sent = fields.Text(
        "Answer given",
        readonly=True,
        copy=False,
        help="The text that the customer was given last. What the office writes after that is a draft until it is sent.",
    )
    change_ids = fields.One2many("pwik.case.change", "case_id", "Requested changes")
    reading_value = fields.Float(
        "Submitted value [m³]", digits=(16, 0), aggregator=False, tracking=True, copy=False
    )
    reading_date = fields.Date("Date of the reading", tracking=True, copy=False)
    reading_id = fields.Many2one("pwik.reading", "Reading", readonly=True, copy=False, index="btree_not_null")
    work_order_id = fields.Many2one(
        "pwik.work.order", "Work order", readonly=True, copy=False, check_company=True
    )
    merged_into_id = fields.Many2one(
        "pwik.case", "Merged into", readonly=True, copy=False, index="btree_not_null"
    )
    origin_key = fields.Char(
        readonly=True, copy=False, help="What raised this case; one open case at a time for a cause."
    )

    _number_unique = models.Constraint(
        "UNIQUE(number, company_id)", "A case with this number exists already."
    )
    _one_open_per_origin = models.UniqueIndex(
        "(origin_key, company_id) WHERE origin_key IS NOT NULL AND state IN ('open', 'waiting')",
        "There is already an open case for this cause.",
    )
    _reading_value_positive = models.Constraint(
        "CHECK(reading_value >= 0)", "A register value cannot be negative."
    )

    @api.depends("number", "name")
    def _compute_display_name(self):
        for case in self:
            case.display_name = " ".join(filter(None, (case.number, case.name)))

    @api.depends("type_id")
    def _compute_from_type(self):
        for case in self:
            case.name = case.name or case.type_id.name
            case.user_id = case.user_id or case.type_id.user_id
            case.team_id = case.team_id or case.type_id.team_id

    @api.depends("type_id")
    def _compute_stage_id(self):
        for case in self:
            stage, kind = case.stage_id, case.type_id
            if kind and (not stage or stage.type_ids and kind not in stage.type_ids):
                case.stage_id = kind._get_stage("open")

    @api.depends("stage_id.state")
    def _compute_state(self):
        for case in self:
            case.state = case.stage_id.state
            case.is_closed = case.state in CLOSED_STATES

    @api.depends("meter_id", "contract_id")
    def _compute_links(self):
        """Fill in what follows from meter and contract; what somebody chose stays."""
        for case in self:
            only_point = case.contract_id.point_ids if len(case.contract_id.point_ids) == 1 else False
            point = (
                case.service_point_id or case.meter_id.service_point_id or only_point or case.service_point_id
            )
            contract = case.contract_id or point.contract_id
            case.service_point_id = point
            case.contract_id = contract
            case.partner_id = case.partner_id or contract.partner_id

    @api.depends("type_id", "date_received")
    def _compute_date_deadline(self):
        for case in self:
            case.date_deadline = case.date_received and deadline(
                case.date_received, case.type_id.deadline_days
            )

    @api.depends("state")
    def _compute_dates(self):
        """An answer counts from when the customer is told: by closing, or before by sending it."""
        now = fields.Datetime.now()
        for case in self:
            case.date_closed = case.state in CLOSED_STATES and (case.date_closed or now)
            case.date_answered = case.date_answered or (case.state in ("done", "rejected") and now)

    @api.depends("date_answered", "date_received")
    def _compute_days_to_answer(self):
        for case in self:
            answered = case.date_answered and case._to_day(case.date_answered)
            case.days_to_answer = answered and (answered - case.date_received).days

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        return stages.search([("active", "=", True)])

    @api.model
    def _to_day(self, moment):
        """Day of a moment in the utility's time zone."""
        zone = self.env["pwik.reading"]._get_timezone()
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), moment).date()

    @api.model
    def _today(self):
        """Today in the utility's time zone, whoever is signed in."""
        return self._to_day(fields.Datetime.now())

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_guarded(vals)
            if not vals.get("number"):
                company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
                vals["number"] = self.env["ir.sequence"].with_company(company).next_by_code("pwik.case")
        cases = super().create(vals_list)
        if not self.env.su and any(case.state not in OPEN_STATES for case in cases):
            raise UserError(self.env._("A new case is open; it is closed by deciding on it."))
        cases._subscribe_customer()
        return cases

    def write(self, vals):
        self._check_guarded(vals)
        if not self.env.su:
            if SUBMITTED_FIELDS & vals.keys() and any(case.channel == "portal" for case in self):
                raise UserError(self.env._("What the customer sent in by eBOK stays as it was sent."))
            if "type_id" in vals and any(case.is_closed for case in self):
                raise UserError(self.env._("The kind of a closed case cannot be changed."))
            if "type_id" in vals:
                self.filtered(lambda case: case.type_id.id != vals["type_id"])._check_silence_stays()
            if "stage_id" in vals:
                self._check_stage_move(self.env["pwik.case.stage"].browse(vals["stage_id"]))
        if "date_deadline" in vals or "type_id" in vals:
            # sudo: the two marks belong to the program; a new deadline warns anew
            self.sudo()._reset_deadline_marks()
        return super().write(vals)

    def _check_guarded(self, vals):
        guarded = GUARDED_FIELDS & vals.keys()
        if guarded and not self.env.su:
            raise UserError(
                self.env._("The program alone writes these fields: %s.", ", ".join(sorted(guarded)))
            )

    def _check_stage_move(self, stage):
        """A case is dragged between open stages; it is closed and opened again by its buttons."""
        for case in self:
            if stage == case.stage_id:
                continue
            if stage.type_ids and case.type_id not in stage.type_ids:
                raise UserError(
                    self.env._(
                        "Cases of the kind “%(kind)s” do not pass the stage “%(stage)s”.",
                        kind=case.type_id.name,
                        stage=stage.name,
                    )
                )
            if case.is_closed:
                raise UserError(
                    self.env._("Case %s is closed. Open it again before you move it.", case.number)
                )
            if stage.state in CLOSED_STATES:
                raise UserError(
                    self.env._(
                        "Close case %s with the buttons in its form, so that the customer gets an answer.",
                        case.number,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Cases are kept: cancel or archive a case instead of deleting it."))

    @api.model
    def _find_by_signature(self, number, code):
        """The case with this number if the random code is right, else an empty set; for people who are not signed in.

        The caller limits the rate and shows the state only. The answer is with sudo.
        """
        # sudo: who knows the random code may know the state
        case = self.sudo().search([("number", "=", number or ""), ("portal_visible", "=", True)], limit=1)
        matches = consteq(case.tracking_code or "-" * 10, (code or "").strip().upper())
        return case if case and matches else self.sudo().browse()
