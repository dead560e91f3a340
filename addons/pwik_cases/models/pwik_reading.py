from odoo import models


class PwikReading(models.Model):
    _inherit = "pwik.reading"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") in ("accepted", "rejected"):
            self._pwik_close_waiting_cases()
        return result

    def _pwik_close_waiting_cases(self):
        """A submission waits until its reading is decided on."""
        submitted = self.filtered(lambda reading: reading.source == "customer")
        if submitted:
            # sudo: a meter reader may decide on readings without seeing the cases behind them
            self.env["pwik.case"].sudo().search([
                ("reading_id", "in", submitted.ids), ("state", "=", "waiting"), ("decision", "=", "approved"),
            ])._on_reading_decided()
