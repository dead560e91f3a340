from odoo import api, models

URGENT = ("burst", "leak", "backflow", "tamper", "magnet", "detached")


class PwikDashboard(models.AbstractModel):
    """What the overlays report, on the start page."""

    _inherit = "pwik.dashboard"

    @api.model
    def _get_tiles(self):
        return [
            *super()._get_tiles(),
            {"title": self.env._("Radio reading"), "tiles": self._get_radio_tiles()},
        ]

    def _get_radio_tiles(self):
        alarms, lines = self.env["pwik.radio.alarm"], self.env["pwik.radio.dump.line"]
        opened = [("state", "=", "open")]
        urgent = [*opened, ("kind", "in", URGENT)]
        unknown = [("state", "=", "quarantine")]
        return [
            self._make_tile(
                self.env._("Urgent alarms"),
                alarms.search_count(urgent),
                "pwik_radio_reading.pwik_radio_alarm_action",
                urgent,
                hint=self.env._("leak, burst, backflow, tampering"),
                tone="danger",
            ),
            self._make_tile(
                self.env._("All open alarms"),
                alarms.search_count(opened),
                "pwik_radio_reading.pwik_radio_alarm_action",
                opened,
                tone="warning",
            ),
            self._make_tile(
                self.env._("Telegrams in quarantine"),
                lines.search_count(unknown),
                "pwik_radio_reading.pwik_radio_dump_line_action",
                unknown,
                hint=self.env._("of overlays that nobody entered"),
                tone="warning",
            ),
        ]
