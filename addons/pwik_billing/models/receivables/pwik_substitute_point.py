from odoo import fields, models


class PwikSubstitutePoint(models.Model):
    """Where people whose water was cut off may fetch some (act of 7 June 2001, art. 8 sec. 2)."""

    _name = "pwik.substitute.point"
    _description = "Substitute water point"
    _order = "municipality_id, name"
    _check_company_auto = True

    name = fields.Char("Substitute water point", required=True, help="Place and address, as people find it.")
    directions = fields.Text("How it is used", help="Hours, vessels, who opens it: goes into the notices.")
    municipality_id = fields.Many2one(
        "pwik.municipality", "Municipality", check_company=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    active = fields.Boolean(default=True)
