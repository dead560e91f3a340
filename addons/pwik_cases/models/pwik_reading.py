from odoo import models


class PwikReading(models.Model):
    _inherit = "pwik.reading"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") in ("accepted", "rejected"):
            self._pwik_close_waiting_cases()
        return result

    def action_correct(self, value, reason=None):
        """The submission follows to the reading that replaces its own."""
        cases = self._pwik_get_waiting_cases()
        new = super().action_correct(value, reason)
        cases.reading_id = new
        cases._on_reading_decided()
        return new

    def action_estimate(self, reason=None):
        """What the customer read counts no more, and nobody refused it: the case goes back to who decides on it."""
        cases = self._pwik_get_waiting_cases()
        estimates = super().action_estimate(reason)
        cases._on_reading_estimated()
        return estimates

    def _pwik_close_waiting_cases(self):
        """A submission waits until its reading is decided on."""
        self._pwik_get_waiting_cases()._on_reading_decided()

    def _pwik_get_waiting_cases(self):
        # sudo: who decides on readings need not see the cases behind them
        return (
            self.env["pwik.case"]
            .sudo()
            .search(
                [
                    ("reading_id", "in", self.ids),
                    ("state", "=", "waiting"),
                    ("decision", "=", "approved"),
                ]
            )
        )
