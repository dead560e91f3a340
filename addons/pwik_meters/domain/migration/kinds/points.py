from collections.abc import Iterable, Mapping
from typing import Any

from ..columns import Column, Kind
from ..columns import mark as _
from ..parsers import choice, integer, postal_code, text
from ..problems import Problem


class Points(Kind):
    """Places where water is taken."""

    code = "points"
    sequence = 20
    label = _("Service points")
    help = _("Places where water is taken, with address and municipality. A unit names its main point.")
    model = "pwik.service.point"
    natural = ("number",)
    columns = (
        Column(
            "key",
            _("Key"),
            text(80),
            help=_("Identifier in the previous system. Importing the same key again changes nothing."),
            example="PP-000123",
        ),
        Column(
            "number",
            _("Point number"),
            text(40),
            help=_("Left empty, one is given from the sequence."),
            example="P/000123",
        ),
        Column(
            "point_kind",
            _("Kind of point"),
            choice({"main": ("główny",), "unit": ("lokal", "lokalowy"), "garden": ("ogród", "ogrodowy")}),
            help=_("główny, lokal or ogród; empty: główny."),
            example="główny",
        ),
        Column(
            "parent",
            _("Main point"),
            text(80),
            reference="points",
            help=_("Key or number of the point behind which this one lies. It may stand in the same file."),
        ),
        Column("street", _("Street and number"), required=True, example="ul. Kasztanowa 14"),
        Column("zip", _("Postal code"), postal_code, example="42-200"),
        Column("city", _("Town"), text(100), required=True, example="Częstochowa"),
        Column(
            "municipality",
            _("Municipality code"),
            text(40),
            required=True,
            reference="municipalities",
            help=_("Code of a municipality that is set up here."),
            example="CZ",
        ),
        Column(
            "route",
            _("Route code"),
            text(40),
            reference="routes",
            help=_("Code of a reading route that is set up here."),
        ),
        Column("route_sequence", _("Order on the route"), integer(0, 9_999_999), example="10"),
        Column("note", _("How to get to the meter"), text(2000)),
    )

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        if values.get("parent") and values["parent"] in (values.get("key"), values.get("number")):
            yield Problem("own_parent", "parent")
