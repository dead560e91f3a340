from collections.abc import Iterable, Mapping
from typing import Any

from ..columns import Column, Kind, check_order
from ..columns import mark as _
from ..parsers import choice, day, decimal, integer, text
from ..problems import Problem


class Meters(Kind):
    """Water meters, in stock until an installation says where they stand."""

    code = "meters"
    sequence = 30
    label = _("Water meters")
    help = _("All meters, installed and in stock. Where they stand is told by the installations.")
    model = "pwik.meter"
    natural = ("serial", "manufacturer")
    columns = (
        Column(
            "key",
            _("Key"),
            text(80),
            help=_("Identifier in the previous system. Importing the same key again changes nothing."),
            example="W-000123",
        ),
        Column("serial", _("Serial number"), text(60), required=True, example="24012345"),
        Column("manufacturer", _("Manufacturer"), text(100), required=True, example="Apator Powogaz"),
        Column("model", _("Type"), text(100), example="JS 2,5 Smart+"),
        Column(
            "meter_kind",
            _("Kind of meter"),
            choice(
                {
                    "main": ("główny",),
                    "unit": ("lokalowy", "lokal"),
                    "deduction": ("podlicznik", "ogrodowy"),
                    "sewage": ("ścieki", "ściekowy"),
                }
            ),
            help=_("główny, lokalowy, podlicznik or ścieki; empty: główny."),
            example="główny",
        ),
        Column(
            "q3",
            _("Q3 [m³/h]"),
            decimal(2, most="10000", more_than="0"),
            help=_("Permanent flow rate; empty: 2.5."),
            example="2,5",
        ),
        Column("dn", _("DN [mm]"), integer(5, 2000), help=_("Nominal diameter; empty: 20."), example="20"),
        Column(
            "register_digits",
            _("Register digits"),
            integer(3, 9),
            help=_("Whole m³ digits of the counter, 3 to 9; empty: 5."),
            example="5",
        ),
        Column("year", _("Year of manufacture"), integer(1950, 2100), example="2024"),
        Column(
            "legalization_date",
            _("Legal verification"),
            day,
            past=True,
            help=_("Day of the last legal verification."),
            example="2024-03-15",
        ),
        Column("legalization_valid_until", _("Verification valid until"), day, example="2029-03-15"),
    )

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        yield from check_order(values, "legalization_date", "legalization_valid_until")
