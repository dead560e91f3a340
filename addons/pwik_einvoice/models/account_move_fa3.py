"""FA(3) of a water invoice: what Odoo's ``l10n_pl_edi`` leaves out or fixes at one value.

The values are computed here, ``data/fa3_template.xml`` lays them out in Odoo's own template. Invoices of other kinds are
rendered as Odoo renders them.
"""

from collections import defaultdict
from decimal import Decimal
from functools import lru_cache

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import float_repr
from odoo.tools.misc import file_path

from ..domain import fa3
from ..domain.errors import InvalidInvoice
from .pwik_delivery import DeliveryWaits


@lru_cache(maxsize=1)
def _get_schema():
    return fa3.load_schema(
        file_path("l10n_pl_edi/data/fa3_schema.xsd"),
        file_path("pwik_einvoice/data/fa3_elementary_types.xsd"),
    )


class AccountMove(models.Model):
    _inherit = "account.move"

    def _pwik_get_unit(self):
        """The subordinate unit (school, office) that this invoice is for; empty where the buyer is nobody's unit."""
        self.ensure_one()
        partners = self.partner_id | self.pwik_contract_id.partner_id
        return partners.filtered("pwik_unit_role")[:1]

    def _pwik_get_buyer(self):
        """The buyer by the VAT act: of a subordinate unit its municipality or VAT group."""
        return self._pwik_get_unit().pwik_unit_buyer_id or self.commercial_partner_id

    def _l10n_pl_edi_get_ksef_invoice_type(self):
        """A correction upwards is an invoice in Odoo and a KOR all the same."""
        if self.pwik_is_correction:
            return "KOR"
        return super()._l10n_pl_edi_get_ksef_invoice_type()

    def _l10n_pl_edi_render_xml(self):
        """XML of a water invoice in Polish, checked against the schema.

        :raise UserError: the schema refuses it (the message names the elements)
        """
        if not self.pwik_settlement_id:
            return super()._l10n_pl_edi_render_xml()
        move = self.with_context(lang="pl_PL") if self.env["res.lang"]._get_data(code="pl_PL") else self
        xml = super(AccountMove, move)._l10n_pl_edi_render_xml()
        try:
            fa3.check(xml.encode(), _get_schema())
        except InvalidInvoice as error:
            raise UserError(
                self.env._(
                    "The e-invoice %(name)s does not meet the FA(3) schema: %(faults)s. Complete the data of the company "
                    "or of the customer.",
                    name=self.name,
                    faults=error,
                )
            ) from error
        return xml

    def _l10n_pl_edi_get_xml_values(self):
        values = super()._l10n_pl_edi_get_xml_values()
        values["pwik_fa3"] = None
        if not self.pwik_settlement_id:
            return values
        values["get_amounts_from_tag"] = self._pwik_by_tag(values["get_amounts_from_tag"])
        buyer = self._pwik_get_buyer()
        values["buyer"] = buyer
        values["buyer_address"] = self._pwik_get_address(buyer)
        values["invoice_lines"] = self._pwik_prepare_fa3_lines(values["invoice_lines"])
        if self.pwik_is_correction:
            values["correction_info"] = self._pwik_prepare_fa3_correction()
        unit = self._pwik_get_unit()
        values["pwik_fa3"] = {
            "customer_number": self.partner_id.pwik_customer_number,
            "unit": unit,
            "unit_address": self._pwik_get_address(unit) if unit else False,
            "unit_nip": values["get_vat_number"](unit.vat) if unit.vat else False,
            "account": (
                self.partner_id.pwik_payment_account or self.partner_bank_id.acc_number or ""
            ).replace(" ", ""),
            "descriptions": self._pwik_prepare_fa3_descriptions(),
        }
        return values

    def _pwik_by_tag(self, odoos):
        """``function(name of a tag) → amount``, as Odoo's own, which looks each tag up anew for each line."""
        country = self.env.ref("base.pl")
        amounts = defaultdict(float)
        for line in self.line_ids:
            tags = line.tax_tag_ids.filtered(
                lambda tag: tag.country_id == country and tag.applicability == "taxes"
            )
            for name in set(tags.with_context(lang="en_US").mapped("name")):
                amounts[name] -= line.amount_currency
        return lambda name: odoos(name) if "OSS" in name and name in amounts else amounts.get(name, 0.0)

    def _pwik_get_address(self, partner):
        return fa3.token(partner._display_address(True), 512)

    def _pwik_prepare_fa3_lines(self, rows):
        """Odoo's rows with the sign of the move (not of the kind of document), unit of measure, and PKWiU."""
        sign = -1 if self.move_type == "out_refund" else 1
        lines = {f"odoo-line-{line.id}": line for line in self.invoice_line_ids}
        own = self.pwik_settlement_id.line_ids
        units = dict(zip(self.invoice_line_ids.ids, own, strict=True)) if len(lines) == len(own) else {}
        if len(rows) != len(lines):  # Odoo passes over lines without a tag
            self.invoice_line_ids.filtered(lambda line: not line.tax_tag_ids)[:1]._pwik_refuse_fa3_tax()
        for row in rows:
            line = lines[row["UU_ID"]]
            unit = units[line.id]._get_unit() if line.id in units else line.product_uom_id.name
            row.update(
                P_7=fa3.token(line.name, 512),
                P_8A=unit or "szt.",
                P_8B=fa3.quantity(Decimal(str(line.quantity)) * sign),
                P_11=float_repr(line.price_subtotal * sign, 2),
                P_12=line._pwik_get_fa3_rate() or row["P_12"],
                PKWiU=line.product_id.pwik_pkwiu,
            )
        return rows

    def _pwik_prepare_fa3_correction(self):
        """What the correction corrects: by its numer KSeF where the original is in KSeF, else marked as outside it."""
        origin = self.pwik_settlement_id.corrects_id.move_id
        in_ksef = origin.pwik_delivery_channel == "ksef" or origin.l10n_pl_edi_status in ("sent", "accepted")
        if in_ksef and not origin.l10n_pl_edi_number:
            raise DeliveryWaits(
                self.env._(
                    "%(name)s corrects %(origin)s, which has no numer KSeF yet. It can be sent when the number is there.",
                    name=self.name,
                    origin=origin.name,
                )
            )
        reason = self.ref or self.env._("Settlement after a change of readings")
        if earlier := self._get_pwik_earlier_corrections():
            # the document named below is the first one, and the lines start from what its corrections have left
            reason += self.env._("; counts from the state after %s", ", ".join(earlier.mapped("name")))
        return {
            "PrzyczynaKorekty": fa3.token(reason),
            "TypKorekty": fa3.correction_effect(Decimal(str(self.amount_total_signed))),
            "NrFaKorygowanej": origin.name,
            "DataWystFaKorygowanej": origin.invoice_date,
            "NrKSeF": origin.l10n_pl_edi_number,
            "NrKSeFN": not origin.l10n_pl_edi_number,
        }

    def _pwik_prepare_fa3_descriptions(self):
        """Pairs for ``DodatkowyOpis``: contract, service points, and what each meter showed."""
        settlement = self.pwik_settlement_id
        sources = dict(settlement.measure_ids._fields["source_to"]._description_selection(self.env))
        rows = [(self.env._("Contract"), self.pwik_contract_id.number)]
        rows += [(self.env._("Service point"), text) for text in self._get_pwik_point_texts()]
        for measure in settlement._get_printed_measures():
            rows.append(
                (
                    self.env._("Meter %s", measure.meter_id.serial),
                    self.env._(
                        "%(start)s: %(before)s m³ (%(source_from)s); %(end)s: %(after)s m³ (%(source_to)s); "
                        "consumption %(quantity)s m³",
                        start=measure.date_from,
                        before=settlement._format_m3(measure.value_from),
                        source_from=sources[measure.source_from],
                        end=measure.date_to,
                        after=settlement._format_m3(measure.value_to),
                        source_to=sources[measure.source_to],
                        quantity=settlement._format_m3(measure.quantity),
                    ),
                )
            )
        return [(fa3.token(key), fa3.token(value)) for key, value in rows if value]


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _pwik_get_fa3_rate(self):
        """P_12 by the tax of the line itself, which a correction has from what it corrects; None at 0 %, where Odoo's holds.

        Odoo's own goes by the tag of the VAT return, and knows 8 and 23 % alone: 5 % became an exemption.

        :raise UserError: FA(3) has no such rate, or the tax counts among those of another rate
        """
        self.ensure_one()
        percent = Decimal(str(self.tax_ids[:1].amount))
        if percent <= 0:
            return None
        tags = {(tag.name or "").lstrip("+-") for tag in self.tax_tag_ids.with_context(lang="en_US")}
        code = fa3.rate_code(percent, tags)
        if len(self.tax_ids) != 1 or not code:
            self._pwik_refuse_fa3_tax()
        return code

    def _pwik_refuse_fa3_tax(self):
        raise UserError(
            self.env._(
                "The e-invoice %(name)s cannot be made: the tax “%(tax)s” of “%(line)s” has a rate that FA(3) has not, or it "
                "lacks the tag of its rate in the VAT return. Put the tax right in the accounting's configuration.",
                name=self.move_id.name,
                tax=", ".join(self.tax_ids.mapped("name")),
                line=self.name,
            )
        )
