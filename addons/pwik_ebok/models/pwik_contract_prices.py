from dataclasses import dataclass

from odoo import fields, models
from odoo.addons.pwik_billing.domain.money import half_up
from odoo.addons.pwik_billing.models.numbers import MONEY, to_decimal


@dataclass(frozen=True, slots=True)
class Price:
    """A line of the prices in force: amounts in zł, per m³ or per period of settlement."""

    title: str
    unit: str
    net: float
    gross: float


class PwikContract(models.Model):
    _inherit = "pwik.contract"

    def _get_ebok_prices(self):
        """Prices in force today for this contract, which was found with the user's own rights.

        :return: ``{"tariff": pwik.tariff (sudo), "vat": percent, "groups": [names], "prices": [Price]}``; empty where no
            tariff is in force, or where the contract's points lie in municipalities with different prices
        """
        self.ensure_one()
        contract = (
            self.sudo()
        )  # tariffs are public by law (act of 7 June 2001, art. 24e); the contract is the user's own
        found = contract._get_price_versions(fields.Date.context_today(self))
        if not found:
            return {}
        tariff, version = found
        vat = to_decimal(contract.company_id.pwik_billing_tax_id.amount, MONEY)
        groups = contract.tariff_group_water_id, contract.tariff_group_sewage_id
        services = [contract.service_water, contract.service_sewage]
        return {
            "tariff": tariff,
            "vat": float(vat),
            "groups": [
                group.name for group, service in zip(groups, services, strict=True) if group and service
            ],
            "prices": [
                Price(title, unit, float(net), float(half_up(net * (100 + vat) / 100, MONEY)))
                for title, unit, net in contract._get_price_lines(version)
            ],
        }

    def _get_price_versions(self, day):
        """The tariff of `day` and its prices for this contract: ``(pwik.tariff, TariffVersion)`` or None."""
        book = self.env["pwik.tariff"]._get_price_book(self.company_id, day)
        groups = (self.tariff_group_water_id.id or None, self.tariff_group_sewage_id.id or None)
        found = None
        for place in self.point_ids.municipality_id:
            versions = zip(book.tariffs, book.resolve(*groups, place.id), strict=True)
            current = next((one for one in versions if one[1].date_from <= day <= one[1].date_to), None)
            if not current or (found and found[1] != current[1]):
                return None
            found = current
        return found

    def _get_price_lines(self, version):
        """``(title, unit, net price)`` of what this contract is charged for."""
        labels = dict(self.env["pwik.tariff.rate"]._fields["component"]._description_selection(self.env))
        for component in ("water", "sewage"):
            if self[f"service_{component}"] and component in version.prices:
                yield labels[component], "m³", version.prices[component]
        kinds = dict(
            self.env["pwik.tariff.rate"]._fields["subscription_kind"]._description_selection(self.env)
        )
        for kind in self._get_subscription_kinds():
            price = version.subscription.get(kind, {}).get(self.billing_cycle)
            if price is not None:
                unit = dict(self._fields["billing_cycle"]._description_selection(self.env))
                yield (
                    f"{labels['subscription']}: {kinds[kind].lower()}",
                    unit[self.billing_cycle].lower(),
                    price,
                )

    def _get_subscription_kinds(self):
        """Kinds of subscription that the contract's meters bring about, or the one without a meter."""
        if self.billing_method == "lump_sum":
            return ["unmetered"]
        present = set(
            self.point_ids.installation_ids.filtered(lambda one: not one.date_to).mapped("meter_kind")
        )
        return [kind for kind in ("main", "unit", "deduction") if kind in present]
