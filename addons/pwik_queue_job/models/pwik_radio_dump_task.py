from odoo import models
from odoo.addons.pwik_radio_reading.models.pwik_radio_dump_process import OVERTAKEN, RETRYABLE, DumpSource
from odoo.addons.queue_job.exception import RetryableJobError


class PwikRadioDumpTask(models.Model):
    _inherit = "pwik.radio.dump.task"

    def _run_queued(self):
        """The packet as a job: done once, whoever else takes it.

        :raises RetryableJobError: transactions met; the queue does the job anew
        """
        self.ensure_one()
        # sudo: as in the scheduled action; only the import writes lines and readings
        task = self.sudo().with_company(self.company_id)
        if not task.try_lock_for_update() or task.state != "pending":
            return "done by another"
        layouts = DumpSource(task.dump_id).layouts
        limit = task.dump_id._get_parameter("packet_lines")
        try:
            while task.state == "pending":
                task._run(layouts, 2 * limit)
        except (*RETRYABLE, *OVERTAKEN) as error:
            raise RetryableJobError(str(error), seconds=1) from error
        return "done"
