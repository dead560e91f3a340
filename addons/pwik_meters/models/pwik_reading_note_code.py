from odoo import fields, models

from .pwik_work_order import ORDER_KINDS


class PwikReadingNoteCode(models.Model):
    """What a reader notes beside or instead of a value: no access, broken, frozen … The list is the utility's own."""

    _name = "pwik.reading.note.code"
    _description = "Note code of a reading"
    _order = "code"
    _rec_names_search = ["code", "name"]

    code = fields.Char(required=True, help="What is typed in the field, one or two letters.")
    name = fields.Char("Meaning", required=True, translate=True)
    order_kind = fields.Selection(
        ORDER_KINDS, "Leads to", help="Work order that is proposed for the meters with this note."
    )
    company_id = fields.Many2one("res.company", help="Empty: all companies.")
    active = fields.Boolean(default=True)

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "A note with this code exists already."
    )

    def _compute_display_name(self):
        for code in self:
            code.display_name = f"{code.code} · {code.name}"
