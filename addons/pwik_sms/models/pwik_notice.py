import logging

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.packets import pass_on

PACKET = 100
_logger = logging.getLogger(__name__)


class PwikNotice(models.Model):
    """The same notice by SMS: a row of Odoo's queue, made in the transaction in which the e-mail is handed over.

    In the quiet hours no row is made, because Odoo's queue sends at once whatever lies in it: the notice says from when it may
    go, and whether it still should is asked again then.
    """

    _inherit = "pwik.notice"

    sms_id = fields.Many2one(
        "sms.sms", "SMS", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    sms_number = fields.Char("SMS to", readonly=True, copy=False)
    sms_due = fields.Datetime("SMS not before", readonly=True, copy=False, index="btree_not_null")
    sms_error = fields.Char("Why no SMS", readonly=True, copy=False)

    @api.model
    def _cron_notices(self):
        """As ever; then the SMS of the night that is over: a whole night of them does not hold up what is new and urgent."""
        result = super()._cron_notices()
        self._release_sms(fields.Datetime.now())
        return result

    def _hand_over(self):
        result = super()._hand_over()
        self._hand_over_sms(fields.Datetime.now())
        return result

    def _hand_over_sms(self, now):
        """Each in a savepoint of its own: one that fails keeps its reason and holds up nobody."""
        for notice in self:
            try:
                with self.env.cr.savepoint():
                    notice._queue_sms(now)
            except Exception as error:
                pass_on(error)
                _logger.warning("SMS of notice %s failed: %s", notice.id, type(error).__name__)
                notice.write({"sms_error": type(error).__name__, "sms_due": False})

    def _release_sms(self, now):
        """Hand over what waited for the end of the quiet hours, a packet at a time.

        :param now: moment in UTC
        """
        while due := self.search([("sms_due", "<=", now)], order="id", limit=PACKET):
            due._hand_over_sms(now)
            # what still waits has a later moment: nothing is found twice
            if not self.env["ir.cron"]._commit_progress():
                self.env.ref("pwik_ebok.ir_cron_notice")._trigger()
                break

    def _queue_sms(self, now):
        """Once for a notice, whatever became of the e-mail: who gets his by SMS only has refused the other."""
        self.ensure_one()
        kind = self.kind_id
        waited, self.sms_due = bool(self.sms_due), False
        if self.sms_number or not kind.sms_template_id or not self._get_record():
            return
        if self.recipient_id not in kind._get_wanting_sms(self.recipient_id):
            return
        if waited and (reason := self._get_sms_obstacle(now)):
            self.sms_error = reason
            return
        if moment := self._get_sms_moment(now):
            self.sms_due = moment
            self.env.ref("pwik_ebok.ir_cron_notice").sudo()._trigger(at=moment)
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

    @api.model
    def _take_back_sms(self, now):
        """What is still in Odoo's queue when the quiet hours begin waits at its notice, as what comes up in them does.

        :param now: moment in UTC
        """
        waiting = self.search(
            [
                ("kind_id.sms_at_night", "=", False),
                *(("sms_id.state", "=", "outgoing"), ("sms_id.to_delete", "!=", True)),
            ]
        )
        for company, notices in waiting.grouped("company_id").items():
            if not (moment := company._pwik_get_sms_moment(now)):
                continue
            # whoever sends one of them at this moment has it locked
            held = notices.sms_id.sudo().try_lock_for_update()  # sudo: see _queue_sms
            notices = notices.filtered(lambda one, held=held: one.sms_id in held)
            notices.write({"sms_id": False, "sms_number": False, "sms_due": moment})
            held.unlink()
            if notices:
                self.env.ref("pwik_ebok.ir_cron_notice").sudo()._trigger(at=moment)

    def _get_sms_moment(self, now):
        """From when this one may go by SMS; False: at once."""
        self.ensure_one()
        return False if self.kind_id.sms_at_night else self.company_id._pwik_get_sms_moment(now)

    def _get_sms_obstacle(self, now):
        """Why an SMS that waited through the night is not sent in the morning after all, or None."""
        self.ensure_one()
        record = self._get_record()
        if record._name == "pwik.outage" and record.date_to <= now:
            return self.env._("what it was about is over")
        later = self.search_count(
            [
                *(("recipient_id", "=", self.recipient_id.id), ("kind_id", "=", self.kind_id.id)),
                *(("res_model", "=", self.res_model), ("res_id", "=", self.res_id), ("id", ">", self.id)),
            ],
            limit=1,
        )
        return self.env._("a later message says more") if later else None

    @api.ondelete(at_uninstall=False)
    def _unlink_with_sms(self):
        """With the notice goes what the queue holds of it: the number, the text, the person."""
        self.sudo().sms_id.unlink()  # sudo: see _queue_sms

    def _get_sms_text(self):
        """What the templates say beside the name of the utility: the subject of the e-mail, in the reader's language."""
        self.ensure_one()
        template = self.kind_id.template_id
        return template._render_field("subject", self.ids, compute_lang=True)[self.id] if template else ""
