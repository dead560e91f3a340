import contextlib

from odoo import api, models
from odoo.addons.pwik_radio_reading.models.pwik_radio_dump_process import FINISHED, MORE, DumpSource
from odoo.addons.queue_job.delay import group


class PwikRadioDump(models.Model):
    _inherit = "pwik.radio.dump"

    @api.model
    def _cron_process(self):
        """Make jobs of what is to do instead of working on it here; a job that was lost is found again by the next call."""
        for dump in self.search([("state", "in", ("new", "in_progress"))], order="id"):
            dump._enqueue()

    def _enqueue(self):
        """A job for each open packet of the dump, and one behind them (or alone) that goes on with the dump itself."""
        self.ensure_one()
        go_on = self.delayable(identity_key=f"{self._name}-{self.id}")._process_queued()
        packets = [
            task.delayable(identity_key=f"{task._name}-{task.id}")._run_queued()
            for task in self._get_open_tasks()
        ]
        (group(*packets).on_done(go_on) if packets else go_on).delay()

    def _get_open_tasks(self):
        return self.env["pwik.radio.dump.task"].search([("dump_id", "=", self.id), ("state", "=", "pending")])

    def _process_queued(self):
        """The dump as a job: its file is read and cut into packets, or the dump is finished; packets are jobs of their own."""
        # sudo: only the import writes dumps and lines; who may start it was checked where it was started
        dump = self.sudo().with_company(self.company_id)
        outcome = MORE
        with contextlib.closing(DumpSource(dump)) as source:
            while outcome == MORE and not dump._get_open_tasks():
                outcome = dump._process_step(source)
        if outcome == MORE:
            dump._enqueue()
        # Where somebody else is at it, he or the next call of the scheduled action goes on.
        return "done" if outcome == FINISHED else outcome
