from decimal import ROUND_HALF_UP

from odoo import models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from .numbers import MONEY, to_decimal


class PwikTariff(models.Model):
    """The tariff as it is published: a table per component, net and gross, the price columns of the decision side by side."""

    _inherit = "pwik.tariff"

    def _get_report_name(self):
        return self.env._("Tariff %s", self.name)

    def _pwik_prepare_print(self, report, data):
        """Values of the document, in the user's language; see ``ir.actions.report._pwik_prepare_document``."""
        self.ensure_one()
        columns = self._get_price_columns()
        first, last = columns[:1], columns[-1:]
        in_force = [(self.env._("Valid"), self._format_days(first.date_from, last.date_to))]
        if last.prolonged_until:
            in_force.append((self.env._("Applied until"), format_date(self.env, last.prolonged_until)))
        return {
            "title": self.env._("Tariff"),
            "heading": self.env._("Tariff for collective water supply and sewage discharge"),
            "facts": [
                [
                    (self.env._("Decision"), self.decision_number or ""),
                    (self.env._("Approved by"), self.approved_by or ""),
                ],
                in_force,
            ],
            "periods": [self._format_days(column.date_from, column.date_to) for column in columns],
            "blocks": [
                self._prepare_print_block(block, len(columns)) for block in self._get_published_rates()
            ],
            "notes": [column.note for column in columns if column.note],
        }

    def _format_days(self, first, last):
        return f"{format_date(self.env, first)}–{format_date(self.env, last)}"

    def _prepare_print_block(self, block, count):
        kinds = block["component"] == "subscription"
        texts = ("group", "municipality", "kind") if kinds else ("group", "municipality")
        return {
            "name": block["name"],
            "heads": [
                self.env._("Tariff group"),
                self.env._("Municipality"),
                *([self.env._("Kind and cycle")] if kinds else []),
                *[block["unit_net"], block["unit_gross"]] * count,
            ],
            "rows": [
                {"texts": [rate[name] for name in texts], "prices": rate["prices"]} for rate in block["rates"]
            ],
        }

    def _get_price_columns(self):
        """The tariffs that one decision approved, by their days: a decision has up to three price columns.

        A draft stands beside other drafts too; what was withdrawn as wrong, only alone.
        """
        self.ensure_one()
        if self.state == "replaced":
            return self
        left_out = ["replaced"] if self.state == "draft" else ["replaced", "draft"]
        return self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("decision_number", "=", self.decision_number),
                ("state", "not in", left_out),
            ],
            order="date_from",
        )

    def _get_published_rates(self):
        """:return: list of ``{"component", "name", "unit_net", "unit_gross", "rates": [{"group", …, "prices"}]}``; ``prices``
        are a pair (net, gross) for each of :meth:`_get_price_columns`, of empty texts where the tariff has no such rate
        """
        self.ensure_one()
        columns = self._get_price_columns()
        labels = dict(columns.rate_ids._fields["component"]._description_selection(self.env))
        blocks = []
        for component, name in labels.items():
            rows = self._prepare_published_rows(columns, component)
            if not rows:
                continue
            unit = self.env._("period") if component == "subscription" else "m³"
            blocks.append(
                {
                    "component": component,
                    "name": name,
                    "unit_net": self.env._("Net [zł/%s]", unit),
                    "unit_gross": self.env._("Gross [zł/%s]", unit),
                    "rates": rows,
                }
            )
        return blocks

    def _prepare_published_rows(self, columns, component):
        """A row for each kind of customer that one of the ``columns`` has a price for."""
        rows = {}
        for index, tariff in enumerate(columns):
            for rate in tariff.rate_ids.filtered(lambda one: one.component == component):
                key = rate.tariff_group_id, rate.municipality_id, rate.subscription_kind, rate.billing_cycle
                if key not in rows:
                    rows[key] = {**self._prepare_published_rate(rate), "prices": [("", "")] * len(columns)}
                rows[key]["prices"][index] = self._format_published_price(rate)
        return list(rows.values())

    def _prepare_published_rate(self, rate):
        kinds = dict(rate._fields["subscription_kind"]._description_selection(self.env))
        cycles = dict(rate._fields["billing_cycle"]._description_selection(self.env))
        return {
            "group": rate.tariff_group_id.name or self.env._("all groups"),
            "municipality": rate.municipality_id.name or self.env._("all municipalities"),
            "kind": f"{kinds.get(rate.subscription_kind, '')}, {cycles.get(rate.billing_cycle, '').lower()}",
        }

    def _format_published_price(self, rate):
        net = to_decimal(rate.price, MONEY)
        vat = to_decimal(self.company_id.pwik_billing_tax_id.amount, MONEY)
        gross = (net * (100 + vat) / 100).quantize(MONEY, ROUND_HALF_UP)
        return tuple(formatLang(self.env, float(price), digits=2) for price in (net, gross))
