from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pwik_sms_quiet_from = fields.Float(related="company_id.pwik_sms_quiet_from", readonly=False)
    pwik_sms_quiet_to = fields.Float(related="company_id.pwik_sms_quiet_to", readonly=False)
