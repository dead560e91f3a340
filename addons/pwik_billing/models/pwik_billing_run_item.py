from odoo import fields, models


class PwikBillingRunItem(models.Model):
    """One contract in a run: what the preview says, whether it was billed, and if not why."""

    _name = "pwik.billing.run.item"
    _description = "Contract in a billing run"
    _order = "run_id, state desc, contract_id"
    _rec_name = "contract_id"

    run_id = fields.Many2one("pwik.billing.run", "Run", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", "Company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    task_id = fields.Many2one("pwik.billing.run.task", "Packet", index="btree_not_null", ondelete="set null")
    contract_id = fields.Many2one("pwik.contract", "Contract", required=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(related="contract_id.partner_id")
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("done", "Billed"),
            ("skipped", "Nothing to bill"),
            ("error", "Cannot be billed"),
        ],
        "Status",
        required=True,
        default="pending",
    )
    reason = fields.Char()
    net = fields.Monetary()
    vat = fields.Monetary("VAT")
    gross = fields.Monetary()
    water_m3 = fields.Float("Water [m³]", digits=(16, 3))
    sewage_m3 = fields.Float("Sewage [m³]", digits=(16, 3))
    settlement_id = fields.Many2one(
        "pwik.settlement", "Settlement", index="btree_not_null", ondelete="set null"
    )
    move_id = fields.Many2one(related="settlement_id.move_id")

    _once = models.Constraint("UNIQUE(run_id, contract_id)", "The contract is already in this run.")
    _by_state = models.Index("(run_id, state)")

    def _set_figures(self, documents, **values):
        """Keep the sums of an item's documents and its new state."""
        self.ensure_one()
        self.write(
            {
                "net": sum(document.net for document in documents),
                "vat": sum(document.vat for document in documents),
                "gross": sum(document.gross for document in documents),
                "water_m3": self._sum_quantity(documents, "water"),
                "sewage_m3": self._sum_quantity(documents, "sewage"),
                **values,
            }
        )

    @staticmethod
    def _sum_quantity(documents, component):
        return sum(line.quantity for doc in documents for line in doc.lines if line.component == component)

    def action_open_settlement(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "pwik.settlement",
            "res_id": self.settlement_id.id,
            "view_mode": "form",
        }

    def action_open_contract(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "pwik.contract",
            "res_id": self.contract_id.id,
            "view_mode": "form",
        }
