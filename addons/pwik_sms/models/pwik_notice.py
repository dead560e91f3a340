import logging

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.limits import pass_on
from odoo.addons.pwik_meters.tools.packets import OUTAGES

_logger = logging.getLogger(__name__)


class PwikNotice(models.Model):
    """The same notice by SMS: a row of Odoo's queue, made in the transaction in which the e-mail is handed over."""

    _inherit = "pwik.notice"

    sms_id = fields.Many2one(
        "sms.sms", "SMS", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    sms_number = fields.Char("SMS to", readonly=True, copy=False)
    sms_error = fields.Char("Why no SMS", readonly=True, copy=False)

    def _hand_over(self):
        result = super()._hand_over()
        for notice in self:
            try:
                with self.env.cr.savepoint():
                    notice._queue_sms()
            except OUTAGES:
                raise
            except Exception as error:
                pass_on(error)
                _logger.warning("SMS of notice %s failed: %s", notice.id, type(error).__name__)
                notice.sms_error = type(error).__name__
        return result

    def _queue_sms(self):
        """Once for a notice, whatever became of the e-mail: who gets his by SMS only has refused the other."""
        self.ensure_one()
        kind = self.kind_id
        if self.sms_number or not kind.sms_template_id or not self._get_record():
            return
        if self.recipient_id not in kind._get_wanting_sms(self.recipient_id):
            return
        number = self.recipient_id._phone_format(
            fname="phone", country=self.recipient_id.country_id or self.company_id.country_id
        )
        if not number:
            self.sms_error = self.env._("no telephone number that an SMS can go to")
            return
        body = kind.sms_template_id._render_field("body", self.ids, compute_lang=True)[self.id]
        # sudo: the queue belongs to Odoo; what goes into it is this very notice
        sms = (
            self.env["sms.sms"]
            .sudo()
            .create({"number": number, "body": body, "partner_id": self.recipient_id.id})
        )
        self.write({"sms_id": sms.id, "sms_number": number, "sms_error": False})

    @api.ondelete(at_uninstall=False)
    def _unlink_with_sms(self):
        """With the notice goes what the queue holds of it: the number, the text, the person."""
        self.sudo().sms_id.unlink()  # sudo: see _queue_sms

    def _get_sms_text(self):
        """What the templates say beside the name of the utility: the subject of the e-mail, in the reader's language."""
        self.ensure_one()
        template = self.kind_id.template_id
        return template._render_field("subject", self.ids, compute_lang=True)[self.id] if template else ""
