from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, format_date, plaintext2html


class PwikCase(models.Model):
    """What customer and office write to each other, in eBOK and by e-mail."""

    _inherit = "pwik.case"

    answer_address = fields.Char(
        "Answer goes to",
        compute="_compute_answer_address",
        help="Where e-mails of this case go if nobody follows it in eBOK: to who wrote, else to the customer.",
    )
    is_reachable = fields.Boolean("The answer can be sent", compute="_compute_answer_address")

    @api.depends("submitter_id", "portal_visible", "email_from", "partner_id.email")
    def _compute_answer_address(self):
        for case in self:
            in_ebok = bool(case.submitter_id) and case.portal_visible
            case.answer_address = not in_ebok and (
                email_normalize(case.email_from, strict=False)
                or email_normalize(case.partner_id.email, strict=False)
            )
            case.is_reachable = in_ebok or bool(case.answer_address)

    def _get_unreachable_message(self):
        return self.env._(
            "There is nobody to send the answer of case %s to: neither a login of eBOK nor an e-mail address is known. "
            "Give it by letter, on the telephone or in person, then press “Answered otherwise”.",
            self.number,
        )

    def _check_answer_arrives(self, text):
        """Whoever asked gets this answer by closing the case, or was given it otherwise.

        :raises UserError: nobody would read it, though the clock of the law stops
        """
        self.ensure_one()
        if text and self._is_from_outside() and not self.is_reachable and text != self.answer_sent:
            raise UserError(self._get_unreachable_message())

    def _is_from_outside(self):
        """Whether a person waits for the outcome; nobody asked for what the program raised."""
        return self.portal_visible and (bool(self.submitter_id) or self.channel != "system")

    def _creation_message(self):
        return self._pwik_in_office().env._("Case opened")

    def _subscribe_customer(self):
        """The person who submitted a case gets what staff answer."""
        for case in self.filtered(lambda c: c.submitter_id and c.portal_visible):
            case.message_subscribe(case.submitter_id.ids)

    def message_new(self, msg_dict, custom_values=None):
        """An e-mail to a kind's alias opens a case. The sender's address proves nothing: staff choose the customer."""
        values = {"channel": "email", **(custom_values or {})}
        if not values.get("type_id"):
            values["type_id"] = self.env["pwik.case.type"]._get_by_code("remark").id
        return super().message_new(msg_dict, values)

    def _message_post_after_hook(self, message, msg_vals):
        """A customer's answer opens a waiting case again."""
        result = super()._message_post_after_hook(message, msg_vals)
        for case in self:
            if case.state == "waiting" and not case.decision and case._is_from_customer(message):
                # sudo: the customer may write into the case, but not move it
                case.sudo().stage_id = case._get_working_stage()
        return result

    def _is_from_customer(self, message):
        """Whether a message came from outside the office."""
        if message.message_type not in ("comment", "email") or message.subtype_id.internal:
            return False
        author = message.author_id
        return not author or all(user.share for user in author.sudo().user_ids)

    def _get_customer_language(self):
        self.ensure_one()
        return (self.submitter_id or self.partner_id).lang or self.company_id.partner_id.lang or self.env.lang

    def _notify_customer_received(self):
        """Confirm the receipt with number and deadline."""
        for case in self.filtered(lambda c: c.portal_visible and c.submitter_id):
            case = case.with_context(lang=case._get_customer_language())
            if case.date_deadline:
                body = case.env._(
                    "We have received your case %(number)s and shall answer it by %(deadline)s.",
                    number=case.number,
                    deadline=format_date(case.env, case.date_deadline),
                )
            else:
                body = case.env._("We have received your case %s.", case.number)
            case._tell_customer(body)

    def _notify_customer_closed(self):
        """Tell the customer how the case ended; the answer itself follows."""
        for case in self.filtered(lambda c: c._is_from_outside()):
            if case.state == "cancelled" and not case.submitter_id:
                continue  # opened by mistake, or junk that came by e-mail
            case = case.with_context(lang=case._get_customer_language())
            texts = {
                "done": case.env._("Your case %s has been settled.", case.number),
                "rejected": case.env._("Your case %s has been rejected.", case.number),
                "cancelled": case.env._("Your case %s has been cancelled.", case.number),
            }
            if case.decision == "approved":
                texts["done"] = case.env._("Your case %s has been approved.", case.number)
            # a draft goes nowhere: cancelling is no answer
            answer = case.state != "cancelled" and case.resolution
            case._tell_customer("\n\n".join(filter(None, (texts.get(case.state), answer))))

    def _notify_customer_merged(self):
        """Tell the customer in which case his matter goes on."""
        for case in self.filtered(lambda c: c._is_from_outside()):
            case = case.with_context(lang=case._get_customer_language())
            case._tell_customer(
                case.env._(
                    "Your case %(number)s goes on together with your case %(target)s: you get the answer there.",
                    number=case.number,
                    target=case.merged_into_id.number,
                )
            )

    def _tell_customer(self, body):
        """Post a message that the customer sees in eBOK and gets by e-mail, whichever way his case came in."""
        self.ensure_one()
        case, sender = self, self.env.user.partner_id
        if self.env.user.share or self.env.uid == SUPERUSER_ID:
            # the office confirms what a customer did; as its author he would not get the message
            case, sender = self.with_user(SUPERUSER_ID), self.company_id.partner_id
        case.message_post(
            body=plaintext2html(body),
            subtype_xmlid="mail.mt_comment",
            message_type="auto_comment",
            author_id=sender.id,
            email_from=sender.email_formatted or self.company_id.email_formatted,
            outgoing_email_to=case.answer_address,
        )
