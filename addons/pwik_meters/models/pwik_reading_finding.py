from odoo import fields, models


class PwikReadingFinding(models.Model):
    """What a validation rule found on a reading; written once, never edited."""

    _name = "pwik.reading.finding"
    _description = "Finding on a reading"
    _order = "reading_id, code"
    _rec_name = "code"

    reading_id = fields.Many2one("pwik.reading", "Reading", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="reading_id.company_id", store=True)
    code = fields.Char("Rule", required=True, index=True)
    severity = fields.Selection(
        [("info", "Information"), ("warning", "Warning"), ("error", "Error")],
        required=True,
    )
    blocks_billing = fields.Boolean()
    message = fields.Char(required=True)
