from ..columns import Column, Kind
from ..columns import mark as _
from ..parsers import boolean, choice, decimal, moment, text


class Readings(Kind):
    """History of readings, loaded as accepted: the predecessor billed by them."""

    code = "readings"
    sequence = 60
    label = _("Reading history")
    help = _("Readings of the past years. They count as accepted; a counter that goes back is refused.")
    model = "pwik.reading"
    key_columns = ("meter", "moment", "source")
    columns = (
        Column(
            "key",
            _("Key"),
            text(80),
            help=_("Identifier in the previous system; empty: meter, moment and source together."),
            example="O-000123",
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
            "moment",
            _("Read at"),
            moment,
            required=True,
            past=True,
            help=_("Day, or day and time; a day alone counts as noon."),
            example="2024-06-30",
        ),
        Column(
            "value",
            _("Value [m³]"),
            decimal(3),
            required=True,
            help=_("Register value with a comma or a dot, at most 3 decimals."),
            example="123,456",
        ),
        Column(
            "source",
            _("Source"),
            choice(
                {
                    "manual": ("inkasent", "odczytywacz"),
                    "customer": ("klient", "odbiorca"),
                    "radio": ("radiowy",),
                    "exchange": ("wymiana",),
                    "estimate": ("szacunek", "szacunkowy"),
                }
            ),
            help=_("inkasent, klient, radio, wymiana or szacunek; empty: inkasent."),
            example="inkasent",
        ),
        Column(
            "rollover",
            _("Rolled over"),
            boolean,
            help=_("Yes where the counter passed its highest value since the reading before."),
        ),
        Column("note", _("Remarks"), text(500)),
    )

    def get_key(self, values):
        return super().get_key({"source": "manual", **values})
