"""What a run bills beside what the same contracts were billed for the period before it."""

from odoo import api, fields, models
from odoo.tools import SQL


class PwikBillingRun(models.Model):
    _inherit = "pwik.billing.run"

    water_before_m3 = fields.Float(
        "Water, the period before [m³]",
        compute="_compute_before",
        digits=(16, 3),
        help="Of the same contracts, with corrections.",
    )
    gross_before = fields.Monetary("Gross, the period before", compute="_compute_before")
    new_count = fields.Integer(
        "Contracts never billed before",
        compute="_compute_before",
        help="They have nothing to be compared with.",
    )

    @api.depends("item_ids.water_before_m3", "item_ids.gross_before", "item_ids.has_before")
    def _compute_before(self):
        sums = ["water_before_m3:sum", "gross_before:sum", "__count"]
        rows = self.env["pwik.billing.run.item"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "has_before"], sums
        )
        for run in self:
            own = {has_before: values for owner, has_before, *values in rows if owner == run}
            run.water_before_m3, run.gross_before, _count = own.get(True, (0.0, 0.0, 0))
            run.new_count = own.get(False, (0.0, 0.0, 0))[2]


class PwikBillingRunItem(models.Model):
    _inherit = "pwik.billing.run.item"

    has_before = fields.Boolean(
        "Billed before", help="There is a settlement of a period before that of the run."
    )
    water_before_m3 = fields.Float("Water, the period before [m³]", digits=(16, 3))
    gross_before = fields.Monetary("Gross, the period before")
    change_percent = fields.Float(
        "Change of use [%]",
        digits=(16, 0),
        compute="_compute_change_percent",
        store=True,
        aggregator=None,
        help="Water a day in the period of the run, against that of the period billed before.",
    )
    days_before = fields.Integer("Days of the period before", aggregator=None)

    @api.depends(
        "water_m3", "water_before_m3", "days_before", "run_id.period_from", "run_id.period_to", "state"
    )
    def _compute_change_percent(self):
        for item in self:
            run = item.run_id
            if not item.water_before_m3 or not item.days_before or item.state in ("error", "skipped"):
                item.change_percent = 0.0
                continue
            days = (run.period_to - run.period_from).days + 1
            change = item.water_m3 / days * item.days_before / item.water_before_m3 - 1
            item.change_percent = 100.0 * change

    def _get_before(self):
        """``{contract id: values}`` of the last period billed before the run's, with its corrections; one query."""
        query = SQL(
            """
            SELECT k.id, SUM(s.water_m3), SUM(s.gross), last.period_to - last.period_from + 1
              FROM unnest(%s::int[]) AS k(id)
        CROSS JOIN LATERAL (
                SELECT p.period_from, p.period_to FROM pwik_settlement p
                 WHERE p.contract_id = k.id AND p.kind <> 'correction' AND p.period_to < %s
              ORDER BY p.period_to DESC LIMIT 1) last
              JOIN pwik_settlement s
                ON s.contract_id = k.id AND s.period_from = last.period_from AND s.period_to = last.period_to
          GROUP BY k.id, last.period_from, last.period_to
            """,
            list(self.contract_id.ids),
            self.run_id.period_from,
        )
        self.env["pwik.settlement"].flush_model()
        return {
            contract: {"has_before": True, "water_before_m3": m3, "gross_before": gross, "days_before": days}
            for contract, m3, gross, days in self.env.execute_query(query)
        }


class PwikBillingRunTask(models.Model):
    _inherit = "pwik.billing.run.task"

    def _preview(self, items):
        result = super()._preview(items)
        if self.run_id.kind == "regular":
            before = items._get_before()
            for item in items.filtered(lambda one: one.contract_id.id in before):
                item.write(before[item.contract_id.id])
        return result
