from odoo import fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "pwik.ebok.visible"]

    pwik_ebok_link_ids = fields.One2many("pwik.ebok.link", "partner_id", "eBOK access")

    def _get_ebok_domain(self):
        return Domain(
            "pwik_ebok_link_ids", "any!", self.env["pwik.ebok.link"]._get_active_domain(self.env.user)
        )
