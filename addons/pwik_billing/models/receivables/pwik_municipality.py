from odoo import fields, models


class PwikMunicipality(models.Model):
    _inherit = "pwik.municipality"

    inspector_id = fields.Many2one(
        "res.partner",
        "District sanitary inspector",
        ondelete="restrict",
        help="Gets a notice of each planned cut-off.",
    )
    mayor_id = fields.Many2one(
        "res.partner",
        "Head of the municipality",
        ondelete="restrict",
        help="Wójt, burmistrz or prezydent: gets a notice of each planned cut-off.",
    )
