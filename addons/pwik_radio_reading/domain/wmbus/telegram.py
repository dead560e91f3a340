"""What a telegram says, as everybody outside the decoder sees it."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from .address import MEDIA, WATER
from .records import Records


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
    ``proven``: the key that was given opened it, so that nobody else made up what it says; False: it came in clear, was
    opened before it was recorded, is hidden by a key that everybody knows, or says something that matters in clear.
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
    proven: bool = False

    @property
    def medium_name(self) -> str:
        return MEDIA.get(self.medium, "reserved")

    @property
    def is_water(self) -> bool:
        return self.medium in WATER

    @property
    def backflow_m3(self) -> Decimal | None:
        """What flowed back since the meter was made: negative contributions only (EN 13757-3, table 15, VIFE 3C)."""
        amounts = (value for value in self._read("backward") if isinstance(value, Decimal))
        found = next(amounts, None)
        return None if found is None else abs(found)

    @property
    def fabrication_number(self) -> str | None:
        """Number of the meter itself, where the telegram tells it besides the radio's own (EN 13757-3, VIF 78)."""
        return next((str(value) for value in self._read("serials") if value), None)

    def _read(self, role: str) -> Iterator[Any]:
        """Values of the records that have this one of the ``Roles``; most telegrams have none, and none is made a record."""
        records = self.records
        if records:
            for _storage, read, start, end in getattr(records.plan.roles, role):
                yield read(records.data[start:end])

    @property
    def key(self) -> tuple[str, str, int, int]:
        """What makes a meter: (manufacturer, id, version, medium)."""
        return (self.manufacturer, self.id, self.version, self.medium)
