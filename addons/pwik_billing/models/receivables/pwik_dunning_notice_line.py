from odoo import fields, models


class PwikDunningNoticeLine(models.Model):
    """An open document on a reminder. A document takes each step once: the database sees to it."""

    _name = "pwik.dunning.notice.line"
    _description = "Document on a reminder"
    _order = "notice_id, due, id"

    notice_id = fields.Many2one("pwik.dunning.notice", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="notice_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line", "Open item", required=True, index=True, ondelete="restrict"
    )
    document = fields.Char(required=True)
    date = fields.Date("Document date")
    due = fields.Date("Due date", required=True)
    days = fields.Integer("Days overdue", required=True)
    total = fields.Monetary("Document total")
    amount = fields.Monetary("Overdue", required=True)
    level_id = fields.Many2one(
        "pwik.dunning.level",
        "Step taken",
        ondelete="restrict",
        help="The step which this document takes with this reminder. Empty: it is told again only.",
    )
    cancelled = fields.Boolean()

    _step_once = models.UniqueIndex(
        "(move_line_id, level_id) WHERE level_id IS NOT NULL AND cancelled IS NOT TRUE",
        "This document has taken that step already.",
    )
