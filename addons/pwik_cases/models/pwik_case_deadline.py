import logging

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.limits import pass_on
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..domain.deadline import deadline, deemed_accepted, status
from .pwik_case_flow import MANAGER_GROUP
from .pwik_case_stage import OPEN_STATES

_logger = logging.getLogger(__name__)


class PwikCase(models.Model):
    """Deadlines: late cases stand on top, warn before and escalate after."""

    _inherit = "pwik.case"

    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")
    is_near = fields.Boolean("Due soon", compute="_compute_is_late")
    days_left = fields.Integer("Days left", compute="_compute_is_late")
    deemed_accepted = fields.Boolean(
        "Accepted by silence",
        compute="_compute_deemed_accepted",
        help="A consumer's complaint that was not answered in time: the customer was right by law.",
    )
    deadline_warned = fields.Boolean(readonly=True, copy=False)
    deadline_escalated = fields.Boolean(readonly=True, copy=False)

    @api.depends("date_deadline", "state")
    def _compute_is_late(self):
        today = self._today()
        for case in self:
            found = not case.is_closed and status(
                case.date_deadline or None, today, case.type_id.warning_days
            )
            case.is_late = found and found.is_late
            case.is_near = found and found.is_near
            case.days_left = found and found.days_left

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "in", OPEN_STATES) & Domain("date_deadline", "<", self._today())

    def _get_last_day_of_law(self):
        """Until when the law wants the answer: reckoned from the receipt, whatever deadline somebody set in the case."""
        self.ensure_one()
        return self.date_received and deadline(self.date_received, self.type_id.deadline_days) or None

    @api.depends(
        "date_received",
        "date_answered",
        "state",
        "type_id.silence_accepts",
        "type_id.deadline_days",
        "partner_id",
    )
    def _compute_deemed_accepted(self):
        today = self._today()
        for case in self:
            answered = case.date_answered and case._to_day(case.date_answered)
            case.deemed_accepted = (
                case.type_id.silence_accepts
                and not case.is_closed
                and deemed_accepted(
                    case._get_last_day_of_law(), answered or None, today, consumer=case._is_consumer()
                )
            )

    def _check_silence_stays(self):
        """What silence gave the customer is taken back by no other way than rejecting is.

        :raises UserError: one of these cases is accepted by silence
        """
        for case in self.filtered("deemed_accepted"):
            raise UserError(
                self.env._(
                    "Case %s was not answered in time, so that the customer was right by law: it can only be approved.",
                    case.number,
                )
            )

    def _is_consumer(self):
        """Whether the customer is a person who acts for himself, not a company."""
        self.ensure_one()
        return bool(self.partner_id) and not self.partner_id.commercial_partner_id.is_company

    def _reset_deadline_marks(self):
        marked = self.filtered(lambda case: case.deadline_warned or case.deadline_escalated)
        if marked:
            marked.write({"deadline_warned": False, "deadline_escalated": False})

    @api.model
    def _cron_watch_deadlines(self):
        """Warn before a deadline, escalate after it; one case's trouble stops no other."""
        today = self._today()
        base = Domain("state", "in", OPEN_STATES) & Domain("date_deadline", "!=", False)
        late = self.search(
            base & Domain("date_deadline", "<", today) & Domain("deadline_escalated", "=", False)
        )
        near = self.search(
            base & Domain("date_deadline", ">=", today) & Domain("deadline_warned", "=", False)
        ).filtered("is_near")
        todo = [(case, "_escalate") for case in late] + [(case, "_warn_of_deadline") for case in near]
        for done, (case, method) in enumerate(todo, start=1):
            try:
                with self.env.cr.savepoint():
                    getattr(case, method)()
            except Exception as error:
                pass_on(error)
                _logger.exception("The deadline of case %s could not be watched", case.number)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(todo) - done):
                break

    def _warn_of_deadline(self):
        self.ensure_one()
        self.activity_schedule(
            "pwik_cases.mail_activity_type_deadline",
            date_deadline=self.date_deadline,
            user_id=self._get_responsible().id,
            summary=self.env._("Answer by %s", format_date(self.env, self.date_deadline)),
        )
        self.deadline_warned = True

    def _escalate(self):
        self.ensure_one()
        self.activity_schedule(
            "pwik_cases.mail_activity_type_escalation",
            date_deadline=self._today(),
            user_id=self._get_escalation_user().id,
            summary=self.env._("Late since %s", format_date(self.env, self.date_deadline)),
            note=self.deemed_accepted
            and self.env._(
                "The complaint was not answered in time: the customer was right by law. Approve it.",
            ),
        )
        self.write({"deadline_escalated": True, "deadline_warned": True, "priority": "1"})

    def _get_responsible(self):
        """Who is warned: the assignee, else the kind's responsible, else who takes escalations."""
        self.ensure_one()
        return self.user_id or self.type_id.user_id or self._get_escalation_user()

    def _get_escalation_user(self):
        """Who hears of late cases: the team's leader, the kind's responsible, else a manager of the company."""
        self.ensure_one()
        managers = self.env.ref(MANAGER_GROUP).all_user_ids.filtered(
            lambda user: not user.share and self.company_id in user.company_ids
        )
        return (
            self.team_id.user_id
            or self.type_id.user_id
            or managers.sorted("id")[-1:]
            or self.user_id
            or self.env.user
        )
