from odoo import api, models


class PwikMetrics(models.AbstractModel):
    _inherit = "pwik.metrics"

    @api.model
    def _get_metrics(self):
        return {
            **super()._get_metrics(),
            "pwik_billing_runs": (
                "Billing runs by state",
                "state",
                self._count_by("pwik.billing.run", "state"),
            ),
            "pwik_billing_packets": (
                "Packets of billing runs by state; pending ones wait",
                "state",
                self._count_by("pwik.billing.run.task", "state"),
            ),
            "pwik_billing_errors": (
                "Contracts of runs that could not be billed",
                None,
                {None: self.env["pwik.billing.run.item"].search_count([("state", "=", "error")])},
            ),
        }
