from odoo import fields, models


class PwikContract(models.Model):
    _inherit = "pwik.contract"

    cutoff_order_ids = fields.One2many("pwik.cutoff.order", "contract_id", "Cut-off orders")
    cutoff_order_count = fields.Integer("Number of cut-off orders", compute="_compute_cutoff")
    is_cut_off = fields.Boolean("Cut off", compute="_compute_cutoff")

    def _compute_cutoff(self):
        rows = self.env["pwik.cutoff.order"]._read_group(
            [("contract_id", "in", self.ids)], ["contract_id", "state"], ["__count"]
        )
        for contract in self:
            own = {state: count for owner, state, count in rows if owner == contract}
            contract.cutoff_order_count = sum(own.values())
            contract.is_cut_off = bool(own.get("cut") or own.get("reconnecting"))

    def action_open_cutoff_orders(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.pwik_cutoff_order_action")
        context = {"default_contract_id": self.id} if len(self) == 1 else {}
        return {**action, "domain": [("contract_id", "in", self.ids)], "context": context}
