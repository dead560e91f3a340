from decimal import ROUND_HALF_UP

from odoo import models
from odoo.tools.misc import formatLang

from .numbers import MONEY, to_decimal


class PwikTariff(models.Model):
    """The tariff as it is published: a table per component, net and gross."""

    _inherit = "pwik.tariff"

    def _get_report_name(self):
        return self.env._("Tariff %s", self.name)

    def _get_published_rates(self):
        """:return: list of ``{"component", "name", "unit_net", "unit_gross", "rates": [{"group", …}]}``"""
        self.ensure_one()
        labels = dict(self.rate_ids._fields["component"]._description_selection(self.env))
        blocks = []
        for component, name in labels.items():
            rates = self.rate_ids.filtered(lambda rate, wanted=component: rate.component == wanted)
            if not rates:
                continue
            unit = self.env._("period") if component == "subscription" else "m³"
            blocks.append(
                {
                    "component": component,
                    "name": name,
                    "unit_net": self.env._("Net [zł/%s]", unit),
                    "unit_gross": self.env._("Gross [zł/%s]", unit),
                    "rates": [self._prepare_published_rate(rate) for rate in rates],
                }
            )
        return blocks

    def _prepare_published_rate(self, rate):
        net = to_decimal(rate.price, MONEY)
        vat = to_decimal(self.company_id.pwik_billing_tax_id.amount, MONEY)
        gross = (net * (100 + vat) / 100).quantize(MONEY, ROUND_HALF_UP)
        kinds = dict(rate._fields["subscription_kind"]._description_selection(self.env))
        cycles = dict(rate._fields["billing_cycle"]._description_selection(self.env))
        return {
            "group": rate.tariff_group_id.name or self.env._("all groups"),
            "municipality": rate.municipality_id.name or self.env._("all municipalities"),
            "kind": f"{kinds.get(rate.subscription_kind, '')}, {cycles.get(rate.billing_cycle, '').lower()}",
            "net": formatLang(self.env, float(net), digits=2),
            "gross": formatLang(self.env, float(gross), digits=2),
        }
