"""What the invoice document prints: values ready for the template, which only lays them out."""

from dataclasses import dataclass

from odoo import fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from .res_partner import group_account

CHART_WIDTH = 83.0  # mm
BARS = 13  # periods in the chart: a year of months and the same month before


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the consumption chart, in mm."""

    x: float
    width: float
    height: float
    label: str
    value: str
    estimated: bool
    current: bool


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_pwik_title(self):
        """What kind of document this is, as its heading says."""
        self.ensure_one()
        if self.state == "draft":
            return self.env._("Draft invoice")
        if self.state == "cancel":
            return self.env._("Cancelled invoice %s", self.name)
        if self.pwik_is_correction:
            return self.env._("Correcting invoice %s", self.name)
        return self.env._("Invoice %s", self.name)

    def _get_pwik_lang(self):
        """Language of the document: the buyer's, else Polish where it is installed."""
        return (
            self.partner_id.lang
            or (self.env["res.lang"]._get_data(code="pl_PL") and "pl_PL")
            or self.env.lang
        )

    def _get_pwik_account_number(self):
        """Account to pay to, in groups of four after the check digits; the company's own where none is given."""
        self.ensure_one()
        number = self.partner_id.pwik_payment_account or self.partner_bank_id.acc_number or ""
        return group_account(number)

    def _get_pwik_point_texts(self):
        """Addresses of the points that the settlement bills."""
        points = (
            self.pwik_settlement_id.measure_ids.service_point_id
            | self.pwik_settlement_id.line_ids.service_point_id
        )
        return [f"{point.street}, {point.zip or ''} {point.city}" for point in points]

    def _get_pwik_balance_before(self):
        """What the buyer's account held before this invoice: above zero he owed, below zero he had overpaid."""
        self.ensure_one()
        lines = self.env["account.move.line"].sudo()
        total = lines._read_group(
            [
                ("partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                "|",
                ("date", "<", self.date),
                "&",
                ("date", "=", self.date),
                ("move_id", "<", self.id),
            ],
            [],
            ["balance:sum"],
        )[0][0]
        return self.currency_id.round(total or 0.0)

    def _get_pwik_use_billed_before(self):
        """Why readings with a use lead to no line for water: an estimate took it already. :return: text, or False

        Where a line is left, the line itself says what was billed before.
        """
        self.ensure_one()
        settlement = self.pwik_settlement_id
        if settlement.kind == "correction" or settlement.water_m3 or settlement.sewage_m3:
            return False
        start = fields.Date.subtract(settlement.period_from, days=1)
        used = settlement.measure_ids.filtered(
            lambda one: one.meter_kind in ("main", "unit") and one.date_from < start and one.quantity > 0
        )
        if not used:
            return False
        return self.env._(
            "The %s m³ by these readings are already billed: by the estimate for the period before, as it was corrected.",
            settlement._format_m3(sum(used.mapped("quantity"))),
        )

    def _get_pwik_vat_rows(self):
        """Sums per VAT rate, as Odoo computed them on the posted move."""
        self.ensure_one()
        sign = -1 if self.move_type == "out_refund" else 1
        tax = self.line_ids.tax_line_id[:1] or self.invoice_line_ids.tax_ids[:1]
        return [
            {
                "rate": f"{tax.amount:g}%",
                "net": sign * self.amount_untaxed,
                "vat": sign * self.amount_tax,
                "gross": sign * self.amount_total,
            }
        ]

    def _get_pwik_tariff_texts(self):
        tariffs = self.pwik_settlement_id.line_ids.tariff_id.sorted("date_from")
        return [
            self.env._(
                "%(name)s: decision %(decision)s, in force %(start)s – %(end)s",
                name=tariff.name,
                decision=tariff.decision_number,
                start=format_date(self.env, tariff.date_from),
                end=format_date(self.env, tariff.effective_to),
            )
            for tariff in tariffs
        ]

    def _get_pwik_price_changes(self):
        """What the tariff changed since the period billed before, net: texts such as “Woda: 4,76 → 5,06 zł/m³”.

        On both sides the price of the last days counts; prices that change within the period stand on its lines besides.
        """
        self.ensure_one()
        settlement = self.pwik_settlement_id
        before = settlement._get_before()
        old = before._get_last_lines()
        return [
            self.env._(
                "%(what)s: %(old)s → %(new)s zł/%(unit)s",
                what=line._get_service(),
                old=self._format_pwik_money(old[key].price),
                new=self._format_pwik_money(line.price),
                unit=line._get_unit(),
            )
            for key, line in settlement._get_last_lines().items()
            if key in old and old[key].tariff_id != line.tariff_id and old[key].price != line.price
        ]

    def _get_pwik_bars(self, width=CHART_WIDTH, height=15.0):
        """Consumption of the last settled periods up to this one, oldest first, as :class:`Bar`."""
        self.ensure_one()
        settlements = (
            self.env["pwik.settlement"]
            .sudo()
            .search(
                [
                    ("contract_id", "=", self.pwik_contract_id.id),
                    ("period_to", "<=", self.pwik_period_to),
                    ("kind", "!=", "correction"),
                    ("state", "!=", "draft"),
                ],
                order="period_to desc",
                limit=BARS,
            )
            .sorted("period_to")
        )
        amounts = [s.water_m3 + sum(s.correction_ids.mapped("water_m3")) for s in settlements]
        highest = max(amounts, default=0.0)
        if len(amounts) < 2 or highest <= 0:
            return []
        slot = width / max(len(amounts), 6)
        return [
            Bar(
                x=index * slot + slot * 0.2,
                width=slot * 0.6,
                height=max(height * amount / highest, 0.3),
                label=format_date(self.env, settlement.period_to, date_format="MM.yy"),
                value=settlement._format_m3(amount),
                estimated=settlement.method == "estimate",
                current=settlement.period_to == self.pwik_period_to,
            )
            for index, (settlement, amount) in enumerate(zip(settlements, amounts, strict=True))
        ]

    def _format_pwik_money(self, amount):
        return formatLang(self.env, amount, digits=2)

    # ------------------------------------------------------------------ names and files

    def _get_report_base_filename(self):
        if not self.pwik_settlement_id or self.state != "posted":
            return super()._get_report_base_filename()
        prefix = self.env._("Correction") if self.pwik_is_correction else self.env._("Invoice")
        return f"{prefix}_{self.name.replace('/', '_')}"

    def _get_invoice_report_filename(self, extension="pdf", report=None):
        if not self.pwik_settlement_id or self.state != "posted":
            return super()._get_invoice_report_filename(extension=extension, report=report)
        return f"{self._get_report_base_filename()}.{extension}"

    def _get_invoice_proforma_pdf_report_filename(self):
        if not self.pwik_settlement_id or self.state != "posted":
            return super()._get_invoice_proforma_pdf_report_filename()
        return self._get_invoice_report_filename()

    def action_print_pdf(self):
        """Print the document; for a settlement's invoice always ours, also where Odoo would offer a wizard."""
        if len(self) == 1 and self.pwik_settlement_id:
            return self.env.ref("pwik_billing.report_invoice_action").report_action(self)
        return super().action_print_pdf()
