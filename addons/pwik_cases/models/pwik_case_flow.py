from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .pwik_case_stage import CLOSED_STATES, OPEN_STATES

STAFF_GROUP = "pwik_meters.pwik_meters_group_user"
MANAGER_GROUP = "pwik_meters.pwik_meters_group_manager"


class PwikCase(models.Model):
    """The transitions: each checks rights and state, does its work and only then moves the case."""

    _inherit = "pwik.case"

    def action_take(self):
        """Work on these cases myself."""
        self._check_transition(OPEN_STATES)
        for case in self:
            case.user_id = self.env.user
            case.sudo().stage_id = case._get_working_stage()

    def action_wait(self):
        """The ball is with the customer: his next message opens the case again."""
        self._check_transition(("open",))
        for case in self:
            case.sudo().stage_id = case.type_id._get_stage("waiting")

    def action_answer(self):
        """Send the answer and keep the case open, where the work takes longer than the law gives time to answer.

        :raises UserError: there is no answer, or nobody to send it to
        """
        self._check_transition(OPEN_STATES)
        for case in self:
            case._check_answer_written()
            if not case.is_reachable:
                raise UserError(case._get_unreachable_message())
            case._tell_customer(case.resolution)
            case._set_answered()

    def action_answered_otherwise(self):
        """Take down that the customer was given the answer by letter, on the telephone or in person."""
        self._check_transition(OPEN_STATES)
        for case in self:
            case._check_answer_written()
            case._set_answered()
            case._post_note([self.env._("Answered by letter, on the telephone or in person.")])

    def _check_answer_written(self):
        if not self.resolution:
            raise UserError(self.env._("Write the answer to the customer first."))

    def _set_answered(self):
        # sudo: the marks are the program's, they stop the clock of the law
        self.sudo().write(
            {"answer_sent": self.resolution, "date_answered": self.date_answered or fields.Datetime.now()}
        )

    def action_approve(self):
        """Approve and do what approving means for the kind; a case whose outcome is still open waits."""
        self._check_transition(OPEN_STATES)
        for case in self:
            if not case.needs_decision:
                raise UserError(
                    self.env._("Case %s needs no decision: answer it and mark it as done.", case.number)
                )
            case._check_required()
            case._check_answer_arrives(case.resolution)
            case._call_handler("check")
            if case._call_handler("approve") is False:
                case.sudo().write({"decision": "approved", "stage_id": case.type_id._get_stage("waiting").id})
            else:
                case._close("done", decision="approved")

    def action_reject(self, reason=None):
        """Reject with a reason that the customer sees.

        :raises UserError: no reason, or the law took the decision away (a consumer's complaint unanswered in time)
        """
        self._check_transition(OPEN_STATES)
        reason = (reason or "").strip()
        for case in self:
            if not (reason or case.resolution):
                raise UserError(
                    self.env._("Say why case %s is rejected: the customer gets to read it.", case.number)
                )
            if not case.needs_decision:
                raise UserError(
                    self.env._("Case %s needs no decision: answer it and mark it as done.", case.number)
                )
            if case.deemed_accepted:
                raise UserError(
                    self.env._(
                        "Case %(case)s was not answered by %(deadline)s, so that the customer was right by law (act of 30 May "
                        "2014 on consumer rights, art. 7a sec. 2). It can only be approved.",
                        case=case.number,
                        deadline=case._get_last_day_of_law(),
                    )
                )
            case._check_answer_arrives(reason or case.resolution)
            case._call_handler("reject")
            case._close("rejected", decision="rejected", resolution=reason or case.resolution)

    def action_done(self):
        """Close a case that needs no decision; the customer must have an answer where he sees the case."""
        self._check_transition(OPEN_STATES)
        for case in self:
            if case.needs_decision:
                raise UserError(self.env._("Case %s needs a decision: approve or reject it.", case.number))
            if case.portal_visible and not case.resolution:
                raise UserError(
                    self.env._("Write the answer to the customer before you close case %s.", case.number)
                )
            case._check_answer_arrives(case.resolution)
            case._close("done")

    def action_cancel(self):
        """The customer withdrew, or the case was opened by mistake."""
        self._check_transition(OPEN_STATES)
        self._check_silence_stays()
        for case in self:
            if case.decision:
                raise UserError(
                    self.env._("Case %s is approved already and waits for its outcome.", case.number)
                )
            case._close("cancelled")

    def action_reopen(self):
        """Managers open a closed case again, unless approving it has changed something."""
        self._check_transition(CLOSED_STATES, group=MANAGER_GROUP)
        for case in self:
            if case.decision == "approved" and case.handler != "none":
                raise UserError(
                    self.env._(
                        "Approving case %s has done its work; opening it again would not undo that. Open a new case.",
                        case.number,
                    )
                )
            case.sudo().write({"stage_id": case._get_working_stage().id, "decision": False})

    def action_open_reject(self):
        return self._get_wizard_action("pwik.case.reject", self.env._("Reject"))

    def action_open_merge(self):
        return self._get_wizard_action("pwik.case.merge", self.env._("Merge cases"))

    def action_accept_changes(self):
        """Accept every requested change that is still undecided."""
        self.change_ids.filtered(lambda change: change.accepted == "undecided").action_accept()

    def _get_wizard_action(self, model, name):
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "name": name,
            "context": {"default_case_ids": self.ids},
        }

    def _check_transition(self, states, group=STAFF_GROUP):
        """The user is staff and may write these cases, nobody else is at it, and they are in one of ``states``."""
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(self.env._("Your role does not allow you to decide on cases."))
        self.check_access("write")
        self.lock_for_update()
        for case in self:
            if case.state not in states:
                labels = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "Case %(case)s is in the state “%(state)s”; this is not possible any more.",
                        case=case.number,
                        state=labels[case.state],
                    )
                )

    def _check_required(self):
        """What the kind wants is there."""
        for case in self:
            wanted = {
                "contract_id": case.type_id.require_contract,
                "meter_id": case.type_id.require_meter,
                "description": case.type_id.require_description,
            }
            missing = [name for name, needed in wanted.items() if needed and not case[name]]
            if missing:
                labels = (self._fields[name]._description_string(self.env) for name in missing)
                raise UserError(
                    self.env._(
                        "Case %(case)s lacks: %(fields)s.",
                        case=case.number,
                        fields=", ".join(labels),
                    )
                )

    def _call_handler(self, step):
        """Call ``_<step>_<handler>()`` of the kind's handler, if it has that step."""
        self.ensure_one()
        method = getattr(self, f"_{step}_{self.handler}", None)
        return method() if method else None

    def _close(self, state, **vals):
        """Move to the kind's stage for ``state`` and tell the customer. Transitions call it after their checks."""
        self.ensure_one()
        if state in ("done", "rejected"):
            vals["answer_sent"] = vals.get("resolution", self.resolution)
        # sudo: decision, answer and closing stage are written by transitions only, never by hand
        self.sudo().write({"stage_id": self.type_id._get_stage(state).id, **vals})
        self.activity_unlink(
            ["pwik_cases.mail_activity_type_deadline", "pwik_cases.mail_activity_type_escalation"]
        )
        self._notify_customer_closed()

    def _may_go_on_in(self, target):
        """Whether merging this case into another leaves nothing undecided that has to be decided on.

        What the law or the kind wants decided goes on only in a case about the same matter, whose day comes no later.
        """
        self.ensure_one()
        if self.decision or self.change_ids or self.handler == "reading":
            return False
        if not (self.needs_decision or self.type_id.silence_accepts):
            return True
        days = (self.date_deadline, target.date_deadline)
        in_time = not days[0] or bool(days[1]) and days[1] <= days[0]
        return self._is_about_the_same(target) and in_time and not self.deemed_accepted

    def _is_about_the_same(self, other):
        return self.type_id == other.type_id and self.contract_id == other.contract_id

    def _close_merged(self, target):
        """Close as part of another case, where the conversation goes on; the customer is told its number."""
        self.ensure_one()
        self.sudo().merged_into_id = target
        self.sudo().stage_id = self.type_id._get_stage("cancelled")
        self._post_note([self.env._("Merged into case %s.", target.number)])
        target._post_note([self.env._("Case %s was merged into this one.", self.number)])
        self._notify_customer_merged()

    def _get_working_stage(self):
        """Second open stage of the kind if there is one: the first is where new cases come in."""
        self.ensure_one()
        stages = self.env["pwik.case.stage"].search(
            [
                ("state", "=", "open"),
                ("type_ids", "in", (False, self.type_id.id)),
            ],
            limit=2,
        )
        return stages[1:] or stages or self.type_id._get_stage("open")

    def _post_note(self, lines):
        """Note for staff only, one line each."""
        self.ensure_one()
        self.message_post(body=Markup("<br/>").join(lines), subtype_xmlid="mail.mt_note")

    @api.model
    def _get_open_counts(self, field_name, records):
        """Number of open cases by record of ``field_name``: ``{record: count}``; nothing for who may not see cases."""
        if not self.has_access("read"):
            return {}
        return dict(
            self._read_group(
                [(field_name, "in", records.ids), ("state", "in", OPEN_STATES)],
                [field_name],
                ["__count"],
            )
        )

    @api.model
    def _get_action_of(self, field_name, record):
        """The list of all cases of one customer, contract or meter."""
        record.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_cases.pwik_case_action")
        action["domain"] = [(field_name, "=", record.id)]
        action["context"] = {f"default_{field_name}": record.id}
        return action
