from odoo import models
from odoo.fields import Domain


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return (
            Domain("state", "=", "posted")
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
            & Domain("pwik_contract_id", "any!", self.env["pwik.contract"]._get_ebok_domain())
        )


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "pwik.ebok.visible"]

    def _get_ebok_domain(self):
        return Domain("move_id", "any!", self.env["account.move"]._get_ebok_domain())
