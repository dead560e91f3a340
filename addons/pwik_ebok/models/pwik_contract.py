from odoo import models
from odoo.fields import Domain


class PwikContract(models.Model):
    _name = "pwik.contract"
    _inherit = ["pwik.contract", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("id", "in", self.env.user.ebok_contract_ids.ids)


class PwikContractPoint(models.Model):
    _name = "pwik.contract.point"
    _inherit = ["pwik.contract.point", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return self._get_ebok_contract_domain()
