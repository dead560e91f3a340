from dataclasses import dataclass
from decimal import Decimal

from odoo import fields, models
from odoo.addons.pwik_billing.domain import DomainError, Period, Policy
from odoo.addons.pwik_billing.domain.simulation import Question, simulate
from odoo.addons.pwik_billing.models.numbers import MONEY, VOLUME, to_decimal

from ..domain.periods import period_end, period_start

COMPONENTS = ("water", "sewage", "subscription")


@dataclass(frozen=True, slots=True)
class Share:
    """What one component of the bill would cost, net, in zł; ``m3`` is None for the subscription."""

    title: str
    m3: float | None
    net: float


class PwikContract(models.Model):
    _inherit = "pwik.contract"

    def _get_ebok_simulation(self, m3):
        """What `m3` of water in the present period of settlement would cost, by the tariff in force.

        The contract was found with the user's own rights. The same engine settles the real bill.

        :param Decimal m3: use of water, not negative
        :return: ``{"period": Period, "shares": [Share], "net", "vat", "gross", "vat_rate"}`` in zł, or None where no bill
            can be foreseen: no tariff or no rate, points with different prices, a lump sum
        """
        self.ensure_one()
        contract = self.sudo()  # tariffs are public by law; the contract is the user's own
        company = contract.company_id
        if contract.billing_method == "lump_sum":
            return None
        found = contract._get_price_versions(fields.Date.context_today(self))
        if not found:
            return None
        today = fields.Date.context_today(self)
        period = Period(period_start(today, self.billing_cycle), period_end(today, self.billing_cycle))
        vat_rate = to_decimal(company.pwik_billing_tax_id.amount, MONEY)
        services = frozenset(name for name in ("water", "sewage") if contract[f"service_{name}"])
        question = Question(period, m3, services=services, cycle=self.billing_cycle, vat_rate=vat_rate)
        policy = Policy(
            quantity=company.pwik_quantity_policy,
            subscription_per=company.pwik_subscription_per,
            subscription_time=company.pwik_subscription_time,
        )
        # One tariff for the whole period: what will be in force at its end is not known yet.
        version = contract._prepare_simulated_tariff(found[1], period)
        try:
            document = simulate(question, (version,), policy)
        except DomainError:
            return None
        if not document:
            return None
        labels = dict(self.env["pwik.tariff.rate"]._fields["component"]._description_selection(self.env))
        shares = []
        for component in COMPONENTS:
            lines = [line for line in document.lines if line.component == component]
            if lines:
                used = None if component == "subscription" else float(sum(line.quantity for line in lines))
                shares.append(Share(labels[component], used, float(sum(line.net for line in lines))))
        return {
            "period": period,
            "shares": shares,
            "net": float(document.net),
            "vat": float(document.vat),
            "gross": float(document.gross),
            "vat_rate": float(vat_rate),
            "tariff": found[0].name,
        }

    def _prepare_simulated_tariff(self, version, period):
        """The present tariff, stretched over the whole period of the question."""
        return type(version)(
            version.id, period.date_from, period.date_to, version.prices, version.subscription
        )

    def _get_ebok_base_reading(self):
        """The accepted reading of the main meter from which the next bill counts, if the signed-in user knows it.

        Readings that an invoice rests on end a period; without an invoice the oldest reading of the contract counts.
        """
        self.ensure_one()
        readings = self.env["pwik.reading"].search(
            [
                ("contract_id", "=", self.id),
                ("state", "=", "accepted"),
                ("superseded", "=", False),
                ("meter_id.meter_kind", "=", "main"),
            ],
            order="moment desc, id desc",
            limit=400,
        )
        present = readings[:1].meter_id
        billed = self.sudo()._get_billed_until()
        for reading in readings.filtered(lambda one: one.meter_id == present):
            if billed and reading.date <= billed:
                return reading
        return readings.filtered(lambda one: one.meter_id == present)[-1:] if not billed else readings[:0]

    def _get_used_since(self, value, base):
        """m³ from the base reading up to `value`, a register over its end included.

        :param Decimal value: what the meter shows
        :return: Decimal, or None where the value lies below the last reading
        """
        used = value - to_decimal(base.value, VOLUME)
        return used if used >= Decimal(0) else None
