from odoo import models
from odoo.fields import Domain


class PwikSettlement(models.Model):
    """Only what was invoiced is the customer's: previews and drafts stay in the office."""

    _name = "pwik.settlement"
    _inherit = ["pwik.settlement", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        issued = Domain("move_id", "any!", self.env["account.move"]._get_ebok_issued_domain())
        return Domain("move_id.state", "=", "posted") & (self._get_ebok_contract_domain() | issued)


class PwikSettlementLine(models.Model):
    _name = "pwik.settlement.line"
    _inherit = ["pwik.settlement.line", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("settlement_id", "any!", self.env["pwik.settlement"]._get_ebok_domain())
