from odoo import models
from odoo.fields import Domain


class PwikContract(models.Model):
    _name = "pwik.contract"
    _inherit = ["pwik.contract", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("state", "!=", "draft") & Domain(
            "partner_id", "any!", self.env["res.partner"]._get_ebok_domain()
        )


class PwikContractPoint(models.Model):
    _name = "pwik.contract.point"
    _inherit = ["pwik.contract.point", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("contract_id", "any!", self.env["pwik.contract"]._get_ebok_domain())
