from odoo import fields, models


class SmsSms(models.Model):
    _inherit = "sms.sms"

    def _send(self, *args, **kwargs):
        """Odoo's queue knows no time: what is still in it when the quiet hours begin waits until they are over."""
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
