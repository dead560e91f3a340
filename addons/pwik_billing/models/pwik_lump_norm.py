from odoo import fields, models
from odoo.exceptions import UserError


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

    def write(self, vals):
        """Past periods went by the value: another value is another norm, from a day on."""
        if "m3_per_month" in vals:
            for norm in self:
                if norm.m3_per_month != vals["m3_per_month"] and norm._is_used():
                    raise UserError(
                        self.env._(
                            "Norm “%s” is used by contracts. Make a new norm, and enter it on the contracts with the day "
                            "from which it counts.",
                            norm.name,
                        )
                    )
        return super().write(vals)

    def _is_used(self):
        """On any contract of any company, whoever asks."""
        self.ensure_one()
        # sudo: a contract of another company counts too, and only its being there is told
        return bool(self.env["pwik.lump.persons"].sudo().search_count([("norm_id", "=", self.id)], limit=1))
