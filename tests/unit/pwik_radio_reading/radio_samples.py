"""Telegrams of each kind, made by the project's own encoder."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tests.wmbus_encoder import (
    Meter,
    encode_apator_162,
    encode_apator_na1,
    encode_kamstrup,
    encode_oms,
    encode_prios,
    encode_techem,
    records,
)

KEY = bytes(range(16))
NOW = datetime(2026, 6, 20, 13, 5)
MONTH_END = date(2026, 5, 31)
LITRES, TARGET = 4_225_404, 4_200_001


@dataclass(frozen=True)
class Sample:
    """A telegram, its key, and what it must give."""

    name: str
    telegram: bytes
    key: bytes | None
    meter: Meter
    total: Decimal = Decimal(LITRES).scaleb(-3)
    target: Decimal | None = Decimal(TARGET).scaleb(-3)
    target_date: date | None = MONTH_END
    time: datetime | None = NOW

    def __str__(self) -> str:
        return self.name


def oms_records(litres: int = LITRES, target: int = TARGET) -> bytes:
    return (
        records.volume(litres)
        + records.datetime_f(NOW)
        + records.error_flags(0)
        + records.date_g(MONTH_END, storage=1)
        + records.volume(target, storage=1)
    )


def oms(name: str, maker: str, **options) -> Sample:
    meter = Meter(maker, "17392507", 0x01, 0x07)
    return Sample(name, encode_oms(meter, oms_records(), **options), options.get("key"), meter)


def make() -> list[Sample]:
    adapter = Meter("TCH", "87654321", 0x50, 0x37)
    kamstrup = Meter("KAM", "17392507", 0x1B, 0x16)
    na1 = Meter("APA", "17392507", 0x14, 0x07)
    apator_162 = Meter("APA", "17392507", 0x05, 0x07)
    izar = Meter("HYD", "17392507", 0x85, 0x07)
    techem = Meter("TCH", "17392507", 0x74, 0x62)
    hours = 485  # from NOW back to the last evening of May
    return [
        oms("mode 0", "FIO"),
        oms("mode 5", "FIO", mode=5, key=KEY, access=77),
        oms("mode 5 with adapter", "FIO", mode=5, key=KEY, access=77, radio=adapter),
        oms("mode 7", "FIO", mode=7, key=KEY, counter=123_456),
        oms("mode 7 with adapter", "FIO", mode=7, key=KEY, counter=5, radio=adapter),
        Sample(
            "kamstrup full",
            encode_kamstrup(kamstrup, LITRES, TARGET, key=KEY),
            KEY,
            kamstrup,
            target_date=None,
            time=None,
        ),
        Sample(
            "kamstrup compact",
            encode_kamstrup(kamstrup, LITRES, TARGET, key=KEY, compact=True),
            KEY,
            kamstrup,
            target_date=None,
            time=None,
        ),
        Sample(
            "apator na1",
            encode_apator_na1(na1, LITRES, NOW, key=KEY, hours=hours, since=LITRES - TARGET),
            KEY,
            na1,
        ),
        Sample(
            "apator 16-2",
            encode_apator_162(apator_162, LITRES, (TARGET, TARGET - 900), key=KEY),
            KEY,
            apator_162,
            target_date=None,
            time=None,
        ),
        Sample("prios", encode_prios(izar, LITRES, TARGET, MONTH_END), None, izar, time=None),
        Sample(
            "techem",
            encode_techem(techem, 20_000, 1_500, date(2025, 12, 31), date(2026, 6, 20)),
            None,
            techem,
            total=Decimal("2150.0"),
            target=Decimal("2000.0"),
            target_date=date(2025, 12, 31),
            time=datetime(2026, 6, 20),
        ),
    ]


SAMPLES = make()
