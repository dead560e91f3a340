from odoo import fields, models


class PwikBillingRunChange(models.Model):
    """One settlement that a run of corrections changes, and by how much: foreseen first, issued then."""

    _name = "pwik.billing.run.change"
    _description = "Settlement changed by a run"
    _order = "item_id, period_from, id"
    _rec_name = "settlement_id"

    item_id = fields.Many2one(
        "pwik.billing.run.item", "Contract in the run", required=True, index=True, ondelete="cascade"
    )
    run_id = fields.Many2one(related="item_id.run_id", store=True, index=True)
    company_id = fields.Many2one(related="item_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    contract_id = fields.Many2one(related="item_id.contract_id", store=True)
    settlement_id = fields.Many2one("pwik.settlement", "Settlement", required=True, ondelete="restrict")
    period_from = fields.Date(related="settlement_id.period_from", store=True)
    period_to = fields.Date(related="settlement_id.period_to", store=True)
    gross_before = fields.Monetary("Billed", related="settlement_id.gross")
    net = fields.Monetary("Net difference")
    vat = fields.Monetary("VAT difference")
    gross = fields.Monetary("Gross difference")
    water_m3 = fields.Float("Water, difference [m³]", digits=(16, 3))
    sewage_m3 = fields.Float("Sewage, difference [m³]", digits=(16, 3))
    correction_id = fields.Many2one(
        "pwik.settlement", "Correction", index="btree_not_null", ondelete="restrict"
    )
    move_id = fields.Many2one(related="correction_id.move_id")
