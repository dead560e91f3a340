from collections.abc import Iterable, Mapping
from typing import Any

from ..columns import Column, Kind, check_order
from ..columns import mark as _
from ..parsers import day, decimal, text
from ..problems import Problem


class Installations(Kind):
    """Which meter stood at which point from when to when."""

    code = "installations"
    sequence = 50
    label = _("Installations")
    help = _("Which meter stood at which point from when to when, with the values of both days.")
    model = "pwik.meter.installation"
    key_columns = ("meter", "date_from")
    columns = (
        Column(
            "key",
            _("Key"),
            text(80),
            help=_("Identifier in the previous system; empty: meter and day together."),
            example="M-000123",
        ),
        Column(
            "meter",
            _("Meter"),
            text(80),
            required=True,
            reference="meters",
            help=_("Key or serial number of the meter."),
            example="W-000123",
        ),
        Column(
            "point",
            _("Service point"),
            text(80),
            required=True,
            reference="points",
            help=_("Key or number of the point."),
            example="PP-000123",
        ),
        Column("date_from", _("From"), day, required=True, past=True, example="2024-04-02"),
        Column(
            "date_to",
            _("To"),
            day,
            past=True,
            help=_("Day on which the meter was taken out; empty: it stands there."),
        ),
        Column("start_value", _("Start value [m³]"), decimal(3), required=True, example="0"),
        Column(
            "end_value",
            _("End value [m³]"),
            decimal(3),
            help=_("Required for a meter that was taken out."),
        ),
        Column("seal", _("Seal number"), text(60), example="PL-778812"),
    )

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        yield from check_order(values, "date_from", "date_to")
        if values.get("date_to") and "end_value" not in values:
            yield Problem("missing", "end_value")
        if "end_value" in values and not values.get("date_to"):
            yield Problem("missing", "date_to")
