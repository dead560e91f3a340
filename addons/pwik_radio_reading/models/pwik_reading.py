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
        radio = self.filtered(lambda reading: reading.source == "radio")
        first_heard = radio._get_alarm_starts()
        for reading in radio:
            kinds = (reading.radio_alarms or "").split()
            extra.setdefault(reading.id, {}).update(
                {
                    "radio_drift": reading.radio_clock_drift,
                    "radio_fixed_day": reading.radio_fixed_day,
                    "radio_alarms": {
                        kind: max(
                            (
                                reading.moment - first_heard.get((reading.meter_id.id, kind), reading.moment)
                            ).days,
                            0,
                        )
                        for kind in kinds
                    },
                }
            )
        return extra

    def _get_alarm_starts(self):
        """Since when each open alarm of these readings' meters lasts: ``{(meter_id, kind): moment}``."""
        meters = self.filtered("radio_alarms").meter_id
        if not meters:
            return {}
        alarms = self.env["pwik.radio.alarm"].search([("meter_id", "in", meters.ids), ("state", "=", "open")])
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
