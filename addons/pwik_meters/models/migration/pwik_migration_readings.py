from datetime import datetime, time

from odoo import fields, models
from odoo.tools import SQL
from pytz import UTC, timezone

from ...domain.migration import Problem


class PwikMigration(models.Model):
    """The history of readings."""

    _inherit = "pwik.migration"

    def _check_readings(self, candidates):
        """Each reading needs a place, a value that its register can show, and a moment nobody read yet."""
        readings = self.env["pwik.reading"]
        zone, now = timezone(readings._get_timezone()), fields.Datetime.now()
        meters = self._get_meters(candidates)
        candidates = [c for c in candidates if c.good and c.refs["meter"] in meters]
        days = {c: fields.Date.to_date(c.values["moment"][:10]) for c in candidates}
        places = readings._get_places([(c.refs["meter"], days[c]) for c in candidates])
        moments = {c: self._get_utc(c.values["moment"], zone, now) for c in candidates}
        known, _there = readings._get_known_values(
            [{"meter_id": c.refs["meter"], "moment": moments[c]} for c in candidates]
        )
        for candidate in candidates:
            meter = meters[candidate.refs["meter"]]
            self._check_capacity(candidate, meter, "value")
            place = places.get((meter.id, days[candidate]))
            if not place:
                candidate.refuse("not_installed", "moment", day={"day": days[candidate].isoformat()})
                continue
            if moments[candidate] > now:
                candidate.refuse("future", "moment", day=candidate.values["moment"].replace("T", " "))
            source = candidate.values.get("source", "manual")
            there = known.get((meter.id, moments[candidate], "main", source), {})
            living = [value for value, (_reading, counts) in there.items() if counts]
            if living:
                candidate.refuse("reading_exists", "moment", value=living[0])
            candidate.refs.update(moment=fields.Datetime.to_string(moments[candidate]), installation=place[0])

    def _get_utc(self, text, zone, now):
        """Moment (UTC, without a zone) of a local one; a day alone is its noon, today no later than now."""
        local = datetime.fromisoformat(text)
        alone = len(text) == 10
        if alone:
            local = datetime.combine(local.date(), time(12))
        moment = zone.localize(local).astimezone(UTC).replace(tzinfo=None)
        return now if alone and moment > now else moment

    def _check_whole_readings(self):
        """Two readings at one moment, and counters that go back, within the file and against the register."""
        self.env["pwik.reading"].flush_model()
        self.env.cr.execute(
            SQL(
                """
            SELECT id, first FROM (
                SELECT id, number, min(number) OVER (
                           PARTITION BY refs->>'meter', refs->>'moment', COALESCE(parsed->>'source', 'manual')) AS first
                  FROM pwik_migration_row WHERE migration_id = %s AND state = 'ok') AS line
             WHERE number > first
            """,
                self.id,
            )
        )
        columns = ["meter", "moment", "source"]
        self._refuse_rows(
            {
                row: [Problem("twice", None, {"columns": columns, "row": first})]
                for row, first in self.env.cr.fetchall()
            }
        )
        self.env.cr.execute(
            SQL(
                """
            WITH line AS MATERIALIZED (
                SELECT r.id AS row_id, (r.refs->>'installation')::int AS installation,
                       (r.refs->>'moment')::timestamp AS moment, (r.parsed->>'value')::numeric AS value,
                       COALESCE((r.parsed->>'rollover')::bool, FALSE) AS rollover
                  FROM pwik_migration_row r WHERE r.migration_id = %s AND r.state = 'ok'
            ), history AS (
                SELECT row_id, installation, moment, value, rollover FROM line
             UNION ALL
                SELECT NULL, installation_id, moment, value::numeric, COALESCE(rollover, FALSE) FROM pwik_reading
                 WHERE installation_id IN (SELECT installation FROM line)
                   AND register = 'main' AND state = 'accepted' AND superseded IS NOT TRUE
             UNION ALL
                SELECT NULL, id, date_from::timestamp - interval '1 day', start_value::numeric, FALSE
                  FROM pwik_meter_installation WHERE id IN (SELECT installation FROM line)
            ), sorted AS (
                SELECT row_id, value, rollover, lag(value) OVER history AS before, lead(value) OVER history AS after,
                       lead(rollover) OVER history AS after_rollover, lead(row_id) OVER history AS after_row,
                       lead(moment) OVER history IS NOT NULL AS has_after
                  FROM history WINDOW history AS (PARTITION BY installation ORDER BY moment, value)
            )
            SELECT row_id, CASE WHEN value < before AND NOT rollover THEN value ELSE after END,
                   CASE WHEN value < before AND NOT rollover THEN before ELSE value END
              FROM sorted
             WHERE row_id IS NOT NULL
               AND (value < before AND NOT rollover
                    OR has_after AND after_row IS NULL AND after < value AND NOT after_rollover)
            """,
                self.id,
            )
        )
        self._refuse_rows(
            {
                row: [Problem("backwards", "value", {"value": f"{value:.3f}", "previous": f"{previous:.3f}"})]
                for row, value, previous in self.env.cr.fetchall()
            }
        )

    def _create_readings(self, items):
        readings = self.env["pwik.reading"]
        created = self._create_at_once(
            readings,
            readings._add_places(
                [
                    {
                        "meter_id": item["meter"],
                        # its meter's, which is looked for in this company
                        "company_id": self.company_id.id,
                        "moment": item["moment"],
                        "value": float(item["value"]),
                        "source": item.get("source", "manual"),
                        "rollover": item.get("rollover", False),
                        "note": item.get("note"),
                        "state": "accepted",
                    }
                    for item in items
                ]
            ),
            ("company_id", "date", "installation_id", "service_point_id", "contract_id"),
        )
        created._refresh_consumption()
        return created
