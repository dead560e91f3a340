from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pwik_ksef_from = fields.Date(related="company_id.pwik_ksef_from", readonly=False)
    pwik_ksef_for_consumers = fields.Boolean(related="company_id.pwik_ksef_for_consumers", readonly=False)
    pwik_seal_certificate_id = fields.Many2one(related="company_id.pwik_seal_certificate_id", readonly=False)
    pwik_transfer_name = fields.Char(related="company_id.pwik_transfer_name", readonly=False)
    pwik_batch_letters = fields.Integer(related="company_id.pwik_batch_letters", readonly=False)
    pwik_ksef_offline_certificate_id = fields.Many2one(
        related="company_id.pwik_ksef_offline_certificate_id", readonly=False
    )
