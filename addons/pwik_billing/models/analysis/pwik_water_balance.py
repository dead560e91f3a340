from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date


class PwikWaterBalance(models.Model):
    """Water sold against water fed in, by area and month.

    What was billed for a period is shared by days among its months. A month is as good as its readings: ``billed_points``
    against ``points`` tells how many of the points supplied in it are billed.
    """

    _name = "pwik.water.balance"
    _description = "Water balance"
    _auto = False
    _order = "month desc, area_id"
    _rec_name = "area_id"
    _depends = {
        "pwik.water.inflow": ["area_id", "company_id", "month", "fed_m3", "own_m3"],
        "pwik.water.area": ["municipality_ids"],
        "pwik.service.point": ["water_area_id", "municipality_id"],
        "pwik.contract.point": ["state", "date_from", "date_to", "service_point_id"],
        "pwik.settlement": ["state", "period_from", "period_to"],
        "pwik.settlement.line": ["component", "quantity", "date_from", "date_to", "service_point_id"],
    }

    area_id = fields.Many2one("pwik.water.area", "Area", readonly=True)
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    month = fields.Date(readonly=True)
    fed_m3 = fields.Float("Fed in [m³]", digits=(16, 3), readonly=True)
    own_m3 = fields.Float("Own use [m³]", digits=(16, 3), readonly=True)
    sold_m3 = fields.Float("Sold [m³]", digits=(16, 3), readonly=True)
    loss_m3 = fields.Float("Loss [m³]", digits=(16, 3), readonly=True)
    loss_share = fields.Float("Loss [%]", digits=(16, 1), readonly=True, aggregator="avg")
    points = fields.Integer("Points supplied", readonly=True, aggregator="sum")
    billed_points = fields.Integer("Points billed", readonly=True, aggregator="sum")

    @property
    def _table_query(self):
        """One pass over the lines, whatever the number of months."""
        return SQL(
            """
            WITH place AS (
                SELECT p.id AS point_id, COALESCE(p.water_area_id, r.pwik_water_area_id) AS area_id
                  FROM pwik_service_point p
             LEFT JOIN (SELECT m.pwik_municipality_id, m.pwik_water_area_id
                          FROM pwik_municipality_pwik_water_area_rel m
                          JOIN pwik_water_area a ON a.id = m.pwik_water_area_id AND a.active) r
                    ON r.pwik_municipality_id = p.municipality_id),
            line AS (
                SELECT place.area_id, l.service_point_id, l.quantity,
                       COALESCE(l.date_from, s.period_from) AS first, COALESCE(l.date_to, s.period_to) AS last
                  FROM pwik_settlement_line l
                  JOIN pwik_settlement s ON s.id = l.settlement_id AND s.state <> 'draft'
                  JOIN place ON place.point_id = l.service_point_id
                 WHERE l.component = 'water'),
            sold AS (
                SELECT line.area_id, m.month::date AS month,
                       SUM(line.quantity
                           * (LEAST(line.last, (m.month + interval '1 month - 1 day')::date)
                              - GREATEST(line.first, m.month::date) + 1)
                           / (line.last - line.first + 1)) AS m3
                  FROM line CROSS JOIN LATERAL
                       generate_series(date_trunc('month', line.first), line.last, interval '1 month') m(month)
              GROUP BY line.area_id, m.month),
            supplied AS (
                SELECT i.id, COUNT(DISTINCT cp.service_point_id) AS points,
                       COUNT(DISTINCT cp.service_point_id) FILTER (WHERE s.id IS NOT NULL) AS billed
                  FROM pwik_water_inflow i
                  JOIN place ON place.area_id = i.area_id
                  JOIN pwik_contract_point cp ON cp.service_point_id = place.point_id AND cp.state <> 'draft'
                   AND cp.date_from < i.month + interval '1 month' AND (cp.date_to IS NULL OR cp.date_to >= i.month)
             LEFT JOIN pwik_settlement s ON s.contract_id = cp.contract_id AND s.state <> 'draft'
                   AND s.kind <> 'correction' AND s.period_from < i.month + interval '1 month'
                   AND s.period_to >= i.month
              GROUP BY i.id)
            SELECT i.id, i.area_id, i.company_id, i.month, i.fed_m3, COALESCE(i.own_m3, 0) AS own_m3,
                   COALESCE(sold.m3, 0) AS sold_m3,
                   i.fed_m3 - COALESCE(i.own_m3, 0) - COALESCE(sold.m3, 0) AS loss_m3,
                   COALESCE(100 * (i.fed_m3 - COALESCE(i.own_m3, 0) - COALESCE(sold.m3, 0)) / NULLIF(i.fed_m3, 0), 0)
                        AS loss_share,
                   COALESCE(supplied.points, 0) AS points, COALESCE(supplied.billed, 0) AS billed_points
              FROM pwik_water_inflow i
         LEFT JOIN sold ON sold.area_id = i.area_id AND sold.month = i.month
         LEFT JOIN supplied ON supplied.id = i.id
            """
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """The loss of several months or areas is that of their sums."""
        if aggregate_spec != "loss_share:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "COALESCE(100.0 * SUM(%s) / NULLIF(SUM(%s), 0), 0)",
            self._field_to_sql(self._table, "loss_m3", query),
            self._field_to_sql(self._table, "fed_m3", query),
        )

    def action_open_sold(self):
        """The settlement lines that the sum is made of, each with its share of the month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "pwik_billing.pwik_settlement_line_action_balance"
        )
        name = f"{self.area_id.name}, {format_date(self.env, self.month, date_format='LLLL yyyy')}"
        return {
            **action,
            "name": name,
            "display_name": name,
            "domain": self._get_sold_domain(),
            "context": {"pwik_month": fields.Date.to_string(self.month)},
        }

    def _get_sold_domain(self):
        """Lines of water with a day in the month, of points in the area: what ``sold`` of the query sums."""
        self.ensure_one()
        last = fields.Date.add(self.month, months=1, days=-1)
        # A line without days of its own is of its settlement's whole period.
        first_days = Domain("date_from", "<=", last) | (
            Domain("date_from", "=", False) & Domain("settlement_id.period_from", "<=", last)
        )
        last_days = Domain("date_to", ">=", self.month) | (
            Domain("date_to", "=", False) & Domain("settlement_id.period_to", ">=", self.month)
        )
        place = Domain("service_point_id.water_area_id", "=", self.area_id.id)
        if self.area_id.active:
            place |= Domain("service_point_id.water_area_id", "=", False) & Domain(
                "service_point_id.municipality_id", "in", self.area_id.municipality_ids.ids
            )
        billed = Domain("component", "=", "water") & Domain("settlement_id.state", "!=", "draft")
        return list(billed & place & first_days & last_days)
