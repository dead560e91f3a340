from odoo import models
from odoo.tools import SQL


class PwikMeter(models.Model):
    _name = "pwik.meter"
    _inherit = ["pwik.meter", "pwik.billed.mixin"]
    _measured_as = "meter_id"

    def _get_billed_until(self):
        """Last day that was invoiced from this meter's readings (estimates included), or False."""
        self.ensure_one()
        measures = (
            self.env["pwik.settlement.measure"]
            .sudo()
            .search(
                [("meter_id", "=", self.id), ("current", "=", True)],
                order="date_to desc",
                limit=1,
            )
        )
        return measures.date_to

    def _get_last_billed_readings(self):
        """Map each meter to the last invoiced *actual* register value; estimates are settled, not binding.

        :return: ``{meter_id: (date, value in m³)}``; one query for all meters
        """
        if not self:
            return {}
        self.env["pwik.settlement.measure"].flush_model()
        self.env.cr.execute(
            SQL(
                """
            SELECT DISTINCT ON (meter_id) meter_id, date_to, value_to
              FROM pwik_settlement_measure
             WHERE meter_id = ANY(%s) AND current AND source_to <> 'estimate'
          ORDER BY meter_id, date_to DESC
            """,
                list(self.ids),
            )
        )
        return {meter: (day, value) for meter, day, value in self.env.cr.fetchall()}
