from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang


class PwikReadingFinding(models.Model):
    """What a validation rule found on a reading; written once, never edited.

    Kept are the code and its facts; the sentence is made for whoever looks, in his language.
    """

    _name = "pwik.reading.finding"
    _description = "Finding on a reading"
    _order = "reading_id, code"
    _rec_name = "code"

    reading_id = fields.Many2one("pwik.reading", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="reading_id.company_id", store=True, precompute=True)
    code = fields.Char("Rule", required=True, index=True)
    severity = fields.Selection(
        [("info", "Information"), ("warning", "Warning"), ("error", "Error")],
        required=True,
    )
    blocks_billing = fields.Boolean()
    final = fields.Boolean("Needs a correction", help="The reading cannot be accepted as it is.")
    params = fields.Json("Facts")
    text = fields.Char("Own words", help="Replaces the sentence of the rule.")
    message = fields.Char(compute="_compute_message", inverse="_inverse_message")

    @api.depends("code", "params", "text")
    @api.depends_context("lang")
    def _compute_message(self):
        for finding in self:
            finding.message = finding.text or finding._get_message()

    def _inverse_message(self):
        for finding in self:
            finding.text = finding.message

    def _get_message(self):
        """Sentence for this finding. Addons with rules of their own add to ``_get_message_templates``."""
        template = self._get_message_templates().get(self.code)
        if not template:
            return self.code
        params = {name: self._format_param(value) for name, value in (self.params or {}).items()}
        return (template(params) if callable(template) else template) % params

    def _format_param(self, value):
        if isinstance(value, dict) and "m3" in value:
            return formatLang(self.env, float(value["m3"]), digits=3)
        if isinstance(value, dict) and "day" in value:
            return format_date(self.env, value["day"])
        return value

    @api.model
    def _get_message_templates(self):
        """Translated ``%``-templates by rule code; a function of the facts where the wording depends on them."""
        sources = dict(self.env["pwik.reading"]._fields["source"]._description_selection(self.env))

        def exchange(params):
            return {
                "installation": self.env._("On %(day)s the meter was installed nowhere."),
                "start": self.env._("The meter that was installed on %(day)s has no start value."),
                "end": self.env._("The meter that was replaced on %(day)s has no end value."),
            }[params["missing"]]

        def extreme(params):
            if params["why"] == "flow":
                return self.env._(
                    "Use of %(use)s m³ is more than the meter's permanent flow can bring (%(limit)s m³)."
                )
            return self.env._("Use of %(use)s m³ is above %(limit)s m³, many times the usual.")

        def same(params):
            params["source"] = sources.get(params["source"], params["source"])
            return self.env._("The same value is there already (%(source)s).")

        def conflict(params):
            params["source"] = sources.get(params["source"], params["source"])
            return self.env._("At the same moment the register also showed %(other)s m³ (%(source)s).")

        return {
            "V02": same,
            "V03": conflict,
            "V04": self.env._("The reading lies in the future (%(day)s)."),
            "V06": self.env._("The counter went back: %(value)s m³ after %(previous)s m³ on %(day)s."),
            "V07": self.env._(
                "The register passed its highest value: %(previous)s → %(value)s, use %(use)s m³."
            ),
            "V08": self.env._("Below the value that was invoiced on %(day)s: %(billed)s m³."),
            "V09": self.env._("High use: %(use)s m³, expected %(expected)s m³."),
            "V10": extreme,
            "V11": self.env._("Low use: %(use)s m³, expected %(expected)s m³."),
            "V12": self.env._("No use, periods in a row: %(periods)s."),
            "V13": self.env._("Use of %(use)s m³ although no contract is in force."),
            "V14": self.env._(
                "Use of %(use)s m³ is about %(factor)s times the expected %(expected)s m³: is the unit right?"
            ),
            "V16": exchange,
            "V20": self.env._(
                "Estimated for the %(periods)s. time in a row: somebody has to read the meter."
            ),
            "V21": self.env._("An earlier reading of this meter waits with an error."),
            "V22": self.env._("The main meter measured %(use)s m³, the meters behind it %(behind)s m³."),
        }

    @api.model
    def _pack_params(self, params):
        """Facts of the domain as JSON: Decimal → m³ text, date → ISO, others as they are."""

        def pack(value):
            if isinstance(value, Decimal):
                return {"m3": str(value)}
            if isinstance(value, date):
                return {"day": value.isoformat()}
            return value

        return {name: pack(value) for name, value in params.items()}
