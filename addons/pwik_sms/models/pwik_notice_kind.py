from odoo import fields, models


class PwikNoticeKind(models.Model):
    _inherit = "pwik.notice.kind"

    sms_template_id = fields.Many2one(
        "sms.template",
        "SMS",
        domain="[('model', '=', 'pwik.notice')]",
        ondelete="restrict",
        help="Empty: nobody is told of this by SMS, and eBOK offers no choice.",
    )
    sms_at_night = fields.Boolean(
        "SMS also at night",
        help="Goes at once, even in the quiet hours of the company's settings: for what cannot wait until the morning.",
    )

    def _get_wanting_sms(self, recipients):
        """Those of the partners `recipients` who asked for this kind by SMS: whoever chose nothing gets none."""
        self.ensure_one()
        chosen = self.env["pwik.notice.preference"].search(
            [
                ("kind_id", "=", self.id),
                ("recipient_id", "in", recipients.ids),
                ("channel", "=", "sms"),
                ("wanted", "=", True),
            ]
        )
        return chosen.recipient_id


class PwikNoticePreference(models.Model):
    _inherit = "pwik.notice.preference"

    channel = fields.Selection(selection_add=[("sms", "SMS")], ondelete={"sms": "cascade"})
