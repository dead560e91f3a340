from odoo import models
from odoo.fields import Domain


class PwikCase(models.Model):
    _name = "pwik.case"
    _inherit = ["pwik.case", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("type_id.portal_visible", "=", True) & Domain(
            "partner_id", "any!", self.env["res.partner"]._get_ebok_domain()
        )

    def _compute_access_url(self):
        super()._compute_access_url()
        for case in self:
            case.access_url = f"/my/cases/{case.id}"


class PwikCaseChange(models.Model):
    _name = "pwik.case.change"
    _inherit = ["pwik.case.change", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("case_id", "any!", self.env["pwik.case"]._get_ebok_domain())
