"""What was known of many meters when their readings came: fetched in a constant number of queries.

Not a model: it lives as long as one batch is being validated.
"""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL
from pytz import UTC, timezone

from ..domain.estimation import value_at
from ..domain.validation import NOTHING, Billed, History, Installation, Meter, Past, Reading, Series
from ..tools.copying import to_array

# Values of a meter that are looked at: two years of monthly readings and some.
DEPTH = 26
A_DAY = timedelta(days=1)


def to_decimal(value):
    """Register value of the database (float of 3 decimals) as it was written."""
    return Decimal(f"{value:.3f}")


def _make_installation(date_from, start, date_to, end):
    return Installation(
        date_from,
        None if start is None else to_decimal(start),
        date_to,
        None if end is None else to_decimal(end),
    )


_ACCEPTED = """
    SELECT r.id, r.installation_id, r.moment, r.value, r.source, r.rollover FROM pwik_reading r
     WHERE r.meter_id = k.meter_id AND r.register = k.register AND r.state = 'accepted' AND r.superseded IS NOT TRUE
"""
# A row for each register, as arrays: two years of values take a fifth of the time which a row for each value takes
_VALUES = """
    SELECT k.meter_id, k.register, v.*
      FROM unnest(%s::int[], %s::text[], %s::timestamp[]) AS k(meter_id, register, moment)
      JOIN LATERAL (
        SELECT array_agg(r.installation_id) AS places,
               array_agg((date_part('epoch', r.moment) * 1000000)::bigint) AS micros,
               array_agg((r.value * 1000)::bigint) AS litres,
               CASE WHEN min(r.source) <> max(r.source) THEN array_agg(r.source) END AS sources,
               CASE WHEN bool_or(r.rollover) THEN array_agg(COALESCE(r.rollover, FALSE)) END AS rolled,
               min(r.source) AS source
          FROM ({rows}) r) v ON v.micros IS NOT NULL
"""
# Accepted values, the newest first: the last of each meter as they stand in the index, or the last before a moment and all from
# then on, of one moment by their ids.
VALUES = {
    "LATEST": _VALUES.format(rows=f"{_ACCEPTED} ORDER BY r.moment DESC LIMIT %s"),
    "AROUND": _VALUES.format(
        rows=f"SELECT * FROM (({_ACCEPTED} AND r.moment < k.moment ORDER BY r.moment DESC LIMIT %s)"
        f" UNION ALL {_ACCEPTED} AND r.moment >= k.moment) r ORDER BY r.moment DESC, r.id DESC"
    ),
}


class Known:
    """Accepted values of a meter's register, and where the meter stood with each: ``places``, installation ids or None."""

    __slots__ = ("places", "series")

    def __init__(self, places=(), series=None):
        self.places = list(places)
        self.series = series or Series([], [], [])

    def at(self, installation):
        """The values of one stay of the meter."""
        if self.places.count(installation) == len(self.places):  # nearly always
            return self.series
        return self.series.only([place == installation for place in self.places])

    def add(self, installation, past):
        self.places.insert(len(self.series) - self.series.count_after(past.moment), installation)
        self.series = self.series.with_added(past)


class Draft(NamedTuple):
    """A reading under test as a plain value, which is looked at dozens of times and is no record for that reason."""

    id: object  # a number, or what stands for the id of a record that is not stored
    meter_id: int
    register: str
    moment: datetime  # UTC
    date: date
    value: Decimal  # m³
    source: str
    installation_id: int | bool
    contract_id: int | bool
    company_id: int

    @classmethod
    def of(cls, record):
        return cls(
            record.id,
            record.meter_id.id,
            record.register,
            record.moment,
            record.date,
            to_decimal(record.value),
            record.source,
            record.installation_id.id,
            record.contract_id.id,
            record.company_id.id,
        )


class ReadingHistory:
    """Histories of a batch of readings. Outcomes within the batch count for the readings after them."""

    def __init__(self, readings):
        self._load(readings, [Draft.of(record) for record in readings], readings._prepare_validation_extra())

    def _load(self, model, drafts, extra):
        self.env = model.env
        self.drafts = {draft.id: draft for draft in drafts}
        self.extra = extra
        self.now = fields.Datetime.now()
        self.zone = timezone(model._get_timezone())
        self.midnights = {}
        self.meter_ids = list({draft.meter_id for draft in drafts})
        self.installation_ids = list({draft.installation_id for draft in drafts if draft.installation_id})
        self.env["pwik.reading"].flush_model()
        self.env["pwik.meter.installation"].flush_model()
        self._load_meters()
        self._load_sub_installations()
        self._load_installations()
        self._load_values()
        self._load_same_moment()
        self._load_open_errors()
        self.billed = self.env["pwik.meter"].browse(self.meter_ids)._get_last_billed_readings()
        self._load_rolled_over()

    # What is asked for

    def get_ordered(self):
        """The drafts in the order in which they have to be judged: what lies behind a main meter before it."""
        return sorted(
            self.drafts.values(),
            key=lambda draft: (draft.installation_id in self.subs, draft.moment, draft.id),
        )

    def get_reading(self, draft):
        return Reading(draft.moment, draft.date, draft.value, draft.source, draft.register)

    def get_history(self, draft):
        """What the rules may know about ``draft`` now."""
        key = (draft.meter_id, draft.register)
        here, before = self.installations.get(draft.installation_id, (None, None))
        previous, following = self._split(key, draft.installation_id, draft.moment)
        same = self.same.get((*key, draft.moment))
        errors = self.errors.get(key)
        # in the order of the fields: names would take as long as all the rest
        return History(
            self.now,
            self.meters[draft.meter_id],
            here,
            before,
            previous,
            following,
            tuple(past for other, past in same if other != draft.id) if same else (),
            self._get_billed(key) if self.billed else None,
            None,  # expected_per_day: what ``previous`` gives
            bool(draft.contract_id),
            any(moment < draft.moment for moment in errors) if errors else False,
            self._get_sub_use(draft, previous) if draft.installation_id in self.subs else None,
            self.extra.get(draft.id, NOTHING),
        )

    def note(self, draft, accepted, rolled_over, error):
        """Let the readings that follow in this batch know what became of ``draft``."""
        key = (draft.meter_id, draft.register)
        if accepted:
            self.values[key].add(
                draft.installation_id, Past(draft.moment, draft.value, draft.source, rolled_over)
            )
        elif error:
            self.errors[key].append(draft.moment)

    # What is fetched

    def _midnight(self, day):
        """Beginning of ``day`` in the utility's time zone as UTC without a zone, like the database's moments."""
        if day not in self.midnights:  # thousands of meters were installed on the same days
            local = self.zone.localize(datetime.combine(day, time()))
            self.midnights[day] = local.astimezone(UTC).replace(tzinfo=None)
        return self.midnights[day]

    def _load_meters(self):
        self.env["pwik.meter"].flush_model(["q3", "register_digits", "meter_kind"])
        self.env.cr.execute(
            SQL(
                "SELECT id, q3, register_digits, meter_kind FROM pwik_meter WHERE id = ANY(%s::int[])",
                to_array(self.meter_ids),
            )
        )
        alike = {}  # a utility has thousands of meters and few sizes of them
        self.meters = {}
        for meter, *size in self.env.cr.fetchall():
            if (key := tuple(size)) not in alike:
                alike[key] = Meter(to_decimal(size[0]), *size[1:])
            self.meters[meter] = alike[key]

    def _load_sub_installations(self):
        """Meters behind each main installation: of the points behind its point, and the deduction meter beside it."""
        self.subs = defaultdict(list)
        self.env.cr.execute(
            SQL(
                """
            SELECT main.id, sub.id, sub.meter_id
              FROM pwik_meter_installation main
              JOIN LATERAL (
                SELECT beside.id, beside.meter_id, beside.date_from, beside.date_to
                  FROM pwik_meter_installation beside
                 WHERE beside.service_point_id = main.service_point_id AND beside.meter_kind = 'deduction'
             UNION ALL
                SELECT behind.id, behind.meter_id, behind.date_from, behind.date_to
                  FROM pwik_service_point p
                  JOIN pwik_meter_installation behind ON behind.service_point_id = p.id
                 WHERE p.parent_id = main.service_point_id
                   AND (behind.meter_kind IN ('main', 'unit')
                        OR behind.meter_kind = 'deduction' AND p.point_kind = 'garden')
              ) sub ON TRUE
             WHERE main.id = ANY(%s::int[]) AND main.meter_kind = 'main'
               AND sub.date_from <= COALESCE(main.date_to, 'infinity')
               AND COALESCE(sub.date_to, 'infinity') > main.date_from
            """,
                to_array(self.installation_ids),
            )
        )
        for main, installation, meter in self.env.cr.fetchall():
            self.subs[main].append((installation, meter))

    def _load_installations(self):
        """Installation and the one before it at the same point, by id; what nobody noted stays None."""
        self.installations, self.starts = {}, {}
        ids = set(self.installation_ids) | {sub for subs in self.subs.values() for sub, _meter in subs}
        self.env.cr.execute(
            SQL(
                """
            SELECT i.id, i.date_from, i.start_value, i.date_to, i.end_value,
                   b.date_from, b.start_value, b.date_to, b.end_value
              FROM pwik_meter_installation i
         LEFT JOIN pwik_meter_installation b
                ON b.service_point_id = i.service_point_id AND b.meter_kind = i.meter_kind
               AND b.date_to <= i.date_from AND b.id <> i.id
             WHERE i.id = ANY(%s::int[])
            """,
                to_array(ids),
            )
        )

        for installation, *stays in self.env.cr.fetchall():
            before = None if stays[4] is None else _make_installation(*stays[4:])
            known = self.installations.get(installation)
            if known:  # several before it: the last of them counts
                if before.date_to > known[1].date_to:
                    self.installations[installation] = (known[0], before)
                continue
            here = _make_installation(*stays[:4])
            self.installations[installation] = (here, before)
            if here.start_value is not None:
                self.starts[installation] = Past(self._midnight(here.date_from), here.start_value, "exchange")

    def _load_values(self):
        """Accepted values of each meter: the last DEPTH before the batch, and all from then on."""
        bounds = {}
        for draft in self.drafts.values():
            keys = [(draft.meter_id, draft.register)]
            if draft.installation_id in self.subs:
                keys += [(meter, "main") for _sub, meter in self.subs[draft.installation_id]]
            for key in keys:
                if key not in bounds or draft.moment < bounds[key]:
                    bounds[key] = draft.moment
        self.values = defaultdict(Known)
        if not bounds:
            return
        latest = self._fetch_values("LATEST", bounds)
        deep = {
            key: bounds[key]
            for key, known in latest.items()
            if known.series.has_twins
            or len(known.series) >= DEPTH
            and len(known.series.before(bounds[key])) < len(known.series)
        }
        # where readings are newer than the batch, there are others before it than the latest
        self.values.update(latest | (self._fetch_values("AROUND", deep) if deep else {}))

    def _fetch_values(self, which, bounds):
        """Accepted values: ``{(meter, register): Known}``.

        :param which: a statement in VALUES
        :param bounds: ``{(meter, register): moment}``
        """
        columns = [(meter, register, moment) for (meter, register), moment in bounds.items()]
        self.env.cr.execute(SQL(VALUES[which], *map(to_array, zip(*columns, strict=True)), DEPTH))
        found = {}
        for meter, register, *arrays, source in self.env.cr.fetchall():
            places, micros, litres, sources, rolled = (array and array[::-1] for array in arrays)
            found[meter, register] = Known(places, Series(micros, litres, sources or source, rolled))
        return found

    def _get_stored_ids(self):
        """Ids of those drafts that are in the table."""
        return [key for key in self.drafts if isinstance(key, int)]

    def _load_same_moment(self):
        self.same = defaultdict(list)
        self.env.cr.execute(
            SQL(
                """
            SELECT o.id, o.meter_id, o.register, o.moment, o.value, o.source
              FROM pwik_reading r
              JOIN pwik_reading o ON o.meter_id = r.meter_id AND o.moment = r.moment AND o.register = r.register
                   AND o.id <> r.id
             WHERE r.id = ANY(%s) AND o.state <> 'rejected' AND o.superseded IS NOT TRUE
          GROUP BY o.id
            """,
                self._get_stored_ids(),
            )
        )
        for other, meter, register, moment, value, source in self.env.cr.fetchall():
            self.same[meter, register, moment].append((other, Past(moment, to_decimal(value), source)))

    def _load_open_errors(self):
        """Moments of earlier readings which wait with an error."""
        self.errors = defaultdict(list)
        self.env.cr.execute(
            SQL(
                """
            SELECT r.meter_id, r.register, r.moment FROM pwik_reading r
             WHERE r.meter_id = ANY(%s::int[]) AND r.state = 'to_review' AND r.superseded IS NOT TRUE
               AND r.id <> ALL(%s)
               AND EXISTS (SELECT 1 FROM pwik_reading_finding f WHERE f.reading_id = r.id AND f.severity = 'error')
            """,
                to_array(self.meter_ids),
                self._get_stored_ids(),
            )
        )
        for meter, register, moment in self.env.cr.fetchall():
            self.errors[meter, register].append(moment)

    def _load_rolled_over(self):
        """Meters and registers whose counter began anew since it was invoiced; asked for values below the invoiced one."""
        self.rolled_over = set()
        below = {
            (draft.meter_id, draft.register, self.billed[draft.meter_id][0])
            for draft in self.drafts.values()
            if draft.meter_id in self.billed and draft.value < to_decimal(self.billed[draft.meter_id][1])
        }
        if not below:
            return
        self.env.cr.execute(
            SQL(
                """
            SELECT DISTINCT r.meter_id, r.register
              FROM unnest(%s::int[], %s::text[], %s::date[]) AS k(meter_id, register, day)
              JOIN pwik_reading r ON r.meter_id = k.meter_id AND r.register = k.register AND r.date > k.day
             WHERE r.rollover AND r.state = 'accepted' AND r.superseded IS NOT TRUE
                """,
                *map(to_array, zip(*below, strict=True)),
            )
        )
        self.rolled_over.update(self.env.cr.fetchall())

    # What follows from it

    def _split(self, key, installation, moment):
        """Values of this installation before and the one after ``moment``; the start value comes first of all."""
        known = self.values.get(key)
        values = known.at(installation) if known else Series([], [], [])
        before = values.before(moment)
        after = None if len(before) == len(values) else values.first_after(moment)
        start = self.starts.get(installation)
        if start and len(before) < DEPTH:
            first = before[0].moment if before else moment
            # A reading on the day of the installation says the same as its start value, with its time of day.
            if start.moment < first and (not before or first - start.moment >= A_DAY):
                before = before.with_added(start)
        return before if len(before) <= DEPTH else before[-DEPTH:], after

    def _get_billed(self, key):
        billed = self.billed.get(key[0])
        if not billed:
            return None
        day, value = billed
        return Billed(day, self._midnight(day), to_decimal(value), key in self.rolled_over)

    def _get_sub_use(self, draft, previous):
        """Water in m³ that the meters behind ``draft``'s measured since its last real value; None: not all are read."""
        subs = self.subs.get(draft.installation_id)
        if not subs:
            return None
        base = next((past for past in reversed(previous) if not past.is_estimate), None)
        if base is None:
            return None
        # A round of the meters takes hours: what was read on one day is compared as if read at one moment.
        first, last = base.moment.date(), draft.moment.date()
        total = Decimal(0)
        for installation, meter in subs:
            rows = list(self.values[meter, "main"].at(installation))
            start = self.starts.get(installation)
            if start:
                rows.insert(0, start)
            days = [Past(datetime.combine(past.moment.date(), time()), past.value) for past in rows]
            values = [value_at(days, datetime.combine(day, time())) for day in (first, last)]
            if None in values or any(past.rolled_over for past in rows):
                return None
            total += values[1] - values[0]
        return total
