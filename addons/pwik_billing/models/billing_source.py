"""Gathers what the engine needs for many contracts with a constant number of queries."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain import (
    ContractTerms,
    Estimate,
    Meter,
    Occupancy,
    Period,
    Point,
    Policy,
    ReadingValue,
    Request,
    by_month,
    load_billed,
)
from .billing_gaps import BillingGaps
from .broken_meters import BrokenMeters
from .numbers import MONEY, VOLUME, to_decimal
from .unit_use import UnitUse

DAY = timedelta(days=1)


@dataclass(slots=True)
class Installed:
    """A meter on a point, with the readings that matter for the period."""

    id: int
    contract_id: int
    point_id: int
    meter_id: int
    serial: str
    kind: str
    digits: int
    date_from: date
    date_to: date | None
    start_value: Decimal
    end_value: Decimal | None
    low: date
    since: date  # what was measured from here on is not settled yet
    key: str = ""  # how the engine names the meter: its serial, numbered where one comes twice on a contract
    base: tuple[date, Decimal] | None = None
    readings: dict = field(default_factory=dict)  # date -> (value, source, reading id or None)

    def stays(self, day):
        """Whether it is still there after ``day``: then a reading is yet to come."""
        return not self.date_to or self.date_to > day

    def for_engine(self):
        """The engine's view; its words name the meter by the serial number.

        A point that joins a contract may open with the reading of the evening before: the meter is there from then on.
        """
        return Meter(
            self.key,
            self.kind,
            self.digits,
            min([self.date_from, *self.readings]),
            self.date_to,
            tuple(ReadingValue(day, value, source) for day, (value, source, _id) in self.readings.items()),
        )


@dataclass(slots=True)
class PointTerm:
    """A service point in a contract, within the period.

    ``since``: first day of the earlier periods that were billed by estimates which no reading has settled yet, or None.
    """

    contract_id: int
    id: int
    number: str
    kind: str
    municipality_id: int
    date_from: date
    date_to: date | None
    since: date | None
    meters: list = field(default_factory=list)


class BillingSource:
    """Everything that settling ``contracts`` for a period takes.

    :param contracts: recordset of ``pwik.contract`` of one company
    :param date date_from, date_to: period, both days included
    :param bool estimate: use the last settled consumption for points without a reading in the period
    """

    def __init__(self, contracts, date_from, date_to, estimate=False):
        self.env = contracts.env
        self.contracts = contracts
        self.company = contracts.company_id[:1]
        self.date_from, self.date_to = date_from, date_to
        self.estimate = estimate
        self._flush()
        self.prices = self.env["pwik.tariff"]._get_price_book(self.company, date_to)
        self.points = self._load_points()
        self.point_ids = {term.number: term.id for terms in self.points.values() for term in terms}
        self.tariff_ids = self._load_tariffs()
        self.meters = self._load_meters()
        self._name_meters()
        self._load_billed_bases()
        self._load_opening_bases()
        self._load_readings()
        self.last_settled = self._load_last_settled() if estimate else {}
        self.billed = self._load_billed()
        self.units = UnitUse(self)
        self.broken = BrokenMeters(self)
        self.gaps = BillingGaps(self)

    def _flush(self):
        for model in (
            "pwik.contract.point",
            "pwik.meter.installation",
            "pwik.reading",
            "pwik.settlement",
            "pwik.settlement.measure",
            "pwik.meter",
            "pwik.service.point",
        ):
            self.env[model].flush_model()

    def _rows(self, query, *args):
        self.env.cr.execute(SQL(query, *args))
        return self.env.cr.fetchall()

    def _load_tariffs(self):
        """``{name: id}``, also of tariffs that were replaced: a correction takes their lines back."""
        tariffs = self.env["pwik.tariff"].with_context(active_test=False)
        return {tariff.name: tariff.id for tariff in tariffs.search([("company_id", "=", self.company.id)])}

    def _load_points(self):
        """``{contract_id: [PointTerm]}`` of the points supplied on some day of the period."""
        rows = self._rows(
            """
            SELECT cp.contract_id, sp.id, sp.number, sp.point_kind, sp.municipality_id, cp.date_from, cp.date_to,
                   (SELECT MIN(s.period_from) FROM pwik_settlement s
                     WHERE s.contract_id = cp.contract_id AND s.kind <> 'correction' AND s.period_to < %s
                       AND s.period_from > COALESCE((
                           SELECT MAX(p.period_to) FROM pwik_settlement p
                            WHERE p.contract_id = cp.contract_id AND p.kind <> 'correction' AND p.period_to < %s
                              AND NOT (COALESCE(p.method, '') = 'estimate'
                                       AND COALESCE(p.document -> 'estimated' ? sp.number, FALSE))), '-infinity'))
              FROM pwik_contract_point cp JOIN pwik_service_point sp ON sp.id = cp.service_point_id
             WHERE cp.contract_id = ANY(%s) AND cp.date_from <= %s AND (cp.date_to IS NULL OR cp.date_to >= %s)
          ORDER BY cp.contract_id, sp.number
            """,
            self.date_from,
            self.date_from,
            list(self.contracts.ids),
            self.date_to,
            self.date_from,
        )
        points = defaultdict(list)
        for values in rows:
            points[values[0]].append(PointTerm(*values))
        return points

    def _load_meters(self):
        """Installations of those points which are not yet billed to their end, hung onto their points.

        A point that changes hands within the period is in two contracts: each has the meters of its own days.
        """
        terms = defaultdict(list)
        for term in (term for terms in self.points.values() for term in terms):
            terms[term.id].append(term)
        rows = self._rows(
            """
            SELECT i.id, i.service_point_id, i.meter_id, m.serial, i.meter_kind, m.register_digits,
                   i.date_from, i.date_to, i.start_value, i.end_value
              FROM unnest(%s::int[], %s::date[]) AS k(point_id, since)
              JOIN pwik_meter_installation i ON i.service_point_id = k.point_id
              JOIN pwik_meter m ON m.id = i.meter_id
             WHERE i.date_from <= %s AND (i.date_to IS NULL OR i.date_to >= k.since)
          ORDER BY i.service_point_id, i.date_from, i.id
            """,
            list(terms),
            [min(term.since or self.date_from for term in found) for found in terms.values()],
            self.date_to,
        )
        withheld = set(
            self._rows(
                "SELECT meter_id, date FROM pwik_reading"
                " WHERE meter_id = ANY(%s) AND source = 'exchange' AND state <> 'accepted'",
                [row[2] for row in rows],
            )
        )
        meters = []
        for row in rows:
            for term in terms[row[1]]:
                meter = self._prepare_meter(term, row, withheld)
                if meter:
                    term.meters.append(meter)
                    meters.append(meter)
        return meters

    def _prepare_meter(self, term, row, withheld):
        """The installation (a ``row`` of :meth:`_load_meters`) as the contract of ``term`` has it.

        None where it was there on other days only.
        """
        id_, point_id, meter_id, serial, kind, digits, start, end, start_value, end_value = row
        since = term.since or self.date_from
        if (end and end < max(term.date_from, since)) or (term.date_to and start > term.date_to):
            return None
        meter = Installed(
            id_,
            term.contract_id,
            point_id,
            meter_id,
            serial,
            kind,
            digits,
            max(start, term.date_from),
            min(filter(None, (end, term.date_to)), default=None),
            to_decimal(start_value, VOLUME),
            None if end_value is None else to_decimal(end_value, VOLUME),
            low=max(start, term.date_from - DAY),
            since=since,
        )
        self._add_known_values(meter, start, end, withheld)
        return meter

    def _name_meters(self):
        for terms in self.points.values():
            seen = Counter()
            for meter in (meter for term in terms for meter in term.meters):
                seen[meter.serial] += 1
                meter.key = (
                    meter.serial if seen[meter.serial] == 1 else f"{meter.serial} ({seen[meter.serial]})"
                )

    def _add_known_values(self, meter, start, end, withheld):
        """An exchange's values stand on the installation: they count where no reading of that day says otherwise.

        :param withheld: ``{(meter_id, day)}`` where the exchange's reading waits or was rejected: the same value is no better
        """
        if start >= meter.low and (meter.meter_id, start) not in withheld:
            meter.readings[start] = (meter.start_value, "exchange", None)
        ended = end and end == meter.date_to and end <= self.date_to
        # 0 says that nobody noted it, unless the register stood there from the beginning
        noted = meter.end_value or (meter.end_value is not None and not meter.start_value)
        if ended and noted and (meter.meter_id, end) not in withheld:
            meter.readings[end] = (meter.end_value, "exchange", None)

    def _load_billed_bases(self):
        """The last actual value that was billed is where the next settlement goes on, whatever came in between.

        Periods whose estimates are not settled yet bill nothing for good: the value before them counts.
        """
        rows = self._rows(
            """
            SELECT DISTINCT ON (k.place) k.place, x.date_to, x.value_to
              FROM unnest(%s::int[], %s::int[], %s::int[], %s::date[]) AS k(place, id, contract_id, since)
              JOIN pwik_settlement_measure x ON x.installation_id = k.id AND x.current AND x.source_to <> 'estimate'
              JOIN pwik_settlement d ON d.id = x.settlement_id AND d.contract_id = k.contract_id
              JOIN pwik_settlement s ON s.id = COALESCE(d.settles_id, d.id) AND s.period_to < k.since
          ORDER BY k.place, x.date_to DESC, x.id DESC
            """,
            list(range(len(self.meters))),
            [meter.id for meter in self.meters],
            [meter.contract_id for meter in self.meters],
            [meter.since for meter in self.meters],
        )
        for place, day, value in rows:
            self.meters[place].base = (day, to_decimal(value, VOLUME))

    def _load_opening_bases(self):
        """Never billed before: the last actual reading before the period, within the contract."""
        fresh = [meter for meter in self.meters if not meter.base]
        rows = self._rows(
            """
            SELECT k.place, r.date, r.value
              FROM unnest(%s::int[], %s::int[], %s::int[], %s::date[], %s::date[]) AS k(place, id, meter_id, low, since)
        CROSS JOIN LATERAL (
                SELECT r.date, r.value FROM pwik_reading r
                 WHERE r.meter_id = k.meter_id AND r.installation_id = k.id AND r.state = 'accepted'
                   AND r.superseded IS NOT TRUE AND r.source <> 'estimate'
                   AND r.date >= k.low AND r.date < k.since
              ORDER BY r.moment DESC LIMIT 1) r
            """,
            list(range(len(fresh))),
            [m.id for m in fresh],
            [m.meter_id for m in fresh],
            [m.low for m in fresh],
            [m.since for m in fresh],
        )
        found = {place: (day, to_decimal(value, VOLUME)) for place, day, value in rows}
        for place, meter in enumerate(fresh):
            known = [
                (day, value) for day, (value, _source, _id) in meter.readings.items() if day < meter.since
            ]
            meter.base = max([*known, found[place]] if place in found else known, default=None)

    def _load_readings(self):
        """Accepted readings of the period, the base, and those since estimates that are not settled; one a day.

        Actual readings between the base and the period are left out: the next one telescopes over them, so that
        nothing is lost and nothing is billed twice. None is of a day after the contract, or after the meter came off.
        """
        rows = self._rows(
            """
            SELECT DISTINCT ON (k.place, r.date) k.place, r.date, r.value, r.source, r.id
              FROM unnest(%s::int[], %s::int[], %s::int[], %s::date[], %s::date[], %s::date[])
                   AS k(place, id, meter_id, base, since, until)
              JOIN pwik_reading r ON r.meter_id = k.meter_id AND r.installation_id = k.id
             WHERE r.state = 'accepted' AND r.superseded IS NOT TRUE AND r.date <= k.until
               AND (r.date >= k.since OR r.date = k.base OR (r.source = 'estimate' AND r.date > k.base))
          ORDER BY k.place, r.date, (r.source = 'estimate'), r.moment DESC, r.id DESC
            """,
            list(range(len(self.meters))),
            [m.id for m in self.meters],
            [m.meter_id for m in self.meters],
            [m.base[0] if m.base else m.since for m in self.meters],
            [max(m.since, m.low) for m in self.meters],
            [min(m.date_to or self.date_to, self.date_to) for m in self.meters],
        )
        for place, day, value, source, reading_id in rows:
            self.meters[place].readings[day] = (to_decimal(value, VOLUME), source, reading_id)
        for meter in self.meters:
            if meter.base:
                day, value = meter.base
                _old, source, reading_id = meter.readings.get(day, (value, "manual", None))
                # what was billed stays the starting point, even if the reading was corrected since
                meter.readings[day] = (value, source, reading_id)
                meter.readings = {d: r for d, r in meter.readings.items() if d >= day}
            meter.readings = dict(sorted(meter.readings.items()))

    def _load_last_settled(self):
        """``{(contract_id, point_id): (days, m³)}`` of the customer's last period that was settled by actual readings.

        Of his own: what the customer before him used is nobody else's business, on his invoice least of all.
        """
        rows = self._rows(
            """
            SELECT DISTINCT ON (s.contract_id, x.service_point_id)
                   s.contract_id, x.service_point_id, SUM(x.date_to - x.date_from), SUM(x.quantity)
              FROM pwik_settlement_measure x
              JOIN pwik_settlement d ON d.id = x.settlement_id
              JOIN pwik_settlement s ON s.id = COALESCE(d.settles_id, d.id)
             WHERE x.service_point_id = ANY(%s) AND x.current AND x.meter_kind IN ('main', 'unit')
               AND s.contract_id = ANY(%s) AND s.period_to < %s AND s.method IS DISTINCT FROM 'average'
          GROUP BY s.contract_id, x.service_point_id, s.id, s.period_to
            HAVING bool_and(x.source_to <> 'estimate') AND SUM(x.date_to - x.date_from) > 0
          ORDER BY s.contract_id, x.service_point_id, s.period_to DESC
            """,
            list({meter.point_id for meter in self.meters}),
            list(self.contracts.ids),
            self.date_from,
        )
        return {(contract, point): (days, to_decimal(m3, VOLUME)) for contract, point, days, m3 in rows}

    def _load_billed(self):
        """``{contract_id: [document]}``: what was billed since the last actual readings.

        Later periods too: a correction is to know which of the estimates were settled since.
        """
        since = {}
        for contract_id, terms in self.points.items():
            bases = [meter.base[0] for term in terms for meter in term.meters if meter.base]
            open_since = [term.since - DAY for term in terms if term.since]
            since[contract_id] = min([*bases, *open_since, self.date_from - DAY])
        rows = self._rows(
            """
            SELECT s.contract_id, s.id, s.document
              FROM unnest(%s::int[], %s::date[]) AS k(id, since)
              JOIN pwik_settlement s ON s.contract_id = k.id AND s.period_to > k.since
          ORDER BY s.contract_id, s.period_from, s.id
            """,
            list(since),
            list(since.values()),
        )
        billed = defaultdict(list)
        for contract_id, settlement_id, document in rows:
            billed[contract_id].append({**document, "id": str(settlement_id)})
        return billed

    # ------------------------------------------------------------------ requests

    def prepare_request(self, contract, correct=None):
        """The engine's request for one contract.

        :param correct: ``pwik.settlement`` to correct, or None
        :raise UserError: the contract's terms are incomplete (names what is missing)
        """
        if not correct:
            self.gaps.check(contract)
        terms = self.points.get(contract.id)
        if not terms:
            raise UserError(self.env._("Contract %s has no service point in this period.", contract.number))
        return Request(
            id=contract.number,
            period=Period(self.date_from, self.date_to),
            cycle=contract.billing_cycle,
            vat_rate=to_decimal(self.company.pwik_billing_tax_id.amount, MONEY),
            contract=ContractTerms(
                contract.date_start,
                contract.date_end or None,
                frozenset(service for service in ("water", "sewage") if contract[f"service_{service}"]),
            ),
            tariffs=self._prepare_tariffs(contract, terms),
            points=tuple(self._prepare_point(contract, term) for term in terms),
            policy=Policy(
                quantity=self.company.pwik_quantity_policy,
                subscription_per=self.company.pwik_subscription_per,
                subscription_time=self.company.pwik_subscription_time,
            ),
            billed=tuple(load_billed(document) for document in self.billed.get(contract.id, ())),
            correct=str(correct.id) if correct else None,
        )

    def prepare_request_afresh(self, contract, settlement):
        """As if the period were not billed yet: what a correction of ``settlement`` leads to."""
        request = replace(self.prepare_request(contract, settlement), correct=None)
        before = tuple(item for item in request.billed if item.document.period.date_to < self.date_from)
        return replace(request, billed=before)

    def _prepare_tariffs(self, contract, terms):
        groups = (contract.tariff_group_water_id.id or None, contract.tariff_group_sewage_id.id or None)
        resolved = [self.prices.resolve(*groups, place) for place in {term.municipality_id for term in terms}]
        if any(other != resolved[0] for other in resolved[1:]):
            raise UserError(
                self.env._(
                    "Contract %s has points in municipalities with different prices: make a contract for each.",
                    contract.number,
                )
            )
        return resolved[0]

    def _prepare_point(self, contract, term):
        extra = {}
        if contract.billing_method == "lump_sum":
            extra["lump_sum"] = self._prepare_lump_sum(contract, term)
        elif (broken := self.broken.of(term)) is not None:
            extra["broken"] = broken
        elif (units := self.units.of(term.id)) is not None:
            extra["units_m3"] = units
        elif self._needs_estimate(term) and (contract.id, term.id) in self.last_settled:
            extra["estimate"] = Estimate(self.date_to, *self.last_settled[contract.id, term.id])
        kind = "unit" if term.kind == "unit" else "main"
        return Point(
            term.number,
            kind,
            tuple(meter.for_engine() for meter in term.meters),
            date_from=term.date_from,
            date_to=term.date_to or None,
            **extra,
        )

    def _needs_estimate(self, term):
        """Nothing was read in the period on the meter that counts; the value with which it came is no reading of its use."""
        staying = [m for m in term.meters if m.kind in ("main", "unit") and m.stays(self.date_to)]
        return self.estimate and not any(
            day >= self.date_from and day > m.date_from for m in staying for day in m.readings
        )

    def _prepare_lump_sum(self, contract, term):
        """The persons of the contract, who are billed once: at its first point, be there more of them."""
        history = [
            Occupancy(row.date_from, row.persons, to_decimal(row.norm_id.m3_per_month, MONEY))
            for row in contract.lump_persons_ids
        ]
        if not history:
            raise UserError(
                self.env._(
                    "Contract %s is billed by norms: set the norm and the number of persons.",
                    contract.number,
                )
            )
        first = max(self.date_from, contract.date_start)
        last = min(self.date_to, contract.date_end or self.date_to)
        norms = by_month(history, first, last, contract.number)
        if term is not self.points[contract.id][0]:
            return tuple(replace(norm, persons=0) for norm in norms)
        return norms
