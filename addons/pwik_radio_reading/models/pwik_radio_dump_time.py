from odoo import api, fields, models
from odoo.exceptions import UserError


class PwikRadioDump(models.Model):
    """Files that do not say when their telegrams were heard: somebody tells it."""

    _inherit = "pwik.radio.dump"

    recorded_at = fields.Datetime(
        "Recorded at",
        readonly=True,
        copy=False,
        help="Told by whoever imported it: the moment of those telegrams of which neither the file nor the overlay tells one.",
    )
    may_tell_time = fields.Boolean("May be told when it was recorded", compute="_compute_may_tell_time")

    @api.depends("recorded_at", "line_ids.state")
    def _compute_may_tell_time(self):
        """Telegrams wait for a moment, or the one that was told gave no reading yet and may be told anew."""
        timeless = dict(
            self.env["pwik.radio.dump.line"]._read_group(
                [
                    *(("dump_id", "in", self.ids), ("received", "=", False), ("value_moment", "=", False)),
                    "|",
                    ("state", "=", "quarantine"),
                    *("&", ("state", "=", "error"), ("reason", "=", "no_time")),
                ],
                ["dump_id"],
                ["__count"],
            )
        )
        for dump in self:
            dump.may_tell_time = bool(
                not dump._has_readings() if dump.recorded_at else timeless.get(dump._origin)
            )

    def tell_time(self, moment):
        """Say when this dump was recorded, where its telegrams do not; those that wait for it run again.

        :param datetime moment: UTC
        :raises AccessError: the user is no meter reader
        :raises UserError: the moment lies ahead, or readings rest on another one that was told
        """
        self.ensure_one()
        self._check_may_import()
        self.check_access("read")
        self._check_recorded_at(moment)
        # sudo: as for action_process
        dump = self.sudo()
        if not dump.may_tell_time:
            raise UserError(self.env._("No telegram of this file waits to be told its time."))
        dump.recorded_at = moment
        self.env["pwik.radio.dump.line"].search(
            [
                *(("dump_id", "=", self.id), ("received", "=", False)),
                "|",
                ("state", "=", "quarantine"),
                *("&", ("state", "=", "error"), ("reason", "=", "no_time")),
            ]
        ).action_run_again()

    @api.model
    def _check_recorded_at(self, moment):
        if moment > fields.Datetime.now():
            raise UserError(self.env._("A file cannot have been recorded at a moment that lies ahead."))
