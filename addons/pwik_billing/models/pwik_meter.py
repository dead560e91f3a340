from odoo import fields, models
from odoo.tools import SQL


class PwikMeter(models.Model):
    _name = "pwik.meter"
    _inherit = ["pwik.meter", "pwik.billed.mixin"]
    _measured_as = "meter_id"

    broken_count = fields.Integer(
        "Found broken",
        compute="_compute_broken_count",
        groups="pwik_meters.pwik_meters_group_user,pwik_billing.pwik_billing_group_user",
    )

    def _compute_broken_count(self):
        counts = dict(
            self.env["pwik.broken.meter"]._read_group(
                [("meter_id", "in", self.ids), ("state", "!=", "cancelled")], ["meter_id"], ["__count"]
            )
        )
        for meter in self:
            meter.broken_count = counts.get(meter, 0)

    def action_open_broken(self):
        """The findings of this meter; a new one begins with its installation."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("pwik_billing.pwik_broken_meter_action")
        installation = self.installation_id or self.installation_ids[:1]
        return {
            **action,
            "domain": [("meter_id", "=", self.id)],
            "context": {"default_installation_id": installation.id},
            "views": [(False, "list"), (False, "form")] if self.broken_count else [(False, "form")],
        }

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
