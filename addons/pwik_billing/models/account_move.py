from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    pwik_contract_id = fields.Many2one(
        "pwik.contract",
        "Water contract",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    pwik_settlement_id = fields.Many2one(
        "pwik.settlement",
        "Settlement",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    pwik_period_from = fields.Date("Period from", readonly=True, copy=False)
    pwik_period_to = fields.Date("Period to", readonly=True, copy=False)
    pwik_is_correction = fields.Boolean("Correcting invoice", compute="_compute_pwik_is_correction")

    @api.depends("pwik_settlement_id.kind")
    def _compute_pwik_is_correction(self):
        for move in self:
            move.pwik_is_correction = move.pwik_settlement_id.kind == "correction"

    def action_open_settlement(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "pwik.settlement",
            "res_id": self.pwik_settlement_id.id,
            "view_mode": "form",
        }

    def _get_starting_sequence(self):
        """Refunds of the water journal are numbered FVK/year/…, as corrections are called in Poland."""
        sequence = super()._get_starting_sequence()
        journal = self.journal_id
        if self.move_type == "out_refund" and journal == self.company_id.pwik_billing_journal_id:
            return sequence.replace(f"R{journal.code}/", f"{journal.code}K/", 1)
        return sequence
