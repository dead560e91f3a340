from odoo.addons.pwik_meters.domain.migration import Column, Kind
from odoo.addons.pwik_meters.domain.migration.columns import check_order
from odoo.addons.pwik_meters.domain.migration.columns import mark as _
from odoo.addons.pwik_meters.domain.migration.parsers import day, decimal, text
from odoo.addons.pwik_meters.domain.migration.problems import Problem


class OpenItems(Kind):
    """What customers owe or overpaid on the day of the change of systems."""

    code = "open_items"
    sequence = 70
    label = _("Open items")
    help = _(
        "Unpaid documents and overpayments. They enter the ledger as an opening balance, not as revenue."
    )
    model = "account.move"
    columns = (
        Column(
            "key",
            _("Key"),
            text(80),
            help=_("Identifier in the previous system. Importing the same key again changes nothing."),
            example="R-000123",
        ),
        Column(
            "customer",
            _("Customer"),
            text(80),
            required=True,
            reference="customers",
            help=_("Key or customer number of the one who pays."),
            example="K-000123",
        ),
        Column(
            "contract",
            _("Contract"),
            text(80),
            reference="contracts",
            help=_("Key or number of the contract."),
        ),
        Column(
            "number",
            _("Document number"),
            text(60),
            required=True,
            help=_("Number of the invoice, note or payment in the previous system."),
            example="FV/123/2024",
        ),
        Column("date", _("Document date"), day, required=True, past=True, example="2024-11-30"),
        Column(
            "due_date",
            _("Due date"),
            day,
            help=_("Empty: the document date."),
            example="2024-12-14",
        ),
        Column(
            "amount",
            _("Open amount"),
            decimal(2, least="-999999999"),
            required=True,
            help=_("What is still open: above zero the customer owes it, below zero he overpaid."),
            example="123,45",
        ),
    )

    def check(self, values):
        yield from check_order(values, "date", "due_date")
        if values["amount"].strip("-0.") == "":
            yield Problem("nothing_open", "amount")
