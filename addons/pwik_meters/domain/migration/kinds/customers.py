from ..columns import Column, Kind
from ..columns import mark as _
from ..parsers import boolean, email, nip, postal_code, text


class Customers(Kind):
    """Parties to contracts and payers."""

    code = "customers"
    sequence = 10
    label = _("Customers")
    help = _("Recipients and payers: people, companies, housing communities.")
    model = "res.partner"
    natural = ("customer_number",)
    columns = (
        Column(
            "key",
            _("Key"),
            text(80),
            help=_("Identifier in the previous system. Importing the same key again changes nothing."),
            example="K-000123",
        ),
        Column(
            "customer_number",
            _("Customer number"),
            text(40),
            help=_("Number printed on invoices. Left empty, the next one of the sequence is given."),
            example="100123",
        ),
        Column(
            "name",
            _("Name"),
            required=True,
            help=_("First name and surname, or the name of the company."),
            example="Jan Kowalski",
        ),
        Column("is_company", _("Company"), boolean, help=_("Yes or no; empty: no."), example="nie"),
        Column(
            "vat",
            _("NIP"),
            nip,
            help=_("Tax number, ten digits; its check digit is verified."),
            example="5260250274",
        ),
        Column("street", _("Street and number"), example="ul. Lipowa 3/4"),
        Column("zip", _("Postal code"), postal_code, example="42-200"),
        Column("city", _("Town"), text(100), example="Częstochowa"),
        Column("email", _("E-mail"), email, example="jan.kowalski@example.com"),
        Column("phone", _("Phone"), text(40), example="+48 600 100 200"),
    )
