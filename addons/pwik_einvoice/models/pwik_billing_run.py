from odoo import fields, models


class PwikBillingRun(models.Model):
    _inherit = "pwik.billing.run"

    pwik_delivery_run_ids = fields.One2many("pwik.delivery.run", "billing_run_id", "Delivery runs")

    def action_deliver(self):
        """The delivery of what this run billed: the one that is there, or a new one to look at and start."""
        self.ensure_one()
        run = self.pwik_delivery_run_ids.filtered(lambda one: one.state != "cancelled")[:1]
        if not run:
            run = run.create({"billing_run_id": self.id, "company_id": self.company_id.id})
        return {
            "type": "ir.actions.act_window",
            "res_model": "pwik.delivery.run",
            "res_id": run.id,
            "view_mode": "form",
        }
