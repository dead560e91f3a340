from odoo import fields, models


class PwikBilledMixin(models.AbstractModel):
    """Leads from what was measured (a meter, a service point) to the invoices that were made of it."""

    _name = "pwik.billed.mixin"
    _description = "Leads to its invoices"

    # Name of the field of pwik.settlement.measure that names this record.
    _measured_as = None

    settled_count = fields.Integer("Number of settlements", compute="_compute_settled_count")

    def _compute_settled_count(self):
        field = self._measured_as
        counts = dict(
            self.env["pwik.settlement.measure"]._read_group(
                [(field, "in", self.ids)], [field], ["settlement_id:count_distinct"]
            )
        )
        for record in self:
            record.settled_count = counts.get(record, 0)

    def action_open_invoices(self):
        """Invoices whose settlement used a reading of these."""
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.account_move_action_pwik")
        domain = [(f"pwik_settlement_id.measure_ids.{self._measured_as}", "in", self.ids)]
        return {**action, "domain": domain, "context": {}}
