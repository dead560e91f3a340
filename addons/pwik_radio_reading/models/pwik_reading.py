from odoo import api, fields, models

from .radio_rules import DEFAULTS, RADIO_RULES


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

    @api.model
    def _get_validation_rules(self):
        return (*super()._get_validation_rules(), *RADIO_RULES)

    def _prepare_validation_extra(self):
        extra = super()._prepare_validation_extra()
        names = ("id", "meter_id", "moment", "source", "radio_alarms", "radio_clock_drift", "radio_fixed_day")
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
        for row in radio:
            facts = extra.setdefault(row["id"], {})
            facts["radio_drift"] = row.get("radio_clock_drift") or 0
            facts["radio_fixed_day"] = bool(row.get("radio_fixed_day"))
            facts["radio_alarms"] = {
                kind: max((row["moment"] - starts.get((row["meter_id"], kind), row["moment"])).days, 0)
                for kind in (row.get("radio_alarms") or "").split()
            }
        return extra

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

        return {
            **super()._get_message_templates(),
            "V05": self.env._("The overlay's clock is wrong by about %(hours)s h."),
            "V17": name_alarms(self.env._("The overlay reports: %(alarms)s.")),
            "V18": self.env._("The overlay reports water that flowed back."),
            "V19": name_alarms(self.env._("The overlay reports: %(alarms)s.")),
        }


class PwikValidationLimit(models.Model):
    _inherit = "pwik.validation.limit"

    @api.model
    def _get_known_limits(self):
        return super()._get_known_limits() | set(DEFAULTS)
