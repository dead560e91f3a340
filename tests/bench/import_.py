"""How fast a dump becomes readings, against COPY of the same readings into the same table.

``SIZE`` is the number of distinct meters, each heard once, each encrypted with a key of its own (OMS mode 5).
"""

import io
import json
import os
import time
from datetime import UTC, date, datetime

from cryptography.fernet import Fernet
from odoo.tools import config

from tests.wmbus_encoder import Meter, encode_oms, records

DEFAULT_SIZE = 5_000
BATCH = 2_000
HEARD = datetime(2025, 4, 1, 6, 0, tzinfo=UTC)
LOCAL = datetime(2025, 4, 1, 8, 0)
MONTH_END = date(2025, 3, 31)
# trust.md B19 asks for 10,000 readings a second on two processes; half of it is the share of this one.
TARGET = 5_000


def run(env, size):
    """Yield the rates; the database is a throw-away clone."""
    size = size or DEFAULT_SIZE
    config["pwik_radio_key"] = Fernet.generate_key().decode()
    content, keys = make_world(env, size)
    env.cr.commit()
    # a grown table has its statistics; without them PostgreSQL guesses, and the guess would be what is measured
    env.cr.execute("ANALYZE")
    env.cr.commit()
    yield {"what": "telegrams decoded, one process", "value": decode_all(content, keys), "unit": "1/s"}
    dump, _duplicate = env["pwik.radio.dump"]._take_in(content, "bench.jsonl", "wizard")
    env.cr.commit()
    seconds = timed(lambda: process(env, dump))
    made = dump.line_ids.reading_id
    if len(made) != size or set(dump.line_ids.mapped("state")) != {"done"}:
        raise RuntimeError(f"{len(made)} readings of {size}: {dump.message}")
    copied = copy_again(env, dump, made.ids)
    yield {
        "what": "telegrams to readings, one process",
        "value": size / seconds,
        "unit": "1/s",
        "baseline": "COPY of the same readings into pwik_reading",
        "baseline_value": size / copied,
        "target": TARGET,
        "ok": size / seconds >= TARGET,
    }


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def process(env, dump):
    dump._process()
    env.cr.commit()


def make_world(env, size):
    """Meters at points with overlays and keys; the dump in which each of them is heard.

    :return: the dump (bytes) and ``{radio ID: key}``
    """
    municipality = env["pwik.municipality"].create({"name": "Bench", "code": "BENCH"})
    partner = env["res.partner"].create({"name": "Bench"})
    lines, keys = [], {}
    for start in range(0, size, BATCH):
        numbers = range(start, min(start + BATCH, size))
        make_batch(env, municipality, partner, numbers, lines, keys)
        env.flush_all()
        env.invalidate_all()
    return b"".join(lines), keys


def make_batch(env, municipality, partner, numbers, lines, keys):
    env = env(context={**env.context, "tracking_disable": True})
    points = env["pwik.service.point"].create(
        [{"street": f"ul. Miarowa {n}", "city": "Bench", "municipality_id": municipality.id} for n in numbers]
    )
    env["pwik.contract"].create(
        [
            {
                "partner_id": partner.id,
                "date_start": "2025-01-01",
                "contract_point_ids": [(0, 0, {"service_point_id": point.id})],
            }
            for point in points
        ]
    ).action_activate()
    meters = env["pwik.meter"].create(
        [{"serial": f"B{n:08d}", "manufacturer": "Bench", "state": "installed"} for n in numbers]
    )
    env["pwik.meter.installation"].create(
        [
            {"meter_id": meter.id, "service_point_id": point.id, "date_from": "2025-01-01", "start_value": 90}
            for meter, point in zip(meters, points, strict=True)
        ]
    )
    own = [os.urandom(16) for _number in numbers]
    keys.update((f"{n:08d}", key) for n, key in zip(numbers, own, strict=True))
    modules = env["pwik.radio.module"]
    modules.create(
        [
            {
                "manufacturer": "BMT",
                "serial": f"{n:08d}",
                "version": "01",
                "medium": "07",
                "aes_key": modules._encrypt_key(key.hex()),
                "assignment_ids": [(0, 0, {"meter_id": meter.id, "date_from": "2025-01-01 00:00:00"})],
            }
            for n, meter, key in zip(numbers, meters, own, strict=True)
        ]
    )
    lines.extend(make_line(n, key) for n, key in zip(numbers, own, strict=True))


def make_line(number, key):
    target = 100_000 + number % 10_000
    content = (
        records.volume(target + 30)
        + records.datetime_f(LOCAL)
        + records.date_g(MONTH_END, storage=1)
        + records.volume(target, storage=1)
    )
    telegram = encode_oms(Meter("BMT", f"{number:08d}", 0x01, 0x07), content, key=key, mode=5)
    row = {"ts": HEARD.isoformat(), "rssi": -70, "mode": "T1", "device": "bench", "telegram": telegram.hex()}
    return json.dumps(row).encode() + b"\n"


def decode_all(content, keys):
    """Telegrams a second through the formats and the decoder alone, keys at hand, sequentially."""
    from odoo.addons.pwik_radio_reading.domain import wmbus
    from odoo.addons.pwik_radio_reading.domain.formats import read_dump

    def work():
        for line in read_dump(content):
            wmbus.decode(line.telegram, keys[wmbus.address(line.telegram).id], received=line.received)

    return len(keys) / timed(work)


def copy_again(env, dump, reading_ids):
    """Seconds which COPY needs for the same rows, with the table's indexes and foreign keys in force."""
    cr = env.cr
    cr.execute("UPDATE pwik_radio_dump_line SET reading_id = NULL WHERE dump_id = %s", [dump.id])
    buffer = io.StringIO()
    cr._obj.copy_expert(
        cr._obj.mogrify(
            "COPY (SELECT * FROM pwik_reading WHERE id = ANY(%s)) TO STDOUT", [reading_ids]
        ).decode(),
        buffer,
    )
    cr.execute("DELETE FROM pwik_reading_finding WHERE reading_id = ANY(%s)", [reading_ids])
    cr.execute("DELETE FROM pwik_reading WHERE id = ANY(%s)", [reading_ids])
    cr.commit()
    buffer.seek(0)

    def copy():
        cr._obj.copy_expert("COPY pwik_reading FROM STDIN", buffer)
        cr.commit()

    return timed(copy)
