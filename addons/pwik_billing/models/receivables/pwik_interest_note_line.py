from odoo import fields, models


class PwikInterestNoteLine(models.Model):
    """Days of one document at one rate on one principal. No day of a document is charged twice: the database sees to it."""

    _name = "pwik.interest.note.line"
    _description = "Line of an interest note"
    _order = "note_id, due, move_line_id, date_from"

    note_id = fields.Many2one("pwik.interest.note", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="note_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line", "Open item", required=True, index=True, ondelete="restrict"
    )
    document = fields.Char(required=True, help="The document that was paid late.")
    due = fields.Date("Due date", required=True)
    principal = fields.Monetary("Overdue amount", required=True)
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To", required=True)
    days = fields.Integer(required=True)
    percent = fields.Float("Rate [% a year]", digits=(5, 2), required=True)
    amount = fields.Monetary("Interest", required=True)
    cancelled = fields.Boolean()

    # “+ 0”: else the planner takes this index for a plain search by the item (docs/adr/0042-lines-without-foreign-keys.md).
    _charged_once = models.Constraint(
        "EXCLUDE USING gist ((move_line_id + 0) WITH =, daterange(date_from, date_to, '[]') WITH &&)"
        " WHERE (cancelled IS NOT TRUE)",
        "Interest for these days was charged already.",
    )
