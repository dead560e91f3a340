from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..domain import QUANTA, Used, add_months, average_in_words, months_before, used_between
from .broken_meters import prepare_replacement
from .numbers import VOLUME, to_decimal
from .pwik_billing_run import MONTHS_IN_CYCLE

BASES = [
    ("before", "Mean of the three months before"),
    ("year_before", "Same period of the year before"),
    ("last_year", "Monthly mean of the last year"),
]


class PwikBrokenMeter(models.Model):
    """A meter that was found broken: what is billed in its stead (tariff regulation, Dz.U. 2018 poz. 472).

    Confirmed, it stands in for the meter in the billing period in which it was found; the invoice says how.
    """

    _name = "pwik.broken.meter"
    _description = "Broken meter"
    _inherit = ["mail.thread"]
    _order = "found_on desc, id desc"
    _rec_name = "meter_id"
    _check_company_auto = True

    installation_id = fields.Many2one(
        "pwik.meter.installation",
        "Installation",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="[('meter_kind', 'in', ('main', 'unit'))]",
    )
    meter_id = fields.Many2one(related="installation_id.meter_id", store=True)
    service_point_id = fields.Many2one(related="installation_id.service_point_id", store=True, index=True)
    company_id = fields.Many2one(related="installation_id.company_id", store=True)
    contract_id = fields.Many2one("pwik.contract", "Contract", compute="_compute_contract_id")
    found_on = fields.Date(
        "Found on",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="The billing period in which this day lies is billed by the average.",
    )
    trusted_until = fields.Date(
        "Read rightly until",
        compute="_compute_trusted_until",
        store=True,
        readonly=False,
        tracking=True,
        help="Day of the last reading that can be relied on. What was used is counted up to it.",
    )
    months = fields.Float(
        "Months to bill", compute="_compute_months", store=True, readonly=False, digits=(5, 2), tracking=True
    )
    basis = fields.Selection(BASES, compute="_compute_past", store=True, readonly=False, tracking=True)
    month_1 = fields.Float(
        "First month [m³]", compute="_compute_past", store=True, readonly=False, digits=(16, 3)
    )
    month_2 = fields.Float(
        "Second month [m³]", compute="_compute_past", store=True, readonly=False, digits=(16, 3)
    )
    month_3 = fields.Float(
        "Third month [m³]", compute="_compute_past", store=True, readonly=False, digits=(16, 3)
    )
    year_before = fields.Float(
        "Same period a year before [m³]", compute="_compute_past", store=True, readonly=False, digits=(16, 3)
    )
    last_year = fields.Float(
        "Twelve months [m³]", compute="_compute_past", store=True, readonly=False, digits=(16, 3)
    )
    how = fields.Char("Comes to", compute="_compute_how")
    note = fields.Text("Finding", help="Who found it and what is wrong; order, protocol.")
    state = fields.Selection(
        [("draft", "Draft"), ("confirmed", "Confirmed"), ("cancelled", "Withdrawn")],
        "Status",
        required=True,
        default="draft",
        copy=False,
        tracking=True,
    )

    _months_positive = models.Constraint("CHECK(months >= 0)", "The number of months is not negative.")
    _once = models.UniqueIndex(
        "(installation_id, found_on) WHERE state <> 'cancelled'",
        "This meter was found broken on this day already.",
    )

    @api.depends("installation_id", "found_on")
    def _compute_contract_id(self):
        for finding in self:
            terms = self.env["pwik.contract.point"].search(
                [
                    ("service_point_id", "=", finding.service_point_id.id),
                    ("state", "!=", "draft"),
                    ("date_from", "<=", finding.found_on),
                    "|",
                    ("date_to", "=", False),
                    ("date_to", ">=", finding.found_on),
                ],
                limit=1,
            )
            finding.contract_id = terms.contract_id

    @api.depends("installation_id", "found_on")
    def _compute_months(self):
        for finding in self:
            finding.months = MONTHS_IN_CYCLE.get(finding.contract_id.billing_cycle, 1)

    @api.depends("installation_id", "found_on")
    def _compute_trusted_until(self):
        for finding in self:
            past = finding._get_past_use()
            finding.trusted_until = past[-1].date_to if past else False

    @api.depends("installation_id", "found_on", "trusted_until")
    def _compute_past(self):
        """Proposals from the readings of the point: the first basis that is known, in the order of the regulation."""
        for finding in self:
            until = finding.trusted_until
            past = finding._get_past_use() if until else []
            before = months_before(past, until) if past else ()
            a_year = used_between(past, add_months(until, -12), until) if past else None
            same = finding._get_year_before(past) if past else None
            finding.month_1, finding.month_2, finding.month_3 = map(float, before or (0, 0, 0))
            finding.year_before, finding.last_year = float(same or 0), float(a_year or 0)
            known = {"before": bool(before), "year_before": same is not None, "last_year": a_year is not None}
            finding.basis = next((basis for basis, _name in BASES if known[basis]), False)

    def _get_year_before(self, past):
        """m³ of as many months as a period has, from a year before the day up to which was read rightly."""
        months = MONTHS_IN_CYCLE.get(self.contract_id.billing_cycle, 1)
        start = add_months(self.trusted_until, -12)
        return used_between(past, start, add_months(start, months))

    def _get_past_use(self):
        """What was used at the point between accepted measured values before the finding, oldest first."""
        self.ensure_one()
        if not (self.installation_id and self.found_on):
            return []
        readings = self.env["pwik.reading"].search(
            [
                ("service_point_id", "=", self.service_point_id.id),
                ("meter_id.meter_kind", "=", self.installation_id.meter_kind),
                ("state", "=", "accepted"),
                ("superseded", "=", False),
                ("source", "!=", "estimate"),
                ("date", "<", self.found_on),
                ("date", ">=", add_months(self.found_on, -30)),
            ],
            order="moment, id",
        )
        past = []
        for installation, own in readings.grouped("installation_id").items():
            known = {installation.date_from: installation.start_value, **{r.date: r.value for r in own}}
            days = sorted(known)
            past += [
                Used(before, after, to_decimal(known[after], VOLUME) - to_decimal(known[before], VOLUME))
                for before, after in zip(days, days[1:], strict=False)
                if known[after] >= known[before]
            ]
        return sorted(past, key=lambda used: used.date_to)

    @api.depends("basis", "months", "month_1", "month_2", "month_3", "year_before", "last_year")
    def _compute_how(self):
        for finding in self:
            quantum = QUANTA[finding.company_id.pwik_quantity_policy or "whole"]
            replacement = finding._prepare_replacement() if finding.basis else None
            finding.how = replacement and average_in_words(replacement, quantum)

    def _prepare_replacement(self):
        """The engine's value, see :class:`BrokenMeter` of the domain."""
        self.ensure_one()
        return prepare_replacement(
            self.basis,
            self.months,
            (self.month_1, self.month_2, self.month_3),
            self.year_before,
            self.last_year,
        )

    # ------------------------------------------------------------------ buttons

    def action_confirm(self):
        """From now on the period of the finding is billed by the average. Billing decides, not the counter."""
        if not self.env.su and not self.env.user.has_group("pwik_billing.pwik_billing_group_user"):
            raise UserError(self.env._("Billing confirms what is billed in a broken meter's stead."))
        for finding in self:
            if not finding.basis:
                raise UserError(
                    self.env._(
                        "Meter %s: say from which use the average is counted.", finding.meter_id.serial
                    )
                )
            if finding.months <= 0:
                raise UserError(
                    self.env._("Meter %s: say how many months are billed.", finding.meter_id.serial)
                )
        self.state = "confirmed"

    def action_cancel(self):
        self._change_state("cancelled")

    def action_draft(self):
        self._change_state("draft")

    def _change_state(self, state):
        """A finding that was billed changes nothing by itself: the settlement is corrected, or it stays."""
        for finding in self.filtered(lambda one: one.state == "confirmed"):
            settlement = finding._get_settlement()
            if settlement:
                finding.message_post(
                    body=self.env._(
                        "%s was billed by it: correct it if the amount changes.", settlement.display_name
                    )
                )
        self.state = state

    def _get_settlement(self):
        self.ensure_one()
        return self.env["pwik.settlement"].search(
            [
                ("contract_id", "=", self.contract_id.id),
                ("kind", "!=", "correction"),
                ("period_from", "<=", self.found_on),
                ("period_to", ">=", self.found_on),
            ],
            limit=1,
        )

    def write(self, vals):
        values = {"installation_id", "found_on", "months", "basis", "month_1", "month_2", "month_3"}
        values |= {"year_before", "last_year", "trusted_until"}
        if values & vals.keys() and any(finding.state == "confirmed" for finding in self):
            raise UserError(self.env._("A confirmed finding is not edited: set it back to draft first."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if any(finding.state != "draft" for finding in self):
            raise UserError(self.env._("Only drafts are deleted; withdraw the finding instead."))

    @api.depends("meter_id.serial", "found_on")
    def _compute_display_name(self):
        for finding in self:
            finding.display_name = self.env._(
                "%(meter)s, found broken on %(day)s",
                meter=finding.meter_id.serial or "",
                day=format_date(self.env, finding.found_on) if finding.found_on else "",
            )
