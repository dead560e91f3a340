from odoo.addons.pwik_meters.domain.migration import Column, Kind
from odoo.addons.pwik_meters.domain.migration.columns import check_order
from odoo.addons.pwik_meters.domain.migration.columns import mark as _lt
from odoo.addons.pwik_meters.domain.migration.parsers import day, decimal, text
from odoo.addons.pwik_meters.domain.migration.problems import Problem


class OpenItems(Kind):
    """What customers owe or overpaid on the day of the change of systems."""

    code = "open_items"
    sequence = 70
    label = _lt("Open items")
    help = _lt(
        "Unpaid documents and overpayments. They enter the ledger as an opening balance, not as revenue."
    )
    model = "account.move"
    columns = (
        Column(
            "key",
            _lt("Key"),
            text(80),
            help=_lt("Identifier in the previous system. Importing the same key again changes nothing."),
            example="R-000123",
        ),
        Column(
            "customer",
            _lt("Customer"),
            text(80),
            required=True,
            reference="customers",
            help=_lt("Key or customer number of the one who pays."),
            example="K-000123",
        ),
        Column(
            "contract",
            _lt("Contract"),
            text(80),
            reference="contracts",
            help=_lt("Key or number of the contract."),
        ),
        Column(
            "number",
            _lt("Document number"),
            text(60),
            required=True,
            help=_lt("Number of the invoice, note or payment in the previous system."),
            example="FV/123/2024",
        ),
        Column("date", _lt("Document date"), day, required=True, past=True, example="2024-11-30"),
        Column(
            "due_date",
            _lt("Due date"),
            day,
            help=_lt("Empty: the document date."),
            example="2024-12-14",
        ),
        Column(
            "amount",
            _lt("Open amount"),
            decimal(2, least="-999999999"),
            required=True,
            help=_lt("What is still open: above zero the customer owes it, below zero he overpaid."),
            example="123,45",
        ),
    )

    def check(self, values):
        yield from check_order(values, "date", "due_date")
        if values["amount"].strip("-0.") == "":
            yield Problem("nothing_open", "amount")
