"""What the unit meters behind main points measured: the rest goes to the manager of the building."""

from collections import defaultdict
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain import INVOICE, DomainError, settle
from .engine_errors import explain
from .numbers import VOLUME, to_decimal


class UnitUse:
    """m³ of the units with contracts of their own, by main point.

    What a unit was billed counts as billed; what is not billed yet is settled here for the figure only. So the main
    point may be billed before or after its units. Each customer of a unit counts for himself, whoever else had the unit in
    the period, and one who was billed 0 m³ was billed.
    """

    def __init__(self, source):
        """:param source: the :class:`BillingSource` of the main points"""
        self.env = source.env
        self.source = source
        self.parents = self._load_units([term.id for terms in source.points.values() for term in terms])
        places = {(point, contract) for units in self.parents.values() for point, _number, contract in units}
        self.billed = self._load_billed(places) if places else {}
        self.fresh, self.errors = self._settle_rest(places) if places else ({}, {})

    def of(self, point_id):
        """m³ of each unit behind the point, or None where there are no units.

        :raise UserError: a unit cannot be settled (names it and the reason)
        """
        units = self.parents.get(point_id)
        if not units:
            return None
        amounts = []
        for unit_id, number, contract_id in units:
            place = unit_id, contract_id
            if place not in self.billed and contract_id in self.errors:
                raise UserError(
                    self.env._(
                        "Unit %(unit)s behind this point: %(reason)s",
                        unit=number,
                        reason=self.errors[contract_id],
                    )
                )
            amounts.append(self.billed.get(place, self.fresh.get(place, Decimal(0))))
        return tuple(amounts)

    def _rows(self, query, *args):
        self.env.cr.execute(SQL(query, *args))
        return self.env.cr.fetchall()

    def _load_units(self, point_ids):
        rows = self._rows(
            """
            SELECT sp.parent_id, sp.id, sp.number, cp.contract_id
              FROM pwik_service_point sp
              JOIN pwik_contract_point cp ON cp.service_point_id = sp.id AND cp.state <> 'draft'
               AND cp.date_from <= %s AND (cp.date_to IS NULL OR cp.date_to >= %s)
             WHERE sp.parent_id = ANY(%s) AND sp.point_kind = 'unit'
          ORDER BY sp.parent_id, sp.number
            """,
            self.source.date_to,
            self.source.date_from,
            point_ids,
        )
        parents = defaultdict(list)
        for parent_id, *unit in rows:
            parents[parent_id].append(tuple(unit))
        return parents

    def _load_billed(self, places):
        """``{(unit, contract): m³}`` of those that were billed in the period, be it nothing."""
        rows = self._rows(
            """
            SELECT k.point_id, k.contract_id, COALESCE(SUM(l.quantity), 0)
              FROM unnest(%s::int[], %s::int[]) AS k(point_id, contract_id)
              JOIN pwik_settlement s ON s.contract_id = k.contract_id AND s.period_from >= %s AND s.period_to <= %s
         LEFT JOIN pwik_settlement_line l ON l.settlement_id = s.id AND l.service_point_id = k.point_id
                                         AND l.component = 'water'
          GROUP BY k.point_id, k.contract_id
            """,
            [point for point, _contract in places],
            [contract for _point, contract in places],
            self.source.date_from,
            self.source.date_to,
        )
        return {(point, contract): to_decimal(m3, VOLUME) for point, contract, m3 in rows}

    def _settle_rest(self, places):
        """Settle, for the figure, the units that are not billed in the period."""
        contracts = {contract for point, contract in places if (point, contract) not in self.billed}
        rest = self.env["pwik.contract"].sudo().browse(sorted(contracts))
        if not rest:
            return {}, {}
        inner = type(self.source)(rest, self.source.date_from, self.source.date_to, self.source.estimate)
        amounts, errors = defaultdict(Decimal), {}
        for contract in rest:
            try:
                documents = settle(inner.prepare_request(contract)).documents
            except (DomainError, UserError) as error:
                if isinstance(error, DomainError):
                    error = explain(self.env, error, contract, inner)
                errors[contract.id] = str(error)
                continue
            invoices = [document for document in documents if document.kind == INVOICE]
            for line in (line for document in invoices for line in document.lines):
                if line.component == "water":
                    amounts[inner.point_ids[line.point], contract.id] += line.quantity
        return amounts, errors
