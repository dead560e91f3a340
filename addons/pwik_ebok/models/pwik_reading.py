from odoo import models
from odoo.fields import Domain


class PwikReading(models.Model):
    _name = "pwik.reading"
    _inherit = ["pwik.reading", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("state", "!=", "draft") & self._get_ebok_contract_domain()
