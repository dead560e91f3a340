from odoo import api, models


class PwikBillingRun(models.Model):
    """A run whose packets are jobs. The scheduled actions stay: at their own pace they take up what was left lying."""

    _inherit = "pwik.billing.run"

    @api.model
    def _trigger_crons(self):
        """A job for each packet that waits; one that another job took meanwhile finds nothing to do."""
        for run in self.search([("state", "in", ("preview", "running"))]):
            for task in run.task_ids.filtered(lambda task: task.state == "pending"):
                task.with_delay(identity_key=f"pwik.billing.run.task {task.id}")._queue_run()

    def _queue_close(self):
        """Job: the run goes on to its next state when its last packet is done."""
        self._close_if_finished()
