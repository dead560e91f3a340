from datetime import UTC

from odoo import api, models


class PwikMetrics(models.AbstractModel):
    _inherit = "pwik.metrics"

    @api.model
    def _get_metrics(self):
        last = self.env["pwik.radio.dump"].search(
            [("date_done", "!=", False)], order="date_done desc", limit=1
        )
        return {
            **super()._get_metrics(),
            "pwik_radio_dumps": ("Dumps by state", "state", self._count_by("pwik.radio.dump", "state")),
            "pwik_radio_dump_lines": (
                "Lines of dumps by state; new ones wait, those in quarantine want somebody",
                "state",
                self._count_by("pwik.radio.dump.line", "state"),
            ),
            "pwik_radio_last_import_timestamp_seconds": (
                "When the last dump was finished, in seconds since 1970 (0: never)",
                None,
                {None: last.date_done.replace(tzinfo=UTC).timestamp() if last else 0},
            ),
        }
