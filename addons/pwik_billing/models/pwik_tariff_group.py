from odoo import fields, models


class PwikTariffGroup(models.Model):
    """Group of customers who pay the same rates for a service, as the approved tariff names it."""

    _name = "pwik.tariff.group"
    _description = "Tariff group"
    _order = "service, code"
    _rec_names_search = ["code", "name"]

    name = fields.Char("Tariff group", required=True, translate=True)
    code = fields.Char(required=True)
    service = fields.Selection([("water", "Water"), ("sewage", "Sewage")], required=True, default="water")
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint(
        "UNIQUE(code, service, company_id)",
        "A tariff group of this service with this code exists already.",
    )
