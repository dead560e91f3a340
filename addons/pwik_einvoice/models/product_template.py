from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    pwik_pkwiu = fields.Char(
        "PKWiU",
        size=50,
        help="Symbol of the Polish classification of products and services, stated on the structured invoice.",
    )
