from odoo import api, fields, models
from odoo.addons.pwik_meters.models.pwik_contract import CYCLES
from odoo.exceptions import UserError

COMPONENTS = [("water", "Water"), ("sewage", "Sewage"), ("subscription", "Subscription charge")]
SUBSCRIPTION_KINDS = [
    ("main", "Main meter"),
    ("unit", "Unit meter"),
    ("deduction", "Additional meter"),
    ("unmetered", "Without a meter"),
]


class PwikTariffRate(models.Model):
    """A net price: per m³ for water and sewage, per period (by cycle) for the subscription."""

    _name = "pwik.tariff.rate"
    _description = "Tariff rate"
    _order = "tariff_id, component, tariff_group_id, municipality_id, subscription_kind, billing_cycle"
    _rec_name = "component"

    tariff_id = fields.Many2one("pwik.tariff", "Tariff", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="tariff_id.company_id", store=True)
    component = fields.Selection(COMPONENTS, required=True, default="water")
    subscription_kind = fields.Selection(SUBSCRIPTION_KINDS, "Kind of subscription")
    billing_cycle = fields.Selection(
        CYCLES, "Cycle", help="Subscription only: the period that the price is for."
    )
    tariff_group_id = fields.Many2one(
        "pwik.tariff.group", "Tariff group", ondelete="restrict", help="Empty: all groups."
    )
    municipality_id = fields.Many2one(
        "pwik.municipality",
        "Municipality",
        ondelete="restrict",
        help="Empty: all municipalities.",
    )
    price = fields.Float("Net price", digits=(12, 2), required=True)

    _key_unique = models.UniqueIndex(
        "(tariff_id, component, COALESCE(subscription_kind, ''), COALESCE(billing_cycle, ''),"
        " COALESCE(tariff_group_id, 0), COALESCE(municipality_id, 0))",
        "The tariff has this rate already.",
    )
    _subscription_terms = models.Constraint(
        "CHECK((component = 'subscription') = (subscription_kind IS NOT NULL AND billing_cycle IS NOT NULL)"
        " AND (component = 'subscription' OR (subscription_kind IS NULL AND billing_cycle IS NULL)))",
        "A subscription rate needs its kind and cycle; a rate per m³ has neither.",
    )
    _price_positive = models.Constraint("CHECK(price >= 0)", "A price cannot be negative.")

    def _check_tariff_draft(self, tariffs):
        if any(tariff.state != "draft" for tariff in tariffs):
            raise UserError(self.env._("The rates of a tariff in force are not changed."))

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create(vals_list)
        rates._check_tariff_draft(rates.tariff_id)
        return rates

    def write(self, vals):
        self._check_tariff_draft(self.tariff_id)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_of_draft(self):
        self._check_tariff_draft(self.tariff_id)
