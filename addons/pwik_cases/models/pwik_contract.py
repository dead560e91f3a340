from odoo import api, fields, models


class PwikContract(models.Model):
    _inherit = "pwik.contract"

    case_ids = fields.One2many("pwik.case", "contract_id", "Cases")
    case_count = fields.Integer("Open cases", compute="_compute_case_count")

    @api.depends("case_ids.state")
    def _compute_case_count(self):
        counts = self.env["pwik.case"]._get_open_counts("contract_id", self)
        for contract in self:
            contract.case_count = counts.get(contract, 0)

    def action_view_cases(self):
        return self.env["pwik.case"]._get_action_of("contract_id", self)
