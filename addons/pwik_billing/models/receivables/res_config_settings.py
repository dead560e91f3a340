from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pwik_currency_id = fields.Many2one(related="company_id.currency_id", string="Currency of billing")
    pwik_interest_journal_id = fields.Many2one(related="company_id.pwik_interest_journal_id", readonly=False)
    pwik_interest_account_id = fields.Many2one(related="company_id.pwik_interest_account_id", readonly=False)
    pwik_interest_minimum = fields.Monetary(
        related="company_id.pwik_interest_minimum", readonly=False, currency_field="pwik_currency_id"
    )
    pwik_note_due_days = fields.Integer(related="company_id.pwik_note_due_days", readonly=False)
    pwik_fee_journal_id = fields.Many2one(related="company_id.pwik_fee_journal_id", readonly=False)
    pwik_fee_account_id = fields.Many2one(related="company_id.pwik_fee_account_id", readonly=False)
    pwik_overpayment = fields.Selection(related="company_id.pwik_overpayment", readonly=False)
