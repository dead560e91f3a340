"""What a settlement would lose or bill twice because a period before it, or after it, was left out."""

from odoo.exceptions import UserError
from odoo.tools import SQL, format_date


class BillingGaps:
    """Of the contracts of a :class:`BillingSource`: meters whose last m³ nobody billed, days that a later period billed."""

    def __init__(self, source):
        self.env = source.env
        self.source = source
        contracts = list(source.contracts.ids)
        self.lost = {row[0]: row[1:] for row in self._load_lost(contracts)}
        self.covered = {row[0]: row[1:] for row in self._load_covered(contracts)}

    def check(self, contract):
        """:raise UserError: names the meter and the day, and what to do first"""
        if contract.id in self.lost and contract.billing_method != "lump_sum":
            serial, day = self.lost[contract.id]
            raise UserError(
                self.env._(
                    "Meter %(meter)s was taken out on %(date)s and its last m³ are not billed: "
                    "bill the period of that day first.",
                    meter=serial,
                    date=format_date(self.env, day),
                )
            )
        if contract.id in self.covered:
            serial, start, end = self.covered[contract.id]
            raise UserError(
                self.env._(
                    "Meter %(meter)s was billed from %(start)s to %(end)s in a later period already: "
                    "nothing is left to bill here.",
                    meter=serial,
                    start=format_date(self.env, start),
                    end=format_date(self.env, end),
                )
            )

    def _rows(self, query, *args):
        self.env.cr.execute(SQL(query, *args))
        return self.env.cr.fetchall()

    def _load_lost(self, contracts):
        """Meters taken out before the period, after all that was billed (never billed: after the last reading)."""
        start = self.source.date_from
        return self._rows(
            """
            SELECT cp.contract_id, m.serial, i.date_to
              FROM pwik_contract_point cp
              JOIN pwik_meter_installation i ON i.service_point_id = cp.service_point_id
              JOIN pwik_meter m ON m.id = i.meter_id
             WHERE cp.contract_id = ANY(%s) AND cp.date_from <= %s AND (cp.date_to IS NULL OR cp.date_to >= %s)
               AND i.date_to < %s AND i.date_to > cp.date_from
               AND i.date_to > COALESCE(
                   (SELECT MAX(s.period_to) FROM pwik_settlement s
                     WHERE s.contract_id = cp.contract_id AND s.kind <> 'correction' AND s.period_to < %s),
                   (SELECT MAX(r.date) FROM pwik_reading r
                     WHERE r.service_point_id = cp.service_point_id AND r.state = 'accepted'
                       AND r.superseded IS NOT TRUE AND r.source NOT IN ('exchange', 'estimate') AND r.date < %s),
                   'infinity')
          ORDER BY cp.contract_id, i.date_to DESC
            """,
            contracts,
            self.source.date_to,
            start,
            start,
            start,
            start,
        )

    def _load_covered(self, contracts):
        """Meters read in the period which a later period billed from a value of before that reading."""
        return self._rows(
            """
            SELECT s.contract_id, m.serial, x.date_from, x.date_to
              FROM pwik_settlement s
              JOIN pwik_settlement_measure x ON x.settlement_id = s.id AND x.current AND x.quantity > 0
              JOIN pwik_meter m ON m.id = x.meter_id
             WHERE s.contract_id = ANY(%s) AND s.kind <> 'correction' AND s.period_from > %s AND x.date_from < %s
            """,
            contracts,
            self.source.date_to,
            self.source.date_from,
        )
