from odoo import fields, models


class PwikMunicipality(models.Model):
    _name = "pwik.municipality"
    _description = "Municipality (tariff area)"
    _order = "name"

    name = fields.Char("Municipality", required=True)
    code = fields.Char(required=True, help="Short code used in imports and on reading books.")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint(
        "UNIQUE(code, company_id)", "A municipality with this code exists already."
    )
