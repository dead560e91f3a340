from datetime import UTC
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..domain.quiet import end_of_quiet

_HELP = "Whoever would be told in these hours gets his SMS when they are over. Twice the same: at any hour."


class ResCompany(models.Model):
    _inherit = "res.company"

    pwik_sms_quiet_from = fields.Float("No SMS from", default=21.0, help=_HELP)
    pwik_sms_quiet_to = fields.Float("No SMS until", default=8.0, help=_HELP)

    @api.constrains("pwik_sms_quiet_from", "pwik_sms_quiet_to")
    def _check_pwik_sms_quiet(self):
        for company in self:
            if not all(0 <= hour < 24 for hour in (company.pwik_sms_quiet_from, company.pwik_sms_quiet_to)):
                raise ValidationError(self.env._("The quiet hours of SMS lie between 0:00 and 23:59."))

    def _pwik_get_sms_moment(self, now=None):
        """When an SMS may go.

        :param now: moment in UTC without a zone, as Odoo keeps it; by default the present one
        :return: the end of the quiet hours in UTC, False if it may go at once
        """
        self.ensure_one()
        zone = ZoneInfo(self.partner_id.tz or "Europe/Warsaw")
        local = (now or fields.Datetime.now()).replace(tzinfo=UTC).astimezone(zone)
        end = end_of_quiet(local.replace(tzinfo=None), self.pwik_sms_quiet_from, self.pwik_sms_quiet_to)
        return end.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) if end else False
