"""What a packet of a dump works with: telegrams that were heard, and register values that may become readings."""

from datetime import datetime
from typing import NamedTuple

from ..domain import wmbus
from .line_store import Line

#: Decimals of a reading.
DIGITS = 3


class Hearing(NamedTuple):
    """A sound telegram of a known overlay."""

    line: Line
    module_id: int
    meter_id: int | bool  # under the overlay at that moment
    telegram: wmbus.Telegram
    received: datetime  # UTC, naive, as Odoo stores it
    outcome: dict  # of the line

    @property
    def told_serial(self):
        """The meter that the telegram names besides the radio's own number, or None."""
        told = self.telegram.fabrication_number
        if told is None:
            if self.telegram.link_id in ("", self.telegram.id):
                return None
            told = self.telegram.id.upper()
        return told if told != self.line.serial else None


class Candidate(NamedTuple):
    """A register value for a meter at a moment (UTC, naive)."""

    hearing: Hearing
    meter_id: int
    moment: datetime
    value: float
    is_month_end: bool
    fills: bool = False  # a month that has no reading, beside the reading that the telegram was taken for

    @property
    def backflow(self):
        """m³ that the meter ever counted backwards; of a missed month nobody knows."""
        amount = None if self.fills else self.hearing.telegram.backflow_m3
        return round(float(amount), DIGITS) if amount else 0.0
