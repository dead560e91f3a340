from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.pwik_meters.domain.validation.past import days_between
from odoo.addons.pwik_meters.models.reading_history import to_decimal
from odoo.addons.pwik_meters.tools.copying import to_array
from odoo.tools import SQL

from ..domain.swap import Misfit, find_swaps
from .radio_rules import DEFAULTS, RADIO_RULES, Swap, a_month

SWAP = Swap()
# Rules that a value of another meter meets.
SWAP_SIGNS = frozenset({"V06", "V08", "V09", "V10", "V14"})
# Where more readings than that do not fit, something else is wrong than meters that were mistaken for each other.
MOST_MISFITS = 1000


class PwikReading(models.Model):
    _inherit = "pwik.reading"

    radio_line_ids = fields.One2many("pwik.radio.dump.line", "reading_id", "Telegrams")
    radio_alarms = fields.Char(
        "Alarms in the telegram", readonly=True, help="Codes of the alarms that came with the value."
    )
    radio_clock_drift = fields.Integer(
        "Clock drift [s]",
        readonly=True,
        aggregator=None,
        help="By how much the overlay's clock was ahead of the receiver's.",
    )
    radio_fixed_day = fields.Boolean(
        "Value of a fixed day",
        readonly=True,
        help="Kept by the overlay at the end of a month and sent later.",
    )

    radio_backflow = fields.Float(
        "Flowed back so far [m³]",
        digits=(16, 3),
        readonly=True,
        aggregator=None,
        help="All that the meter ever counted backwards, where the overlay sends it.",
    )
    radio_meter_serial = fields.Char(
        "Meter in the telegram",
        readonly=True,
        help="Serial number of the meter which the overlay sends, where it sends one besides its own.",
    )
    filled_from_line_id = fields.Many2one(
        "pwik.radio.dump.line",
        "Filled in from telegram",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="pwik_meters.pwik_meters_group_reader",
        help="The month had no reading; this is the month-end value that the overlay kept and sent later.",
    )

    @api.model
    def _get_validation_rules(self):
        return (*super()._get_validation_rules(), *RADIO_RULES)

    def _prepare_validation_extra(self):
        extra = super()._prepare_validation_extra()
        names = ("id", "moment", "source", "radio_alarms", "radio_clock_drift", "radio_fixed_day")
        names += ("radio_meter_serial", "radio_backflow")
        rows = [
            {name: reading[name] for name in names} | {"meter_id": reading.meter_id.id} for reading in self
        ]
        return self._add_radio_facts(extra, rows)

    @api.model
    def _prepare_intake_extra(self, stored):
        return self._add_radio_facts(super()._prepare_intake_extra(stored), stored)

    @api.model
    def _add_radio_facts(self, extra, rows):
        """Add what the rules of radio look at, for those of these readings that came by radio.

        :param extra: ``{reading id: {name: value}}``
        :param rows: dicts with the columns of each reading, and ``id``
        """
        radio = [row for row in rows if row["source"] == "radio"]
        starts = self._get_alarm_starts({row["meter_id"] for row in radio if row.get("radio_alarms")})
        others = self._get_other_meters(radio)
        flowed = self._get_backflows([row for row in radio if row.get("radio_backflow")])
        for row in radio:
            facts = {
                "radio_drift": row.get("radio_clock_drift"),
                "radio_fixed_day": row.get("radio_fixed_day"),
                "radio_other_meter": others.get(row["id"]),
                "radio_alarms": row.get("radio_alarms")
                and {
                    kind: max((row["moment"] - starts.get((row["meter_id"], kind), row["moment"])).days, 0)
                    for kind in row["radio_alarms"].split()
                },
            }
            facts = {name: fact for name, fact in facts.items() if fact}
            if row["id"] in flowed:  # nothing flowed back is a fact too
                facts["radio_backflow"] = flowed[row["id"]]
            if facts:
                extra.setdefault(row["id"], {}).update(facts)
        return extra

    @api.model
    def _get_backflows(self, rows):
        """What flowed back since the meter's radio reading before: ``{reading id: m³ a month}``.

        Without one before nobody knows since when; a time of less than a month counts as a whole one.
        """
        if not rows:
            return {}
        self.env.cr.execute(
            SQL(
                """
            SELECT k.id, b.moment, b.radio_backflow
              FROM unnest(%s::int[], %s::int[], %s::timestamp[]) AS k(id, meter_id, moment)
              JOIN LATERAL (
                SELECT moment, COALESCE(radio_backflow, 0) AS radio_backflow FROM pwik_reading r
                 WHERE r.meter_id = k.meter_id AND r.moment < k.moment AND r.source = 'radio'
                   AND r.filled_from_line_id IS NULL AND r.state <> 'rejected' AND r.superseded IS NOT TRUE
              ORDER BY r.moment DESC LIMIT 1) b ON TRUE
                """,
                *(to_array(row[name] for row in rows) for name in ("id", "meter_id", "moment")),
            )
        )
        before = {reading: (since, counted) for reading, since, counted in self.env.cr.fetchall()}
        return {
            row["id"]: a_month(
                to_decimal(row["radio_backflow"]) - to_decimal(before[row["id"]][1]),
                days_between(before[row["id"]][0], row["moment"]),
            )
            for row in rows
            if row["id"] in before
        }

    @api.model
    def _get_other_meters(self, rows):
        """Serials of other meters of the register that telegrams name as their own: ``{reading id: serial}``.

        A number that no meter of ours has says nothing: many makers send the number of a part.
        """
        told = {row["id"]: row["radio_meter_serial"] for row in rows if row.get("radio_meter_serial")}
        if not told:
            return {}
        named = {}
        for meter in self.env["pwik.meter"].search([("serial", "in", list(set(told.values())))]):
            named.setdefault(meter.serial, set()).add(meter.id)
        return {
            row["id"]: told[row["id"]]
            for row in rows
            if named.get(told.get(row["id"])) and row["meter_id"] not in named[told[row["id"]]]
        }

    @api.model
    def _judge_together(self, book, outcomes):
        """Rule V15: of the readings that wait, those of which each continues the other's series."""
        super()._judge_together(book, outcomes)
        drafts = {
            key: draft
            for key, draft in book.drafts.items()
            if draft.source == "radio"
            and draft.register == "main"
            and SWAP_SIGNS & {finding.code for finding in outcomes[key]}
        }
        if not drafts:
            return
        misfits = {}
        for key, draft in drafts.items():
            past = [value for value in book.get_history(draft).previous if not value.is_estimate]
            if past:
                days = days_between(past[-1].moment, draft.moment)
                misfits[key] = Misfit(key, past[-1].value, draft.value, days)
        limits = self._get_swap_limits(next(iter(drafts.values())))
        waiting = self._get_waiting_misfits(drafts.values(), limits.pop("days_apart"))
        meters = {
            **{key: draft.meter_id for key, draft in drafts.items()},
            **{k: m for k, (m, _) in waiting.items()},
        }
        candidates = [*misfits.values(), *(misfit for _meter, misfit in waiting.values())]
        if len(candidates) > MOST_MISFITS:
            return
        for pair in find_swaps(candidates, **limits):
            for key, other in (pair, pair[::-1]):
                serial = self.env["pwik.meter"].browse(meters[other]).serial
                finding = SWAP.finding(why="series", other=serial)
                if key in drafts:
                    outcomes[key] += (finding,)
                elif set(pair) & drafts.keys():
                    self.browse(key)._add_finding(finding)

    def _filter_judged_again(self):
        """Half of a swap (V15) was judged with its other half, and alone would forget it."""
        codes = {reading: (reading.finding_codes or "").split() for reading in self}
        return (
            super()
            ._filter_judged_again()
            .filtered(lambda reading: "V15" not in codes[reading] or "V21" in codes[reading])
        )

    @api.model
    def _get_swap_limits(self, draft):
        """Thresholds of rule V15 on the day of a draft, by name."""
        company = self.env["res.company"].browse(draft.company_id)
        values = self.env["pwik.validation.limit"]._get_table(company)(False, draft.date).values
        return {
            name: values.get((code, name), default)
            for (code, name), default in DEFAULTS.items()
            if code == SWAP.code
        }

    @api.model
    def _get_waiting_misfits(self, drafts, days_apart):
        """Radio readings of about that time that wait already and may be the other half of a swap.

        :return: ``{reading id: (meter id, Misfit)}``
        """
        moments = [draft.moment for draft in drafts]
        apart = timedelta(days=int(days_apart))
        self.env.cr.execute(
            SQL(
                """
            SELECT r.id, r.meter_id, r.moment, r.value, COALESCE(b.moment, i.date_from), COALESCE(b.value, i.start_value)
              FROM pwik_reading r
              JOIN pwik_meter_installation i ON i.id = r.installation_id
         LEFT JOIN LATERAL (
                SELECT moment, value FROM pwik_reading b
                 WHERE b.meter_id = r.meter_id AND b.register = 'main' AND b.installation_id = r.installation_id
                   AND b.state = 'accepted' AND b.superseded IS NOT TRUE AND b.source <> 'estimate'
                   AND b.moment < r.moment
              ORDER BY b.moment DESC LIMIT 1) b ON TRUE
             WHERE r.state = 'to_review' AND r.source = 'radio' AND r.register = 'main' AND r.superseded IS NOT TRUE
               AND r.moment BETWEEN %s AND %s AND r.company_id = ANY(%s) AND NOT (r.id = ANY(%s))
               AND string_to_array(r.finding_codes, ' ') && %s::text[]
               AND NOT ('V15' = ANY(string_to_array(r.finding_codes, ' ')))
               AND COALESCE(b.value, i.start_value) IS NOT NULL
                """,
                min(moments) - apart,
                max(moments) + apart,
                list({draft.company_id for draft in drafts}),
                [draft.id for draft in drafts if isinstance(draft.id, int)],
                list(SWAP_SIGNS),
            )
        )
        return {
            reading: (
                meter,
                Misfit(reading, to_decimal(base), to_decimal(value), days_between(since, moment)),
            )
            for reading, meter, moment, value, since, base in self.env.cr.fetchall()
        }

    @api.model
    def _get_alarm_starts(self, meter_ids):
        """Since when each open alarm of these meters lasts: ``{(meter_id, kind): moment}``."""
        if not meter_ids:
            return {}
        alarms = self.env["pwik.radio.alarm"].search(
            [("meter_id", "in", list(meter_ids)), ("state", "=", "open")]
        )
        return {(alarm.meter_id.id, alarm.kind): alarm.date_first for alarm in alarms}


class PwikReadingFinding(models.Model):
    _inherit = "pwik.reading.finding"

    @api.model
    def _get_message_templates(self):
        words = dict(self.env["pwik.radio.alarm"]._fields["kind"]._description_selection(self.env))

        def name_alarms(template):
            def fill(params):
                params["alarms"] = ", ".join(words.get(code, code) for code in params["alarms"].split())
                return template

            return fill

        def swap(params):
            if params["why"] == "serial":
                return self.env._("The telegram comes from meter %(other)s.")
            return self.env._(
                "Probably swapped with meter %(other)s: each value continues the other's series."
            )

        def flowed_back(params):
            if "amount" not in params:
                return self.env._("The overlay reports water that flowed back.")
            return self.env._("%(amount)s m³ flowed back within a month.")

        return {
            **super()._get_message_templates(),
            "V05": self.env._("The overlay's clock is wrong by about %(hours)s h."),
            "V15": swap,
            "V17": name_alarms(self.env._("The overlay reports: %(alarms)s.")),
            "V18": flowed_back,
            "V19": name_alarms(self.env._("The overlay reports: %(alarms)s.")),
        }


class PwikValidationLimit(models.Model):
    _inherit = "pwik.validation.limit"

    @api.model
    def _get_known_limits(self):
        return super()._get_known_limits() | set(DEFAULTS)
