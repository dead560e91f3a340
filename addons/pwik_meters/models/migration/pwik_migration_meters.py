from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from ...domain.migration import Problem
from ...domain.register import capacity


class PwikMigration(models.Model):
    """Meters and installations."""

    _inherit = "pwik.migration"

    def _create_meters(self, items):
        names = [column.name for column in self._get_kind().columns if column.name != "key"]
        return self._create_at_once(
            self.env["pwik.meter"],
            [{"company_id": self.company_id.id, **self._take(item, *names)} for item in items],
        )

    def _check_installations(self, candidates):
        """Scrapped meters stand nowhere; values have to fit on the register."""
        meters = self._get_meters(candidates)
        for candidate in candidates:
            meter = meters.get(candidate.refs.get("meter"))
            if not meter:
                continue
            if meter.state == "scrapped":
                candidate.refuse("scrapped", "meter", value=meter.serial)
            self._check_capacity(candidate, meter, "start_value", "end_value")
            candidate.refs["meter_kind"] = meter.meter_kind

    def _get_meters(self, candidates):
        ids = [candidate.refs["meter"] for candidate in candidates if "meter" in candidate.refs]
        meters = self.env["pwik.meter"].browse(ids)
        meters.fetch(["serial", "state", "meter_kind", "register_digits"])
        return {meter.id: meter for meter in meters}

    def _check_capacity(self, candidate, meter, *names):
        for name in names:
            value = candidate.values.get(name)
            if value is not None and Decimal(value) >= capacity(meter.register_digits):
                candidate.refuse("capacity", name, value=value, digits=meter.register_digits)

    def _check_whole_installations(self):
        """A meter stands at one place, a point has one meter of a kind, at any time: this file and the register."""
        self.env["pwik.meter.installation"].flush_model()
        problems = {}
        for code, column, slot, key in (
            ("meter_taken", "meter", SQL("i.meter_id::text"), SQL("r.refs->>'meter'")),
            (
                "point_taken",
                "point",
                SQL("i.service_point_id || ' ' || i.meter_kind"),
                SQL("(r.refs->>'point') || ' ' || (r.refs->>'meter_kind')"),
            ),
        ):
            for row, number, serial in self._find_overlaps(slot, key):
                where = {"row": number} if number else serial
                problems.setdefault(row, []).append(Problem(code, column, {"where": where}))
        self._refuse_rows(problems)

    def _find_overlaps(self, slot, key):
        """Rows whose days meet those of an earlier row or of the register in the same slot.

        :return: list of ``(row id, number of the other row or None, serial of the meter in the register or None)``
        """
        self.env.cr.execute(
            SQL(
                """
            WITH span AS MATERIALIZED (
                SELECT r.id AS row_id, r.number, NULL AS serial, %(key)s AS slot,
                       (r.refs->>'meter')::int AS meter_id, (r.refs->>'point')::int AS point_id,
                       daterange((r.parsed->>'date_from')::date, (r.parsed->>'date_to')::date, '[)') AS days
                  FROM pwik_migration_row r
                 WHERE r.migration_id = %(migration)s AND r.state = 'ok'
            ), there AS (
                SELECT row_id, number, serial, slot, days FROM span
             UNION ALL
                SELECT NULL, NULL, m.serial, %(slot)s, daterange(i.date_from, i.date_to, '[)')
                  FROM pwik_meter_installation i JOIN pwik_meter m ON m.id = i.meter_id
                 WHERE i.meter_id IN (SELECT meter_id FROM span) OR i.service_point_id IN (SELECT point_id FROM span)
            )
            SELECT DISTINCT ON (span.row_id) span.row_id, there.number, there.serial
              FROM span JOIN there ON there.slot = span.slot AND there.days && span.days
             WHERE there.row_id IS NULL OR there.number < span.number
          ORDER BY span.row_id, there.number NULLS FIRST
            """,
                slot=slot,
                key=key,
                migration=self.id,
            )
        )
        return self.env.cr.fetchall()

    def _create_installations(self, items):
        installations = self._create_at_once(
            self.env["pwik.meter.installation"],
            [
                {
                    "meter_id": item["meter"],
                    "service_point_id": item["point"],
                    # both its meter's
                    "company_id": self.company_id.id,
                    "meter_kind": item["meter_kind"],
                    **self._take(item, "date_from", "date_to", "start_value", "end_value"),
                }
                for item in items
            ],
            ("company_id", "meter_kind"),
        )
        meters = installations.meter_id
        standing = self.env["pwik.meter.installation"].search(
            [("meter_id", "in", meters.ids), ("date_to", "=", False)]
        )
        standing.meter_id.write({"state": "installed"})
        (meters - standing.meter_id).write({"state": "removed"})
        self.env["pwik.meter.seal"].create(
            [
                {
                    "meter_id": item["meter"],
                    "number": item["seal"],
                    "date": item["date_from"],
                    "removed_date": item.get("date_to"),
                }
                for item in items
                if item.get("seal")
            ]
        )
        return installations
