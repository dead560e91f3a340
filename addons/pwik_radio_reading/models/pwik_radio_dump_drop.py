from odoo import api, models


class PwikRadioDump(models.Model):
    """The drop folder: a file that appears there becomes a dump."""

    _name = "pwik.radio.dump"
    _inherit = ["pwik.radio.dump", "pwik.drop.mixin"]

    _drop_option = "pwik_drop_dir"

    @api.model
    def _get_drop_limits(self):
        return self._get_parameter("drop_min_age"), self._get_max_size()

    @api.model
    def _take_dropped(self, folder, name, data):
        """Into a dump and readings, then out of the folder."""
        dump, duplicate = self._run_isolated(
            lambda: self._take_in(data, name, "drop", dropped_as=self._prepare_name(name))
        )
        if self._in_cron():
            # from here on a killed job finds the file again and knows that it is its own
            self.env["ir.cron"]._commit_progress()
        resumed = duplicate and dump.dropped_as == self._prepare_name(name)
        if (not duplicate or resumed) and not dump._process():
            return
        note = dump._get_known_note() if duplicate and not resumed else dump.message
        if dump.state == "error":
            moved = self._put_away(folder.reject, name, "\n".join(filter(None, (note, dump.error_detail))))
        else:
            moved = self._put_away(folder.archive, name, note)
        if moved and dump.dropped_as:
            dump.dropped_as = False
