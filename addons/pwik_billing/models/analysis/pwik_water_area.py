from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PwikWaterArea(models.Model):
    """A part of the network into which the water that enters is measured: sold against fed in shows the loss."""

    _name = "pwik.water.area"
    _description = "Supply area"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    code = fields.Char()
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    municipality_ids = fields.Many2many(
        "pwik.municipality",
        string="Municipalities",
        check_company=True,
        help="Their service points belong to this area, unless a point names another one.",
    )
    point_ids = fields.One2many("pwik.service.point", "water_area_id", "Points that name this area")
    note = fields.Text(help="Intakes and meters through which water enters the area.")
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint("UNIQUE(name, company_id)", "There is an area with this name already.")

    @api.constrains("municipality_ids", "active")
    def _check_municipality_once(self):
        for area in self.filtered("active"):
            other = self.search(
                [("id", "!=", area.id), ("municipality_ids", "in", area.municipality_ids.ids)], limit=1
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "%(municipality)s belongs to area %(area)s already: its water would be counted twice.",
                        municipality=", ".join(
                            (other.municipality_ids & area.municipality_ids).mapped("name")
                        ),
                        area=other.name,
                    )
                )


class PwikServicePoint(models.Model):
    _inherit = "pwik.service.point"

    water_area_id = fields.Many2one(
        "pwik.water.area",
        "Supply area",
        check_company=True,
        ondelete="set null",
        index="btree_not_null",
        help="Empty: the area of the municipality.",
    )
