from datetime import date, timedelta

from odoo import fields, models
from odoo.addons.pwik_billing.models.numbers import VOLUME, to_decimal

from ..domain.consumption import Interval, by_month

YEARS_SHOWN = 2
#: Alarms that are worth a customer's look at his chart.
LEAKS = ("leak", "burst", "backflow")


class PwikMeter(models.Model):
    _inherit = "pwik.meter"

    def _get_ebok_months(self, count=12):
        """Use of these meters together by month, as the signed-in customer may know it.

        The meters were found with the user's own rights, and so are the readings here: the use that counts from a former
        owner's reading is left out.

        :return: tuple of :class:`~odoo.addons.pwik_ebok.domain.consumption.MonthUse`, oldest first
        """
        today = fields.Date.context_today(self)
        intervals = self._get_ebok_intervals(fields.Date.subtract(today, years=YEARS_SHOWN, months=3))
        flat = [interval for ours in intervals.values() for interval in ours]
        installations = self.env["pwik.meter.installation"].search([("meter_id", "in", self.ids)])
        return by_month(
            flat,
            today,
            count,
            self._get_ebok_marks(intervals, installations),
            installations._get_ebok_ended(),
        )

    def _get_ebok_intervals(self, since):
        """What was used between the customer's accepted readings: ``{meter: [Interval]}``, in a fixed number of queries."""
        readings = self.env["pwik.reading"].search_fetch(
            [
                ("meter_id", "in", self.ids),
                ("state", "=", "accepted"),
                ("superseded", "=", False),
                ("date", ">=", since),
            ],
            ["meter_id", "date", "source", "contract_id"],
            order="meter_id, moment, id",
        )
        # The readings are the user's by the rule above; use and installation are closed to him, their parts here are his.
        known = readings.sudo()
        known.installation_id.fetch(["date_from", "service_point_id", "meter_kind"])
        intervals, before = {}, None
        for reading in known:
            if before and before.meter_id != reading.meter_id:
                before = None
            same = before and before.installation_id == reading.installation_id
            if same and before.contract_id == reading.contract_id:
                begin = before.date
            elif not same and reading._ebok_counts_from_installation(since):
                begin = reading.installation_id.date_from
            else:
                begin = None
            if begin:
                estimated = "estimate" in (reading.source, same and before.source)
                intervals.setdefault(reading.meter_id.id, []).append(
                    Interval(
                        begin,
                        reading.date,
                        to_decimal(reading.consumption, VOLUME),
                        estimated,
                        reading.installation_id._get_ebok_place(),
                    )
                )
            before = reading
        return {meter: intervals[meter.id] for meter in self if meter.id in intervals}

    def _get_ebok_marks(self, intervals, installations):
        """Exchanges and alarms of leaks within the days for which a use is shown: list of ``(day, "exchange" | "leak")``."""
        if not intervals:
            return []
        span = {
            meter.id: (min(one.begin for one in ours), max(one.end for one in ours))
            for meter, ours in intervals.items()
        }
        marks = []
        for installation in installations.filtered(lambda one: one.meter_id.id in span):
            first, last = span[installation.meter_id.id]
            if installation.date_to and first <= installation.date_to <= last:
                marks.append((installation.date_to, "exchange"))
        # The alarms are the office's own; of the user's meters, within his days, he is told the month.
        alarms = self.env["pwik.radio.alarm"].sudo()
        for alarm in alarms.search([("meter_id", "in", list(span)), ("kind", "in", LEAKS)]):
            first, last = span[alarm.meter_id.id]
            day = alarm.date_first.date()
            if first <= day <= last:
                marks.append((day, "leak"))
        return marks


class PwikMeterInstallation(models.Model):
    _inherit = "pwik.meter.installation"

    def _get_ebok_place(self):
        """What the meters that follow one another at a point have in common."""
        return self.service_point_id.id, self.meter_kind

    def _get_ebok_ended(self):
        """The last day of the places at which none of these is installed any more: ``{place: day}``."""
        last = {}
        for installation in self:
            day, place = installation.date_to or date.max, installation._get_ebok_place()
            last[place] = max(day, last.get(place, day))
        return {place: day for place, day in last.items() if day < date.max}


class PwikContract(models.Model):
    _inherit = "pwik.contract"

    def _get_ebok_leaks(self):
        """Meters of these contracts, found with the user's rights, whose overlay says now that water runs away."""
        lines = self.contract_point_ids.filtered(lambda line: not line.date_to)
        installations = self.env["pwik.meter.installation"].search_fetch(
            [("service_point_id", "in", lines.service_point_id.ids), ("date_to", "=", False)],
            ["meter_id", "service_point_id"],
        )
        since = {line.service_point_id: line.date_from for line in lines}
        # The alarms are the office's own; of the user's meters, since they are his, he is told that there is one.
        alarms = self.env["pwik.radio.alarm"].sudo()
        open_now = alarms.search(
            [
                ("meter_id", "in", installations.meter_id.ids),
                ("kind", "in", LEAKS),
                ("state", "=", "open"),
            ]
        )
        first = {}
        for alarm in open_now:
            first.setdefault(alarm.meter_id.id, []).append(alarm.date_first.date())
        return installations.filtered(
            lambda one: any(day >= since[one.service_point_id] for day in first.get(one.meter_id.id, ()))
        ).meter_id


class PwikReading(models.Model):
    _inherit = "pwik.reading"

    def _ebok_counts_from_installation(self, since):
        """Whether the use of the oldest reading at hand counts from an installation in its contract's own time."""
        began = self.installation_id.date_from
        if not began or began - timedelta(days=1) < since:
            return False
        return any(
            line.service_point_id == self.service_point_id and line.date_from <= began
            for line in self.contract_id.contract_point_ids
        )
