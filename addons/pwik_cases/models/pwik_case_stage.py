from odoo import fields, models

STATES = [
    ("open", "Open"),
    ("waiting", "Waiting"),
    ("done", "Done"),
    ("rejected", "Rejected"),
    ("cancelled", "Cancelled"),
]
OPEN_STATES = ("open", "waiting")
CLOSED_STATES = ("done", "rejected", "cancelled")


class PwikCaseStage(models.Model):
    """A column of the board; its state is what the rest of the suite goes by."""

    _name = "pwik.case.stage"
    _description = "Stage of a case"
    _order = "sequence, id"

    name = fields.Char("Stage", required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    fold = fields.Boolean("Folded on the board")
    state = fields.Selection(STATES, "Means", required=True, default="open")
    type_ids = fields.Many2many(
        "pwik.case.type", string="Kinds", help="Empty: all kinds of cases pass this stage."
    )
