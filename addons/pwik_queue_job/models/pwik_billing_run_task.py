from odoo import models


class PwikBillingRunTask(models.Model):
    _inherit = "pwik.billing.run.task"

    def _queue_run(self):
        """Job: do a packet of this run in the job's transaction. A paused or cancelled run has none.

        queue_job repeats what PostgreSQL refused because transactions met.
        """
        task = self._claim_next(self.run_id)
        if task:
            task._run_task()
        # In a job of its own, later than this transaction: the last two packets do not see each other's end.
        self.run_id.with_delay()._queue_close()
