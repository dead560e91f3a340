"""The lines that Odoo adds to an invoice (its tax, the amount to pay), made before the invoice is stored.

Odoo finds them out after storing, invoice by invoice, from what differs before and after, and writes each line once more. Here
they come from the same functions of its tax engine, and all invoices of a packet are stored whole. ``test_complete_lines``
compares every field with what Odoo itself makes of the same values.
"""

from odoo.fields import Command
from odoo.tools import float_round

from .numbers import MONEY, to_decimal
from .settlement_issue import ROUNDING

#: Context in which Odoo takes the lines as they are given; none has an analytic distribution, see ``is_possible``.
GIVEN = {"skip_invoice_sync": True, "skip_analytic_sync": True, "pwik_no_distribution": True}


class LineCompleter:
    """Completes values of invoices of one company, in its own currency with the tax that each line names.

    :param company: ``res.company``
    """

    def __init__(self, company):
        self.env = company.env
        self.company = company
        self.currency = company.currency_id
        self.taxes = self.env["account.tax"]
        fields = self.env["account.move.line"]._fields
        digits = {name: fields[name].get_digits(self.env) for name in ("quantity", "price_unit")}
        self.digits = {name: found[1] for name, found in digits.items() if found}

    def is_possible(self, taxes=None):
        """Whether nothing is in use that Odoo only knows about once a line is stored: analytic distribution, cash basis.

        :param taxes: ``account.tax`` of the lines; the company's for water where not given
        """
        models = self.env["account.analytic.distribution.model"].sudo()
        domain = [("company_id", "in", (False, *self.company.parent_ids.ids))]
        exigible = (taxes or self.company.pwik_billing_tax_id).mapped("tax_exigibility")
        return set(exigible) == {"on_invoice"} and not models.search_count(domain, limit=1)

    def complete(self, values, vat):
        """The same values with every line given.

        :param dict values: of an ``account.move`` whose ``invoice_line_ids`` create products' lines with account and tax
        :param Decimal vat: tax of the settlement, zł, never negative; see :meth:`_align`
        """
        bases = [self._prepare_base(values, line) for _command, _id, line in values["invoice_line_ids"]]
        self.taxes._add_tax_details_in_base_lines(bases, self.company)
        self.taxes._round_base_lines_tax_details(bases, self.company)
        self.taxes._add_accounting_data_in_base_lines_tax_details(bases, self.company)
        found = self.taxes._prepare_tax_lines(bases, self.company)
        products = [{**base["record"], **amounts} for base, amounts in found["base_lines_to_update"]]
        taxes = [{**line, "display_type": "tax"} for line in found["tax_lines_to_add"]]
        self._align(taxes, vat)
        lines = products + taxes
        if products:
            lines.append(self._prepare_term(values, lines))
        completed = {name: value for name, value in values.items() if name != "invoice_line_ids"}
        return {**completed, "line_ids": [Command.create(line) for line in lines]}

    def _get_partner(self, values):
        """Whose debt it is in the ledger: the company that the invoice's contact belongs to, or himself."""
        return self.env["res.partner"].browse(values["partner_id"]).commercial_partner_id

    def _prepare_base(self, values, line):
        """A line in the form in which the tax engine takes it, with numbers as they are going to be stored."""
        partner = self._get_partner(values)
        line = {
            **line,
            "display_type": "product",
            "partner_id": partner.id,
            "currency_id": self.currency.id,
            **{
                name: float_round(line[name], precision_digits=digits) for name, digits in self.digits.items()
            },
        }
        return self.taxes._prepare_base_line_for_taxes_computation(
            line,
            product_id=self.env["product.product"].browse(line["product_id"]),
            product_uom_id=self.env["uom.uom"].browse(line["product_uom_id"]),
            account_id=self.env["account.account"].browse(line["account_id"]),
            tax_ids=self.taxes.browse(line["tax_ids"][0][2]),
            currency_id=self.currency,
            partner_id=partner,
            sign=1 if values["move_type"] == "out_refund" else -1,
            is_refund=values["move_type"] == "out_refund",
            name=line["name"],
            pwik_settlement_line=True,
        )

    def _align(self, taxes, vat):
        """Put the tax of the sum of the rounded nets on the tax line, where Odoo's own is off by the rounding of lines.

        It is, by a grosz, where quantities have three decimals: the act wants the tax of that sum (art. 106e), and an
        accountant would put it right on the draft. More than that is no rounding: ``verify`` refuses it.
        """
        if len(taxes) != 1:
            return
        (tax,) = taxes
        odoos = to_decimal(tax["balance"], MONEY)
        if 0 < abs(vat - abs(odoos)) <= ROUNDING:
            tax["balance"] = tax["amount_currency"] = float(vat.copy_sign(odoos))

    def _prepare_term(self, values, lines):
        """The line of what the customer owes, due on the day that the invoice names."""
        owed = {
            name: float_round(-sum(line[name] for line in lines), precision_rounding=self.currency.rounding)
            for name in ("balance", "amount_currency")
        }
        return {
            **owed,
            "display_type": "payment_term",
            "partner_id": self._get_partner(values).id,
            "currency_id": self.currency.id,
            "date_maturity": values["invoice_date_due"],
            "discount_date": False,
            "discount_balance": 0.0,
            "discount_amount_currency": 0.0,
        }
