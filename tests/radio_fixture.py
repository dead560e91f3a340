"""The dump which the Odoo tests of radio reading import: ``python -m tests.radio_fixture`` writes it into the addon.

Plain ``odoo-bin`` cannot import the encoder, so that the telegrams are kept as a file there; a unit test proves that they are
what the encoder makes.
"""

import json
import pathlib
from datetime import UTC, date, datetime, timedelta

from tests.wmbus_encoder import (
    Meter,
    encode_apator_162,
    encode_apator_na1,
    encode_kamstrup,
    encode_oms,
    records,
    with_crc_a,
)

DATA = pathlib.Path(__file__).resolve().parents[1] / "addons/pwik_radio_reading/tests/data"
START = datetime(2025, 4, 1, 6, 0, tzinfo=UTC)
MONTH_END = date(2025, 3, 31)
LEAK = 0x4


def key(number: int) -> bytes:
    """Key of the overlay with that number; only the tests know these."""
    return bytes((number * 16 + place) & 0xFF for place in range(16))


def local(moment: datetime) -> datetime:
    """The meter's clock: Polish summer time."""
    return (moment + timedelta(hours=2)).replace(tzinfo=None)


def oms(number: int, now: int, target: int, moment: datetime, *, used_key: bytes, access: int = 1) -> bytes:
    content = (
        records.volume(now)
        + records.datetime_f(local(moment))
        + records.date_g(MONTH_END, storage=1)
        + records.volume(target, storage=1)
    )
    return encode_oms(
        Meter("BMT", f"1000000{number}", 0x01, 0x07), content, key=used_key, mode=5, access=access
    )


def telegrams() -> list[bytes]:
    """In the order of the lines; ``tests/common.py`` of the addon says what each is for."""
    at = [START + timedelta(seconds=10 * place) for place in range(10)]
    broken = bytearray(with_crc_a(oms(1, 123_500, 120_000, at[5], used_key=key(1), access=9)))
    broken[24] ^= 0x08
    return [
        oms(1, 123_400, 120_000, at[0], used_key=key(1), access=1),
        oms(1, 123_456, 120_000, at[1], used_key=key(1), access=2),
        encode_apator_na1(Meter("APA", "10000002", 0x14, 0x07), 223_450, local(at[2]), key=key(2)),
        encode_apator_162(Meter("APA", "10000003", 0x05, 0x07), 323_456, [320_000, 310_000], key=key(3)),
        encode_kamstrup(Meter("KAM", "10000004", 0x1B, 0x16), 423_456, 420_000, key=key(4), info=LEAK),
        bytes(broken),
        encode_oms(Meter("DIE", "66778899", 0x35, 0x07), records.volume(321_987)),
        oms(5, 523_456, 520_000, at[7], used_key=key(5)),
        oms(6, 93_456, 90_000, at[8], used_key=key(6)),
        oms(7, 723_456, 720_000, at[9], used_key=key(9)),
    ]


def dump() -> str:
    lines = [
        {
            "ts": (START + timedelta(seconds=10 * place)).isoformat().replace("+00:00", "Z"),
            "rssi": -60 - place,
            "mode": "T1",
            "device": "im871a",
            "telegram": telegram.hex().upper(),
        }
        for place, telegram in enumerate(telegrams())
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


def keys() -> dict[str, str]:
    """Keys by radio ID as the tests enter them: number 5 has none, that of number 7 is a wrong one."""
    return {f"1000000{number}": key(number).hex().upper() for number in (1, 2, 3, 4, 6, 7)}


def files() -> dict[str, str]:
    return {"tour.jsonl": dump(), "keys.json": json.dumps(keys(), indent=1) + "\n"}


if __name__ == "__main__":
    for name, text in files().items():
        (DATA / name).write_text(text, encoding="utf-8")
