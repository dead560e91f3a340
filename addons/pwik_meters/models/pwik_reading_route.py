from odoo import fields, models


class PwikReadingRoute(models.Model):
    _name = "pwik.reading.route"
    _description = "Reading route"
    _order = "code"
    _rec_names_search = ["name", "code"]

    name = fields.Char("Route", required=True)
    code = fields.Char(required=True)
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)
    municipality_id = fields.Many2one("pwik.municipality", "Municipality", ondelete="restrict")
    reader_id = fields.Many2one("res.users", "Meter reader", index=True)
    point_ids = fields.One2many("pwik.service.point", "route_id", "Service points")

    _code_unique = models.Constraint("UNIQUE(code, company_id)", "A route with this code exists already.")
