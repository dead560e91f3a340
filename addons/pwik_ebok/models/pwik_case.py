from odoo import api, fields, models
from odoo.addons.pwik_cases.exceptions import SubmissionRefused
from odoo.addons.pwik_cases.models.pwik_case_change import DECISIONS
from odoo.fields import Domain


class PwikCase(models.Model):
    _name = "pwik.case"
    _inherit = ["pwik.case", "pwik.ebok.visible"]
    # Who may see a case may write to the office in it; nothing else of the case is his to change.
    _mail_post_access = "read"
    _ebok_conversation = True

    ebok_answer = fields.Text(
        "Answer in eBOK",
        compute="_compute_ebok_answer",
        compute_sudo=True,
        help="What the customer reads of the answer: nothing while the office still writes it.",
    )

    @api.depends("answer_sent")
    def _compute_ebok_answer(self):
        for case in self:
            case.ebok_answer = case.answer_sent

    def _get_ebok_domain(self):
        return Domain("type_id.portal_visible", "=", True) & self._get_ebok_customer_domain()

    def _compute_access_url(self):
        # A compute returns nothing.
        # pylint: disable=missing-return
        result = super()._compute_access_url()
        for case in self:
            case.access_url = f"/my/cases/{case.id}"
        return result

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """E-mails of a case go to customers who want them; in eBOK the message stands anyway."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        code = "reading" if self.handler == "reading" else "case"
        # sudo: whoever writes in the case, the choice of who reads it counts
        kind = self.env["pwik.notice.kind"].sudo().with_context(active_test=False)._get_by_code(code)
        customers = kind.env["res.partner"].browse(
            [one["id"] for one in recipients if one["share"] and one["id"]]
        )
        if not kind or not customers:
            return recipients
        refusing = kind._get_refusing(customers) if kind.active else customers
        return [one for one in recipients if one["id"] not in refusing.ids]

    @api.model
    def _submit_from_ebok(
        self, kind, values, partner, contract=None, meter=None, confirmed=False, files=(), photo=None
    ):
        """Open a case for the signed-in user, who was proven to see customer, contract and meter.

        :param values: the form's named fields
        :param confirmed: the user was asked whether a doubtful reading is right, and said yes
        :param files: list of ``(name, bytes)``
        :param photo: ``(name, bytes)`` of a picture of the meter, or None
        :return: ``(case, errors)``: errors by name of the field; the key ``confirm`` holds a question, not a mistake,
            ``limit`` that nothing more is taken today
        """
        errors = self._get_submission_errors(kind, values, partner, contract, meter)
        try:
            self._check_files(list(files))
        except SubmissionRefused as refused:
            errors.update(refused.errors)
        if photo and (refusal := self._get_photo_error(photo)):
            errors["photo"] = refusal
        if errors:
            return self.browse(), errors
        if kind == "reading" and not confirmed:
            question = self._get_submission_warning(meter, values["reading_value"], values["reading_date"])
            if question:
                return self.browse(), {"confirm": question}
        if not self.env["pwik.ebok.attempt"]._take_of_day("case_login", self.env.uid):
            return self.browse(), {
                "limit": self.env._(
                    "Enough was sent for today. What you wrote stands below: send it tomorrow, or call us."
                )
            }
        case = self._create_from_portal(
            kind,
            values,
            self.env.user.partner_id,
            partner,
            contract,
            meter,
            files=[*files, *([photo] if photo else [])],
        )
        return case, {}

    @api.model
    def _get_photo_error(self, photo):
        """Why this upload is no picture of a meter, or None."""
        try:
            file = self._check_files([photo])[0]
        except SubmissionRefused as refused:
            return refused.errors["files"]
        if not file.mimetype.startswith("image/"):
            return self.env._("“%s” is no picture. Attach a JPEG, PNG or HEIC file.", file.name)
        return None


class PwikCaseChange(models.Model):
    _name = "pwik.case.change"
    _inherit = ["pwik.case.change", "pwik.ebok.visible"]

    ebok_decision = fields.Selection(
        DECISIONS, "Decision in eBOK", compute="_compute_ebok_decision", compute_sudo=True
    )
    ebok_reason = fields.Char("Reason in eBOK", compute="_compute_ebok_decision", compute_sudo=True)

    @api.depends("accepted", "reason", "case_id.is_closed")
    def _compute_ebok_decision(self):
        """The office decides field by field; the customer is told when the case is closed."""
        for change in self:
            closed = change.case_id.is_closed
            change.ebok_decision = change.accepted if closed else "undecided"
            change.ebok_reason = closed and change.reason

    def _get_ebok_domain(self):
        return Domain("case_id", "any!", self.env["pwik.case"]._get_ebok_domain())
