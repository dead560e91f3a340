from odoo import fields, models


class PwikWorkOrder(models.Model):
    """Cutting off and reconnecting are work in the field like any other; the cut-off order follows what is reported."""

    _inherit = "pwik.work.order"

    kind = fields.Selection(
        selection_add=[("cutoff", "Cut-off"), ("reconnection", "Reconnection")],
        ondelete={"cutoff": "cascade", "reconnection": "cascade"},
    )
    cutoff_order_id = fields.Many2one(
        "pwik.cutoff.order", "Cut-off order", readonly=True, index="btree_not_null", ondelete="restrict"
    )

    def action_done(self):
        """Also moves the cut-off order on; a cut-off whose ground is gone (paid, too early) is refused."""
        result = super().action_done()
        for work in self.filtered("cutoff_order_id"):
            # sudo: the worker in the field reports on his own work order, the order behind it is the office's
            work.sudo().cutoff_order_id._work_done(work.kind, work.date_done)
        return result
