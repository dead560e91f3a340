from odoo import models


class IrCron(models.Model):
    _inherit = "ir.cron"

    def _callback(self, cron_name, server_action_id):
        """A scheduled action of ours writes in the office's language: Odoo starts it without one, which is English.

        What it tells in chatters and activities is read by the office; what goes to customers names their own language anyway.
        """
        model = self.env["ir.actions.server"].sudo().browse(server_action_id).model_name or ""
        if model.startswith("pwik.") and not self.env.lang:
            self = self.with_context(lang=self.env.company._pwik_get_office_lang())
        return super()._callback(cron_name, server_action_id)
