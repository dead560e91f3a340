from odoo import api, fields, models

from .pwik_tariff_rate import COMPONENTS, SUBSCRIPTION_KINDS

METHODS = [("reading", "Reading"), ("estimate", "Estimate"), ("average", "Average"), ("lump_sum", "Lump sum")]


class PwikSettlementLine(models.Model):
    """One line of a settlement, as the engine computed it. A correction's lines are signed differences."""

    _name = "pwik.settlement.line"
    _description = "Settlement line"
    _order = "settlement_id, sequence, id"
    _rec_name = "how"

    settlement_id = fields.Many2one(
        "pwik.settlement", "Settlement", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", "Company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer()
    component = fields.Selection(COMPONENTS, required=True)
    subscription_kind = fields.Selection(SUBSCRIPTION_KINDS)
    service_point_id = fields.Many2one("pwik.service.point", "Service point", ondelete="restrict")
    tariff_id = fields.Many2one("pwik.tariff", "Tariff", ondelete="restrict")
    quantity = fields.Float(digits=(16, 3), required=True)
    price = fields.Float("Net price", digits=(12, 2), required=True)
    net = fields.Monetary(required=True, aggregator="sum")
    date_from = fields.Date("From")
    date_to = fields.Date("To")
    days = fields.Integer()
    method = fields.Selection(METHODS)
    how = fields.Char("How it came about", help="Printed on the invoice.")
    rule = fields.Char(help="Rule of billing that applied.")
    contract_id = fields.Many2one(related="settlement_id.contract_id")
    move_id = fields.Many2one(related="settlement_id.move_id")
    month_m3 = fields.Float(
        "Of it in the month [m³]",
        digits=(16, 3),
        compute="_compute_month_m3",
        help="Share by days, as the water balance counts it.",
    )

    @api.depends("quantity", "date_from", "date_to", "settlement_id.period_from", "settlement_id.period_to")
    @api.depends_context("pwik_month")
    def _compute_month_m3(self):
        """The share of the month that starts on ``pwik_month`` of the context; 0 without one."""
        start = fields.Date.to_date(self.env.context.get("pwik_month"))
        for line in self:
            line.month_m3 = (
                line._get_share(start, fields.Date.add(start, months=1, days=-1)) if start else 0.0
            )

    def _get_share(self, date_from, date_to):
        """m³ of the line that fall between two days (both included), by days."""
        self.ensure_one()
        first = self.date_from or self.settlement_id.period_from
        last = self.date_to or self.settlement_id.period_to
        days = (min(last, date_to) - max(first, date_from)).days + 1
        return self.quantity * max(days, 0) / ((last - first).days + 1)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.settlement_id._check_not_frozen()
        return lines

    def write(self, vals):
        self.settlement_id._check_not_frozen()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self.settlement_id._check_not_frozen()

    def _prepare_invoice_line(self, sign=1):
        """Values of the invoice line; a refund (``sign`` -1) carries positive quantities."""
        self.ensure_one()
        company = self.company_id
        tax = self.settlement_id.tax_id or company.pwik_billing_tax_id
        product = company._pwik_get_billing_product(self.component)
        account = product.product_tmpl_id.get_product_accounts()["income"] or company.income_account_id
        return {
            "name": self._get_invoice_text(),
            "product_id": product.id,
            "product_uom_id": product.uom_id.id,
            "account_id": account.id,
            "quantity": sign * self.quantity,
            "price_unit": self.price,
            "tax_ids": [fields.Command.set(tax.ids)],
        }

    def action_open_settlement(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "pwik.settlement",
            "res_id": self.settlement_id.id,
            "view_mode": "form",
        }

    def _get_title(self):
        """What the line is for, as the invoice calls it: service and tariff, or the kind of subscription."""
        self.ensure_one()
        if self.component == "subscription" or not self.tariff_id:
            return self._get_service()
        return self.env._(
            "%(service)s, tariff %(tariff)s", service=self._get_service(), tariff=self.tariff_id.name
        )

    def _get_service(self):
        """The service, or the kind of subscription, whatever the tariff."""
        if self.component == "subscription":
            kinds = dict(self._fields["subscription_kind"]._description_selection(self.env))
            return self.env._("Subscription charge: %s", kinds[self.subscription_kind].lower())
        return dict(self._fields["component"]._description_selection(self.env))[self.component]

    def _get_price_key(self):
        """Lines with the same key are charged at the same rate of a tariff."""
        if self.component != "subscription":
            return self.component
        first, last = self.settlement_id.period_from, self.settlement_id.period_to
        months = (last.year - first.year) * 12 + last.month - first.month
        return self.component, self.subscription_kind, months

    def _get_unit(self):
        return self.env._("period") if self.component == "subscription" else "m³"

    def _get_invoice_text(self):
        """Name of the invoice line: what it is for and how it came about."""
        return f"{self._get_title()}. {self.how}" if self.how else self._get_title()
