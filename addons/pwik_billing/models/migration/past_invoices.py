from decimal import Decimal

from odoo.addons.pwik_meters.domain.migration import Column, Kind
from odoo.addons.pwik_meters.domain.migration.columns import check_order
from odoo.addons.pwik_meters.domain.migration.columns import mark as _lt
from odoo.addons.pwik_meters.domain.migration.parsers import choice, day, decimal, text
from odoo.addons.pwik_meters.domain.migration.problems import Problem

MONEY = decimal(2, least="-999999999")


class PastInvoices(Kind):
    """Invoices which the predecessor issued: an archive beside the ledger."""

    code = "past_invoices"
    sequence = 90
    label = _lt("Past invoices")
    help = _lt(
        "Invoices of the previous system with their PDF, as an archive: they enter no ledger. Put the PDF files into a ZIP of "
        "up to 45 MB and name them in the table; where there are more, import them in parts."
    )
    model = "pwik.past.invoice"
    natural = ("number",)
    key_columns = ("number",)
    takes_archive = True
    columns = (
        Column(
            "key",
            _lt("Key"),
            text(80),
            help=_lt("Identifier in the previous system; empty: the document number."),
            example="F-000123",
        ),
        Column("number", _lt("Document number"), text(60), required=True, example="FV/123/2023"),
        Column(
            "contract",
            _lt("Contract"),
            text(80),
            required=True,
            reference="contracts",
            help=_lt("Key or number of the contract."),
            example="U-000123",
        ),
        Column(
            "customer",
            _lt("Customer"),
            text(80),
            required=True,
            reference="customers",
            help=_lt("Key or customer number of the buyer on the invoice."),
            example="K-000123",
        ),
        Column(
            "document_kind",
            _lt("Kind of document"),
            choice({"invoice": ("faktura",), "correction": ("korekta",)}),
            help=_lt("faktura or korekta; empty: faktura."),
            example="faktura",
        ),
        Column("date", _lt("Document date"), day, required=True, past=True, example="2023-06-30"),
        Column("due_date", _lt("Due date"), day, example="2023-07-14"),
        Column("period_from", _lt("Period from"), day, example="2023-04-01"),
        Column("period_to", _lt("Period to"), day, example="2023-06-30"),
        Column("net", _lt("Net"), MONEY, required=True, example="100,00"),
        Column("vat", _lt("VAT"), MONEY, required=True, example="8,00"),
        Column("gross", _lt("Gross"), MONEY, required=True, example="108,00"),
        Column("ksef_number", _lt("KSeF number"), text(40)),
        Column(
            "file",
            _lt("PDF file"),
            text(255),
            help=_lt("Name of the PDF in the ZIP; empty: the invoice has no document."),
            example="FV_123_2023.pdf",
        ),
    )

    def check(self, values):
        yield from check_order(values, "date", "due_date")
        yield from check_order(values, "period_from", "period_to")
        if Decimal(values["net"]) + Decimal(values["vat"]) != Decimal(values["gross"]):
            yield Problem("sum", "gross", {name: values[name] for name in ("net", "vat", "gross")})
