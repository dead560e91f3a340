from collections.abc import Iterable, Mapping
from typing import Any

from ..columns import Column, Kind, check_order
from ..columns import mark as _
from ..parsers import boolean, choice, day, keys, text
from ..problems import Problem


class Contracts(Kind):
    """Contracts in force and those that ended."""

    code = "contracts"
    sequence = 40
    label = _("Contracts")
    help = _("Contracts in force and ended ones, with their customers and points, which are imported before.")
    model = "pwik.contract"
    natural = ("number",)
    columns = (
        Column(
            "key",
            _("Key"),
            text(80),
            help=_("Identifier in the previous system. Importing the same key again changes nothing."),
            example="U-000123",
        ),
        Column(
            "number",
            _("Contract number"),
            text(60),
            help=_("Left empty, one is given from the sequence."),
            example="ZW/1234/2019",
        ),
        Column(
            "customer",
            _("Customer"),
            text(80),
            required=True,
            reference="customers",
            help=_("Key or customer number of the recipient."),
            example="K-000123",
        ),
        Column(
            "payer",
            _("Payer"),
            text(80),
            reference="customers",
            help=_("Key or customer number of the buyer on the invoice; empty: the recipient."),
        ),
        Column(
            "points",
            _("Service points"),
            keys,
            required=True,
            reference="points",
            several=True,
            help=_("Keys or numbers of the points, several with | between them."),
            example="PP-000123",
        ),
        Column("date_start", _("Start"), day, required=True, example="2019-05-01"),
        Column("date_end", _("End"), day, help=_("Last day; empty: still in force.")),
        Column("service_water", _("Water supply"), boolean, help=_("Yes or no; empty: yes."), example="tak"),
        Column(
            "service_sewage", _("Sewage discharge"), boolean, help=_("Yes or no; empty: yes."), example="tak"
        ),
        Column(
            "billing_cycle",
            _("Billing cycle"),
            choice(
                {
                    "month": ("miesiąc", "miesięczny"),
                    "two_months": ("dwa miesiące", "dwumiesięczny"),
                    "quarter": ("kwartał", "kwartalny"),
                    "half_year": ("półrocze", "półroczny"),
                }
            ),
            help=_("miesiąc, dwa miesiące, kwartał or półrocze; empty: kwartał."),
            example="kwartał",
        ),
        Column(
            "billing_method",
            _("Billing method"),
            choice({"metered": ("wodomierz",), "lump_sum": ("ryczałt",)}),
            help=_("wodomierz or ryczałt; empty: wodomierz."),
            example="wodomierz",
        ),
    )

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        yield from check_order(values, "date_start", "date_end")
        if not values.get("service_water", True) and not values.get("service_sewage", True):
            yield Problem("no_service", "service_water")
