from odoo import api, fields, models
from odoo.addons.pwik_meters.models.pwik_reading import SOURCES

# Which values are billed never changes; whether they still stand, and the readings behind them, may.
MUTABLE = {"current", "reading_from_id", "reading_to_id", "meter_kind", "company_id"}


class PwikSettlementMeasure(models.Model):
    """What one meter measured in a settlement: the two readings and the m³ between, as the invoice prints them."""

    _name = "pwik.settlement.measure"
    _description = "Readings used by a settlement"
    _order = "settlement_id, service_point_id, meter_kind, date_from, id"
    _rec_name = "meter_id"

    settlement_id = fields.Many2one(
        "pwik.settlement", "Settlement", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", "Company", required=True)
    installation_id = fields.Many2one(
        "pwik.meter.installation",
        "Installation",
        required=True,
        index=True,
        ondelete="restrict",
    )
    meter_id = fields.Many2one("pwik.meter", "Meter", required=True, index=True, ondelete="restrict")
    meter_kind = fields.Selection(related="installation_id.meter_kind", store=True)
    service_point_id = fields.Many2one(
        "pwik.service.point", "Service point", required=True, index=True, ondelete="restrict"
    )
    date_from = fields.Date("Previous reading", required=True)
    value_from = fields.Float("Previous value [m³]", digits=(16, 3), required=True)
    source_from = fields.Selection(SOURCES, "Source of the previous reading", required=True)
    reading_from_id = fields.Many2one(
        "pwik.reading", "Reading from", ondelete="restrict", index="btree_not_null"
    )
    date_to = fields.Date("Current reading", required=True)
    value_to = fields.Float("Current value [m³]", digits=(16, 3), required=True)
    source_to = fields.Selection(SOURCES, "Source", required=True)
    reading_to_id = fields.Many2one("pwik.reading", "Reading to", ondelete="restrict", index="btree_not_null")
    quantity = fields.Float("Consumption [m³]", digits=(16, 3), required=True)
    current = fields.Boolean(default=True, help="Not taken back by a later correction of the settlement.")

    _meter_to = models.Index("(meter_id, date_to DESC) WHERE current")

    def write(self, vals):
        if set(vals) - MUTABLE:
            self.settlement_id._check_not_frozen()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self.settlement_id._check_not_frozen()
