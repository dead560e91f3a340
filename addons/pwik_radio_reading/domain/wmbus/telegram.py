"""What a telegram says, as everybody outside the decoder sees it."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from .address import MEDIA, WATER
from .records import Records
from .vif import BACKWARD


class Telegram(NamedTuple):
    """A decoded telegram.

    ``id``: 8 hexadecimal digits, lower case (decimal digits with most makers); ``version``, ``medium``: codes of
    EN 13757-7. ``total_m3``: register now, or None when the telegram does not carry it. ``target_m3``: register at the
    newest fixed day (month end, or the maker's due day), ``target_date``: that day, None when the telegram does not say.
    ``history``: (day, m³) pairs, newest first, with the target among them when its day is known. ``time``: the meter's
    own clock without zone. ``alarms``: words of ``alarms.ALARMS``. ``driver``: name of the meter's decoder, ``oms`` for
    meters that need none. ``status``: status byte of the transport layer. ``mode``: security mode 0, 5, 7, or ``ctr`` of
    the extended link layer, or the maker's own. ``link_id``, ``link_manufacturer``: the radio's own address, which
    differs from the meter's when an adapter sends for it. ``frame``: checksum format A, B, ``none`` or ``wired``.
    """

    manufacturer: str
    id: str
    version: int
    medium: int
    total_m3: Decimal | None
    target_m3: Decimal | None
    target_date: date | None
    time: datetime | None
    alarms: tuple[str, ...]
    driver: str
    history: tuple[tuple[date, Decimal], ...] = ()
    records: Records | tuple[()] = ()
    status: int = 0
    access: int = 0
    mode: str = "0"
    link_manufacturer: str = ""
    link_id: str = ""
    frame: str = "none"

    @property
    def medium_name(self) -> str:
        return MEDIA.get(self.medium, "reserved")

    @property
    def is_water(self) -> bool:
        return self.medium in WATER

    @property
    def backflow_m3(self) -> Decimal | None:
        """What flowed back since the meter was made: negative contributions only (EN 13757-3, table 15, VIFE 3C)."""
        for record in self.records:
            if (
                record.quantity == "volume"
                and record.qualifiers == (BACKWARD,)
                and not (record.storage or record.tariff or record.subunit or record.function)
                and isinstance(record.value, Decimal)
            ):
                return abs(record.value)
        return None

    @property
    def key(self) -> tuple[str, str, int, int]:
        """What makes a meter: (manufacturer, id, version, medium)."""
        return (self.manufacturer, self.id, self.version, self.medium)
