from odoo import api, models
from odoo.addons.queue_job.delay import group

#: In which state of its run a packet of a phase is worked on.
RUN_STATE = {"preview": "preview", "bill": "running"}


class PwikBillingRunTask(models.Model):
    _inherit = "pwik.billing.run.task"

    @api.model
    def _cron_process(self):
        """Make a job of each open packet instead of working on it here.

        The scheduled action stays what begins the work and what finds again a packet whose job was lost or has failed.
        """
        for run in self.env["pwik.billing.run"].search([("state", "in", list(RUN_STATE.values()))]):
            # Two scheduled actions come here; who is second leaves it. Were both to make a job, the packet's state decides.
            if run.try_lock_for_update():
                run.task_ids.filtered(lambda task: task.state == "pending")._enqueue(run)

    def _enqueue(self, run):
        """A job for each of these packets of the run, and one behind them that closes it."""
        close = run.delayable(identity_key=f"{run._name}-{run.id}-{run.state}")._close_if_finished()
        if not self:
            close.delay()
            return
        packets = [task.delayable(identity_key=f"{task._name}-{task.id}")._run_queued() for task in self]
        group(*packets).on_done(close).delay()

    def _run_queued(self):
        """The packet as a job: done once, whoever else takes it; of a run that was paused it waits for its time."""
        self.ensure_one()
        if self.run_id.state != RUN_STATE[self.phase]:
            return "not now"
        return "done" if self._run_task() else "done by another"
