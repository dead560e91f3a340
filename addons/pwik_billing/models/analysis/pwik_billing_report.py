from odoo import api, fields, models
from odoo.addons.pwik_meters.models.pwik_contract import CYCLES
from odoo.tools import SQL

from ..pwik_settlement import KINDS
from ..pwik_settlement_line import METHODS
from ..pwik_tariff_rate import COMPONENTS


class PwikBillingReport(models.Model):
    """What was billed: m³ and money by municipality, tariff group, period and way of measuring. Corrections count along."""

    _name = "pwik.billing.report"
    _description = "Billed volumes and amounts"
    _auto = False
    _order = "period_to desc, id"
    _rec_name = "settlement_id"
    _depends = {
        "pwik.settlement": ["state", "kind", "period_from", "period_to", "municipality_id", "contract_id"],
        "pwik.settlement.line": ["component", "quantity", "net", "method", "tariff_id", "settlement_id"],
        "pwik.contract": ["tariff_group_water_id", "tariff_group_sewage_id", "billing_cycle"],
    }

    settlement_id = fields.Many2one("pwik.settlement", "Settlement", readonly=True)
    contract_id = fields.Many2one("pwik.contract", "Contract", readonly=True)
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    currency_id = fields.Many2one("res.currency", "Currency", readonly=True)
    municipality_id = fields.Many2one("pwik.municipality", "Municipality", readonly=True)
    tariff_group_id = fields.Many2one("pwik.tariff.group", "Tariff group", readonly=True)
    tariff_id = fields.Many2one("pwik.tariff", "Tariff", readonly=True)
    billing_cycle = fields.Selection(CYCLES, readonly=True)
    period_from = fields.Date("Period from", readonly=True)
    period_to = fields.Date("Period to", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    component = fields.Selection(COMPONENTS, readonly=True)
    method = fields.Selection(METHODS, readonly=True)
    water_m3 = fields.Float("Water [m³]", digits=(16, 3), readonly=True)
    sewage_m3 = fields.Float("Sewage [m³]", digits=(16, 3), readonly=True)
    net = fields.Monetary(readonly=True)
    measured_m3 = fields.Float("Water and sewage [m³]", digits=(16, 3), readonly=True)
    estimated_m3 = fields.Float("Of it estimated [m³]", digits=(16, 3), readonly=True)
    estimated_share = fields.Float(
        "Estimated share [%]", readonly=True, aggregator="avg", help="m³ billed by estimates, of all m³."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT l.id, l.settlement_id, s.contract_id, s.company_id, c.currency_id, s.municipality_id,
                   CASE l.component WHEN 'sewage' THEN u.tariff_group_sewage_id ELSE u.tariff_group_water_id END
                        AS tariff_group_id,
                   l.tariff_id, u.billing_cycle, s.period_from, s.period_to, s.kind, l.component, l.method, l.net,
                   CASE WHEN l.component = 'water' THEN l.quantity ELSE 0 END AS water_m3,
                   CASE WHEN l.component = 'sewage' THEN l.quantity ELSE 0 END AS sewage_m3,
                   CASE WHEN l.component = 'subscription' THEN 0 ELSE l.quantity END AS measured_m3,
                   CASE WHEN l.method = 'estimate' THEN l.quantity ELSE 0 END AS estimated_m3,
                   CASE WHEN l.method = 'estimate' THEN 100 ELSE 0 END AS estimated_share
              FROM pwik_settlement_line l
              JOIN pwik_settlement s ON s.id = l.settlement_id AND s.state <> 'draft'
              JOIN pwik_contract u ON u.id = s.contract_id
              JOIN res_company c ON c.id = s.company_id
            """
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """The share of a group is that of its sums, not the mean of its rows."""
        if aggregate_spec != "estimated_share:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "COALESCE(100.0 * SUM(%s) / NULLIF(SUM(%s), 0), 0)",
            self._field_to_sql(self._table, "estimated_m3", query),
            self._field_to_sql(self._table, "measured_m3", query),
        )
