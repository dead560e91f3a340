from odoo import api, fields, models


class SmsSms(models.Model):
    _inherit = "sms.sms"

    @api.model
    def _process_queue(self):
        """Odoo sends the oldest of its queue: what waits until the morning leaves it, or urgent ones would wait behind it."""
        # sudo: whoever sends from the queue, the notice says whether it may go
        self.env["pwik.notice"].sudo()._take_back_sms(fields.Datetime.now())
        return super()._process_queue()

    def _send(self, *args, **kwargs):
        """Odoo's queue knows no time: whoever sends a message of it by hand in the quiet hours leaves it there."""
        held = self._pwik_hold()
        others = self - held
        return super(SmsSms, others)._send(*args, **kwargs) if others else None

    def _pwik_hold(self):
        """Those of these messages that are notices of ours and may not go now; the queue is woken when they may."""
        # sudo: whoever sends from the queue, the notice says whether it may go
        notices = self.env["pwik.notice"].sudo().search([("sms_id", "in", self.ids)])
        held, cron = self.browse(), self.env.ref("sms.ir_cron_sms_scheduler_action")
        for notice in notices:
            if moment := notice._get_sms_moment(fields.Datetime.now()):
                held |= notice.sms_id
                cron.sudo()._trigger(at=moment)
        return held
