from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..domain.validation import DEFAULTS, Limits
from .pwik_meter import METER_KINDS


class PwikValidationLimit(models.Model):
    """Threshold of a validation rule: data with dates, for all kinds of meters or one, so that a change is no release.

    The narrower record wins: company and kind of meter, then company, then kind, then general. What no record gives
    is the default of the rule.
    """

    _name = "pwik.validation.limit"
    _description = "Validation threshold"
    _inherit = ["mail.thread"]
    _order = "rule_code, parameter, meter_kind, date_from"
    _rec_names_search = ["rule_code", "parameter"]

    rule_code = fields.Char("Rule", required=True, tracking=True)
    parameter = fields.Char(required=True, tracking=True)
    description = fields.Char(translate=True)
    value = fields.Float(digits=(16, 4), required=True, tracking=True)
    meter_kind = fields.Selection(METER_KINDS, "Kind of meter", help="Empty: all kinds.", tracking=True)
    date_from = fields.Date("From", tracking=True, help="Empty: always.")
    date_to = fields.Date("To", tracking=True, help="Last day, included. Empty: until further notice.")
    company_id = fields.Many2one("res.company", help="Empty: all companies.")
    active = fields.Boolean(default=True, tracking=True)

    _dates_ordered = models.Constraint(
        "CHECK(date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "A threshold cannot end before it begins.",
    )
    _one_at_a_time = models.Constraint(
        "EXCLUDE USING gist (rule_code WITH =, parameter WITH =, (COALESCE(meter_kind, '')) WITH =,"
        " (COALESCE(company_id, 0)) WITH =, daterange(date_from, date_to, '[]') WITH &&) WHERE (active)",
        "There is already a threshold of this rule for that time.",
    )

    @api.depends("rule_code", "parameter")
    def _compute_display_name(self):
        for limit in self:
            limit.display_name = f"{limit.rule_code} {limit.parameter}"

    @api.constrains("rule_code", "parameter")
    def _check_known(self):
        known = self._get_known_limits()
        for limit in self:
            if (limit.rule_code, limit.parameter) not in known:
                raise ValidationError(
                    self.env._(
                        "Rule %(rule)s has no threshold “%(parameter)s”.",
                        rule=limit.rule_code,
                        parameter=limit.parameter,
                    )
                )

    @api.model
    def _get_known_limits(self):
        """Pairs (rule, parameter) that mean something; addons with rules of their own add theirs."""
        return set(DEFAULTS)

    @api.model
    def _get_table(self, company):
        """All thresholds that may concern ``company``, in one query.

        :return: function ``(meter_kind, day) -> Limits``
        """
        records = self.sudo().search([("company_id", "in", [False, company.id])])
        rows = sorted(
            ((bool(r.company_id), bool(r.meter_kind), r) for r in records),
            key=lambda row: (row[0], row[1], row[2].id),
        )
        cache = {}

        def limits(meter_kind, day):
            found = cache.get((meter_kind, day))
            if found is None:
                # Wide ones first, so that a narrower one replaces them.
                found = cache[meter_kind, day] = Limits(
                    {
                        (r.rule_code, r.parameter): Decimal(str(round(r.value, 4)))
                        for _company, _kind, r in rows
                        if (not r.meter_kind or r.meter_kind == meter_kind)
                        and (not r.date_from or r.date_from <= day)
                        and (not r.date_to or r.date_to >= day)
                    }
                )
            return found

        return limits
