"""The invoice as a document: all that its template (``report/invoice.typ``) prints, as texts in the reader's language."""

from dataclasses import asdict

from odoo import models
from odoo.addons.pwik_meters.tools.typeset import strong
from odoo.tools import format_date

from .account_move_document import CHART_WIDTH


class AccountMove(models.Model):
    _inherit = "account.move"

    def _pwik_prepare_print(self, report, data):
        """Values of the document; see ``ir.actions.report._pwik_prepare_document``. Later addons add to them."""
        self.ensure_one()
        lang = self._get_pwik_lang()
        return {"lang": lang, **self.with_context(lang=lang)._pwik_prepare_invoice()}

    def _pwik_prepare_invoice(self):
        return {
            "title": self._get_pwik_title(),
            "issued": self._pwik_prepare_issued(),
            "seller": self._pwik_prepare_seller(),
            "buyers": self._pwik_prepare_buyers(),
            "payment": self._pwik_prepare_payment(),
            "facts": self._pwik_prepare_facts(),
            "readings": self._pwik_prepare_readings(),
            "lines": self._pwik_prepare_differences()
            if self.pwik_is_correction
            else self._pwik_prepare_lines(),
            "sums": self._pwik_prepare_sums(),
            "chart": self._pwik_prepare_chart(),
            "codes": None,
            "notes": self._pwik_prepare_notes(),
        }

    def _pwik_format_day(self, day):
        return format_date(self.env, day)

    # ------------------------------------------------------------------ head

    def _pwik_prepare_issued(self):
        period = (
            f"{self._pwik_format_day(self.pwik_period_from)}–{self._pwik_format_day(self.pwik_period_to)}"
        )
        parts = [
            self.env._("Issued %s", strong(self._pwik_format_day(self.invoice_date))),
            self.env._("for the period %s", strong(period)),
        ]
        corrected = self.pwik_settlement_id.corrects_id.move_id
        if self.pwik_is_correction and corrected:
            parts.append(
                self.env._(
                    "corrects %(invoice)s of %(day)s",
                    invoice=strong(corrected.name),
                    day=self._pwik_format_day(corrected.invoice_date),
                )
            )
            if earlier := self._get_pwik_earlier_corrections():
                parts.append(self.env._("as corrected by %s", strong(", ".join(earlier.mapped("name")))))
        return " · ".join(parts)

    def _get_pwik_earlier_corrections(self):
        """Documents that corrected the same invoice before this one, the oldest first: what it says was is their outcome."""
        own = self.pwik_settlement_id
        earlier = own.corrects_id.correction_ids.filtered(lambda one: one.version < own.version)
        return earlier.sorted("version").move_id

    def _pwik_prepare_party(self, label, partner, *more):
        place = " ".join(filter(None, (partner.zip, partner.city)))
        nip = f"NIP {partner.vat.removeprefix('PL')}" if partner.vat else None
        return {
            "label": label,
            "name": partner.name,
            "lines": list(filter(None, (*more, partner.street, place, nip))),
        }

    def _pwik_prepare_seller(self):
        return self._pwik_prepare_party(self.env._("Seller"), self.company_id.partner_id)

    def _pwik_prepare_buyers(self):
        """The buyer, and who gets the water where that is somebody else. :return: list of parties, the buyer first"""
        partner, recipient = self.partner_id, self.pwik_contract_id.partner_id
        company = partner.commercial_company_name
        buyer = self._pwik_prepare_party(
            self.env._("Buyer"), partner, partner.name if company and not partner.is_company else None
        )
        buyers = [{**buyer, "name": company or partner.name}]
        if recipient != partner:
            buyers.append({"label": self.env._("Service recipient"), "name": recipient.name, "lines": []})
        return buyers

    def _pwik_prepare_payment(self):
        """The box with what is to be paid. ``code``: none here, see pwik_einvoice."""
        box = {"account": None, "account_label": self.env._("to the account"), "code": None}
        if self.move_type == "out_refund":
            return {
                **box,
                "label": self.env._("Credited to your account"),
                "amount": self._pwik_format_zloty(self.amount_total),
                "lines": [],
                "notes": [self.env._("The amount lowers what you owe, or is paid back on request.")],
            }
        carried = self._get_pwik_carried()
        settled = self.env._("Settled from your overpayment: %s", self._pwik_format_zloty(carried))
        return {
            **box,
            "label": self.env._("To pay"),
            "amount": self._pwik_format_zloty(self._get_pwik_to_pay()),
            "lines": [
                *([settled] if carried else []),
                self.env._("by %s", strong(self._pwik_format_day(self.invoice_date_due))),
            ],
            "account": self._get_pwik_account_number() or None,
            "notes": [self.env._("Title: %s", self.name)],
        }

    def _pwik_format_zloty(self, amount):
        return f"{self._format_pwik_money(amount)}\xa0zł"

    def _pwik_prepare_facts(self):
        contract, points = self.pwik_contract_id, self._get_pwik_point_texts()
        number = self.partner_id.pwik_customer_number or contract.partner_id.pwik_customer_number
        return [
            (self.env._("Customer number"), number or "–"),
            (self.env._("Contract"), contract.number),
            (
                self.env._("Service point"),
                "; ".join(points) if len(points) < 4 else self.env._("%s, named below", len(points)),
            ),
        ]

    # ------------------------------------------------------------------ readings and lines

    def _pwik_prepare_readings(self):
        settlement = self.pwik_settlement_id
        measures = settlement._get_printed_measures()
        if not measures:
            return None
        several = len(measures.service_point_id) > 1
        return {
            "heading": self.env._("Meter readings"),
            "heads": [
                self.env._("Meter"),
                self.env._("Previous reading"),
                self.env._("Value [m³]"),
                self.env._("Current reading"),
                self.env._("Value [m³]"),
                self.env._("Consumption [m³]"),
            ],
            "rows": [self._pwik_prepare_reading(measure, several) for measure in measures],
            "explained": self._get_pwik_use_billed_before() or None,
        }

    def _pwik_prepare_reading(self, measure, several):
        labels = {
            name: dict(measure._fields[name]._description_selection(self.env))
            for name in ("meter_kind", "source_from", "source_to")
        }
        m3 = self.pwik_settlement_id._format_m3
        return {
            "meter": measure.meter_id.serial,
            "kind": labels["meter_kind"].get(measure.meter_kind, ""),
            "point": measure.service_point_id.street if several else None,
            **{
                side: {
                    "day": self._pwik_format_day(measure[f"date_{side}"]),
                    "source": labels[f"source_{side}"].get(measure[f"source_{side}"], ""),
                    "value": m3(measure[f"value_{side}"]),
                }
                for side in ("from", "to")
            },
            "quantity": m3(measure.quantity),
        }

    def _pwik_prepare_lines(self):
        settlement = self.pwik_settlement_id
        rows, point = [], None
        several = len(settlement.line_ids.service_point_id) > 1
        rate = self._get_pwik_vat_rows()[0]["rate"]
        for number, line in enumerate(settlement.line_ids, 1):
            if several and line.service_point_id != point:
                point = line.service_point_id
                rows.append({"point": point.street if point else self.env._("The whole contract")})
            rows.append({"number": str(number), **self._pwik_prepare_line(line), "vat": rate})
        return {
            "correction": False,
            "heading": self.env._("What you pay for"),
            "heads": [
                self.env._("No."),
                self.env._("Service and how it was computed"),
                self.env._("Quantity"),
                self.env._("Unit"),
                self.env._("Net price [zł]"),
                self.env._("Net [zł]"),
                self.env._("VAT"),
            ],
            "rows": rows,
        }

    def _pwik_prepare_line(self, line):
        return {
            "title": line._get_title(),
            "how": line.how or None,
            "quantity": self.pwik_settlement_id._format_m3(line.quantity),
            "unit": line._get_unit(),
            "price": self._format_pwik_money(line.price),
            "net": self._format_pwik_money(line.net),
        }

    def _pwik_prepare_differences(self):
        return {
            "correction": True,
            "heading": self.env._("What changes"),
            "heads": [
                self.env._("Service and reason"),
                self.env._("Was"),
                self.env._("Should be"),
                self.env._("Difference"),
                self.env._("Unit"),
                self.env._("Net price [zł]"),
                self.env._("Net [zł]"),
            ],
            "rows": [
                {
                    **self._pwik_prepare_line(change["line"]),
                    "before": change["before"],
                    "after": change["after"],
                }
                for change in self.pwik_settlement_id._get_differences()
            ],
        }

    # ------------------------------------------------------------------ sums and notes

    def _pwik_prepare_sums(self):
        rows = self._get_pwik_vat_rows()
        kinds = ("net", "vat", "gross")
        return {
            "heads": [
                self.env._("VAT rate"),
                self.env._("Net [zł]"),
                self.env._("VAT [zł]"),
                self.env._("Gross [zł]"),
            ],
            "rows": [[row["rate"], *(self._format_pwik_money(row[kind]) for kind in kinds)] for row in rows],
            "total": [
                self.env._("Total"),
                *(self._format_pwik_money(sum(row[kind] for row in rows)) for kind in kinds),
            ],
            "balance": self._pwik_prepare_balance(),
        }

    def _pwik_prepare_balance(self):
        before = self._get_pwik_balance_before()
        if not before:
            return []
        label = (
            self.env._("Unpaid before this invoice")
            if before > 0
            else self.env._("Overpaid before this invoice")
        )
        change = -self.amount_total if self.move_type == "out_refund" else self.amount_total
        return [
            (label, self._pwik_format_zloty(abs(before))),
            (self.env._("Balance with this invoice"), self._pwik_format_zloty(before + change)),
        ]

    def _pwik_prepare_chart(self):
        bars = self._get_pwik_bars()
        if not bars:
            return None
        estimated = any(bar.estimated for bar in bars)
        return {
            "title": self.env._("Your water consumption [m³]"),
            "alt": self.env._(
                "Water consumption of the last periods: %s",
                "; ".join(f"{bar.label} {bar.value} m³" for bar in bars),
            ),
            "legend": self.env._("Dashed bars: estimated for lack of a reading.") if estimated else None,
            "width": CHART_WIDTH,
            "bars": [asdict(bar) for bar in bars],
        }

    def _pwik_prepare_notes(self):
        tariffs, changes = self._get_pwik_tariff_texts(), self._get_pwik_price_changes()
        notes = []
        if tariffs:
            notes.append(self.env._("Prices by tariff %s.", "; ".join(tariffs)))
        if changes:
            notes.append(
                self.env._("Net prices that changed since the last invoice: %s.", "; ".join(changes))
            )
        notes.append(
            self.env._(
                "A complaint can be lodged at the customer office or in eBOK; it is answered within 14 days and does not "
                "suspend payment."
            )
        )
        return notes
