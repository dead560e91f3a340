"""The radio tour of the demo as the collector writes it: one JSON line a telegram, made by the project's own encoder.

The tour takes two days. On the afternoon of 30 September those are heard whose telegram names no day for its
month-end value: what they show then is billed. On the morning of 1 October the others are heard: their telegrams
hold the register of the month's end with its date. One line of each kind of trouble is in it: an unknown overlay,
a frame with a wrong checksum, an overlay without key, a register below the last one.
"""

import csv
import datetime
import io
import json
import random

from tests.wmbus_encoder import (
    Meter,
    encode_apator_162,
    encode_apator_na1,
    encode_kamstrup,
    encode_oms,
    records,
    with_crc_a,
)

from . import world

AFTERNOON = datetime.datetime(2026, 9, 30, 13, 5, tzinfo=datetime.UTC)
MORNING = datetime.datetime(2026, 10, 1, 7, 10, tzinfo=datetime.UTC)
UNDATED = ("apator162", "kamstrup")
UNKNOWN_SERIAL = "66778899"
UTC_OFFSET = datetime.timedelta(hours=2)
LEAKING = 7


def _litres(value) -> int:
    return int(value * 1000)


def _month_end(meter: world.Meter, index: int) -> int:
    """Register at the end of September in litres; one meter shows less than when it was last read."""
    if index == world.BELOW_LAST:
        return _litres(meter.values[-1]) - 12_000
    return _litres(meter.tour_value)


def _telegram(meter: world.Meter, index: int, moment: datetime.datetime, access: int) -> bytes:
    """A telegram of the overlay at `moment` (UTC); the meters' clocks show Polish summer time."""
    overlay = meter.overlay
    sender = Meter(overlay.manufacturer, overlay.serial, overlay.version, overlay.medium)
    key, target = bytes.fromhex(overlay.key), _month_end(meter, index)
    now = target if overlay.family in UNDATED else target + 35 + index
    local = (moment + UTC_OFFSET).replace(tzinfo=None)
    if overlay.family == "na1":
        hours = local.hour + 1 + 24 * (local.day - 1)  # the last full hour of September
        return encode_apator_na1(
            sender,
            now,
            local,
            key=key,
            access=access,
            hours=hours,
            since=now - target,
            status=0x08 if index == LEAKING + 2 else 0,
        )
    if overlay.family == "apator162":
        months = [target - 3_000 * back for back in range(1, 5)]
        return encode_apator_162(sender, now, months, key=key, access=access)
    if overlay.family == "kamstrup":
        return encode_kamstrup(
            sender,
            now,
            target - 3_000,
            key=key,
            access=access,
            session=access,
            info=0x4 if index == LEAKING else 0,
        )
    content = (
        records.volume(now)
        + records.datetime_f(local)
        + records.date_g(world.TOUR_DAY, storage=1)
        + records.volume(target, storage=1)
    )
    return encode_oms(sender, content, key=key, mode=5, access=access)


def _line(moment: datetime.datetime, rssi: int, telegram: bytes) -> str:
    return json.dumps(
        {
            "ts": moment.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "rssi": rssi,
            "mode": "T1",
            "device": "im871a",
            "telegram": telegram.hex().upper(),
        }
    )


def dump() -> str:
    """The whole tour, in the order in which it was heard; most overlays are heard more than once."""
    rng = random.Random(20261001)
    lines = []
    for moment, undated in ((AFTERNOON, True), (MORNING, False)):
        for index, meter in enumerate(world.all_meters()):
            if (meter.overlay.family in UNDATED) != undated:
                continue
            for repeat in range(rng.randint(1, 3)):
                moment += datetime.timedelta(seconds=rng.randint(4, 40))
                lines.append(
                    _line(moment, -rng.randint(48, 96), _telegram(meter, index, moment, 17 + index + repeat))
                )
    stranger = Meter("DIE", UNKNOWN_SERIAL, 0x35, 0x07)
    lines.append(_line(moment, -77, encode_oms(stranger, records.volume(321_987))))
    broken = bytearray(with_crc_a(_telegram(world.all_meters()[0], 0, moment, 99)))
    broken[20] ^= 0x10
    lines.append(_line(moment, -91, bytes(broken)))
    return "\n".join(lines) + "\n"


def keys_csv() -> str:
    """Key file of the demo: manufacturer, serial, key. The overlay `world.NO_KEY` is left out on purpose."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["manufacturer", "serial", "key"])
    for index, meter in enumerate(world.all_meters()):
        if index != world.NO_KEY:
            writer.writerow([meter.overlay.manufacturer, meter.overlay.serial, meter.overlay.key])
    return out.getvalue()
