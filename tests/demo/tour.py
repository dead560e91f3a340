"""The radio tours of the demo as the collector writes them: one JSON line a telegram, made by the project's own encoder.

A tour takes two days. On the afternoon of a month's last day those are heard whose telegram names no day for its
month-end value. On the next morning the others are heard: their telegrams hold the register of the month's end with
its date. The tour of October is billed. One line of each kind of trouble is in it: an unknown overlay, a frame with a
wrong checksum, an overlay without key, a register below the last one; and two overlays are not heard. The tour of
September is the one before, with which it is compared: one overlay of another place is not heard, and no trouble but
the absent key.
"""

import csv
import dataclasses
import datetime
import io
import json
import random
from decimal import Decimal

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


@dataclasses.dataclass(frozen=True, slots=True)
class Tour:
    """A tour: ``month_end`` is the day of the registers, ``unheard`` are indexes in `world.all_meters()`."""

    month_end: datetime.date
    seed: int
    unheard: frozenset[int]
    troubled: bool

    def at(self, days: int, hour: int, minute: int) -> datetime.datetime:
        """A moment (UTC) so many days after the month's last day."""
        time = datetime.time(hour, minute, tzinfo=datetime.UTC)
        return datetime.datetime.combine(self.month_end + datetime.timedelta(days), time)


SEPTEMBER = Tour(datetime.date(2026, 8, 31), 20260901, frozenset({12}), troubled=False)
OCTOBER = Tour(world.TOUR_DAY, 20261001, world.READ_BY_HAND, troubled=True)
UNDATED = ("apator162", "kamstrup")
UNKNOWN_SERIAL = "66778899"
UTC_OFFSET = datetime.timedelta(hours=2)
LEAKING = 7


def _litres(value) -> int:
    return int(value * 1000)


def _month_end(tour: Tour, meter: world.Meter, index: int) -> int:
    """Register at the end of the tour's month in litres; on a tour with trouble, one meter shows less than when last read."""
    if tour.troubled and index == world.BELOW_LAST:
        return _litres(meter.values[-1]) - 12_000
    begin = world.HISTORY[-1]
    share = Decimal((tour.month_end - begin).days) / (world.TOUR_DAY - begin).days
    return _litres(meter.values[-1] + (meter.tour_value - meter.values[-1]) * share)


def _telegram(tour: Tour, meter: world.Meter, index: int, moment: datetime.datetime, access: int) -> bytes:
    """A telegram of the overlay at `moment` (UTC); the meters' clocks show Polish summer time."""
    overlay = meter.overlay
    sender = Meter(overlay.manufacturer, overlay.serial, overlay.version, overlay.medium)
    key, target = bytes.fromhex(overlay.key), _month_end(tour, meter, index)
    now = target if overlay.family in UNDATED else target + 35 + index
    local = (moment + UTC_OFFSET).replace(tzinfo=None)
    if overlay.family == "na1":
        hours = local.hour + 1 + 24 * (local.day - 1)  # the last full hour of the month before
        return encode_apator_na1(
            sender,
            now,
            local,
            key=key,
            access=access,
            hours=hours,
            since=now - target,
            status=0x08 if tour.troubled and index == LEAKING + 2 else 0,
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
            info=0x4 if tour.troubled and index == LEAKING else 0,
        )
    content = (
        records.volume(now)
        + records.datetime_f(local)
        + records.date_g(tour.month_end, storage=1)
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


def dump(tour: Tour) -> str:
    """The whole tour, in the order in which it was heard; most overlays are heard more than once."""
    rng = random.Random(tour.seed)
    lines = []
    for moment, undated in ((tour.at(0, 13, 5), True), (tour.at(1, 7, 10), False)):
        for index, meter in enumerate(world.all_meters()):
            if (meter.overlay.family in UNDATED) != undated:
                continue
            for repeat in range(rng.randint(1, 3)):
                moment += datetime.timedelta(seconds=rng.randint(4, 40))
                rssi, telegram = (
                    -rng.randint(48, 96),
                    _telegram(tour, meter, index, moment, 17 + index + repeat),
                )
                if index not in tour.unheard:
                    lines.append(_line(moment, rssi, telegram))
    if tour.troubled:
        lines += _trouble(tour, moment)
    return "\n".join(lines) + "\n"


def _trouble(tour: Tour, moment: datetime.datetime) -> list[str]:
    stranger = Meter("DIE", UNKNOWN_SERIAL, 0x35, 0x07)
    broken = bytearray(with_crc_a(_telegram(tour, world.all_meters()[0], 0, moment, 99)))
    broken[20] ^= 0x10
    return [
        _line(moment, -77, encode_oms(stranger, records.volume(321_987))),
        _line(moment, -91, bytes(broken)),
    ]


def keys_csv() -> str:
    """Key file of the demo: manufacturer, serial, key. The overlay `world.NO_KEY` is left out on purpose."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["manufacturer", "serial", "key"])
    for index, meter in enumerate(world.all_meters()):
        if index != world.NO_KEY:
            writer.writerow([meter.overlay.manufacturer, meter.overlay.serial, meter.overlay.key])
    return out.getvalue()
