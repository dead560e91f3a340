from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pwik_quantity_policy = fields.Selection(related="company_id.pwik_quantity_policy", readonly=False)
    pwik_subscription_per = fields.Selection(related="company_id.pwik_subscription_per", readonly=False)
    pwik_subscription_time = fields.Selection(related="company_id.pwik_subscription_time", readonly=False)
    pwik_due_days = fields.Integer(related="company_id.pwik_due_days", readonly=False)
    pwik_billing_journal_id = fields.Many2one(related="company_id.pwik_billing_journal_id", readonly=False)
    pwik_billing_tax_id = fields.Many2one(related="company_id.pwik_billing_tax_id", readonly=False)
    pwik_packet_size = fields.Integer(related="company_id.pwik_packet_size", readonly=False)
    pwik_account_branch = fields.Char(related="company_id.pwik_account_branch", readonly=False)
    pwik_account_receiver = fields.Char(related="company_id.pwik_account_receiver", readonly=False)
