from odoo import fields, models


class PwikLumpNorm(models.Model):
    """Average use by the regulation of 14 January 2002 (Dz.U. 2002 nr 8 poz. 70), for billing without a meter."""

    _name = "pwik.lump.norm"
    _description = "Norm of water use"
    _order = "sequence, id"

    name = fields.Char("Equipment of the dwelling", required=True, translate=True)
    sequence = fields.Integer(default=10)
    m3_per_month = fields.Float("m³ per person and month", digits=(8, 2), required=True)
    source = fields.Char("Legal basis", required=True)
    company_id = fields.Many2one("res.company", "Company", help="Empty: all companies.")
    active = fields.Boolean(default=True)

    _norm_positive = models.Constraint("CHECK(m3_per_month > 0)", "A norm is above zero.")
