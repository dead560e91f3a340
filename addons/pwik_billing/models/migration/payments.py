from odoo.addons.pwik_meters.domain.migration import Column, Kind
from odoo.addons.pwik_meters.domain.migration.columns import mark as _lt
from odoo.addons.pwik_meters.domain.migration.parsers import boolean, day, decimal, text


class Payments(Kind):
    """What customers paid before and since the open items were drawn up."""

    code = "payments"
    sequence = 80
    label = _lt("Payments")
    help = _lt(
        "Payments of the previous system. Those that the open items take into account already stay history; the others "
        "lower the customer's balance and pay his open items."
    )
    model = "pwik.past.payment"
    columns = (
        Column(
            "key",
            _lt("Key"),
            text(80),
            help=_lt("Identifier in the previous system. Importing the same key again changes nothing."),
            example="W-000123",
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
        Column("date", _lt("Day of payment"), day, required=True, past=True, example="2024-12-10"),
        Column("amount", _lt("Amount"), decimal(2, more_than="0"), required=True, example="123,45"),
        Column(
            "included",
            _lt("In the open items"),
            boolean,
            required=True,
            help=_lt(
                "Yes: the open items are those after this payment, it stays history. No: it came later and lowers the balance."
            ),
            example="tak",
        ),
        Column(
            "number",
            _lt("Document number"),
            text(60),
            help=_lt("Number of the invoice that was paid; empty: the oldest open items."),
            example="FV/123/2024",
        ),
        Column("title", _lt("Title of the transfer"), text(200)),
    )
