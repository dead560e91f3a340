"""The radio world of the proofs: overlays with keys of their own, and the dumps in which they are heard."""

import datetime as dt
import hashlib
import json

from tests.wmbus_encoder import Meter, encode_oms, records, with_crc_a

FIRST_DAY = "2015-01-01"


def key_of(number: int) -> bytes:
    return hashlib.sha256(f"proof {number}".encode()).digest()[:16]


def litres(number: int, month: int) -> int:
    """What meter `number` shows in month `month` (counted from the beginning of the world)."""
    return 100_000 + number % 1000 * 10 + 3_000 * month


def heard(month: int) -> dt.datetime:
    """The moment of the tour in that month: the second day, at noon."""
    return dt.datetime(2015 + month // 12, month % 12 + 1, 2, 12, 0, tzinfo=dt.UTC)


def telegram(number: int, month: int, access: int = 1) -> bytes:
    content = records.volume(litres(number, month))
    plain = encode_oms(
        Meter("BMT", f"{number:08d}", 0x01, 0x07), content, key=key_of(number), mode=5, access=access
    )
    return with_crc_a(plain)


def line(number: int, month: int, access: int = 1, frame: bytes | None = None) -> bytes:
    row = {
        "ts": (heard(month) + dt.timedelta(seconds=access)).isoformat(),
        "rssi": -50 - number % 50,
        "mode": "T1",
        "device": "proof",
        "telegram": (frame or telegram(number, month, access)).hex(),
    }
    return json.dumps(row).encode() + b"\n"


def dump(overlays: int, month: int) -> bytes:
    """Each overlay heard once."""
    return b"".join(line(number, month) for number in range(overlays))


# Inside Odoo


def make(env, overlays, packet_lines=2000, crons=1):
    """Overlays on meters at points of contracts; packets of `packet_lines`; `crons` scheduled actions that take the work."""
    env = env(context={**env.context, "tracking_disable": True})
    parameters = env["ir.config_parameter"]
    parameters.set_param("pwik_radio_reading.packet_lines", packet_lines)
    parameters.set_param("pwik_radio_reading.drop_min_age", 1)
    for _number in range(1, crons):
        env.ref("pwik_radio_reading.ir_cron_process_dumps").copy({"active": True})
    municipality = env["pwik.municipality"].create({"name": "Proof", "code": "PROOF"})
    partner = env["res.partner"].create({"name": "Proof"})
    for start in range(0, overlays, 1000):
        _make_batch(env, municipality, partner, range(start, min(start + 1000, overlays)))
        env.flush_all()
        env.invalidate_all()


def _make_batch(env, municipality, partner, numbers):
    points = env["pwik.service.point"].create(
        [
            {"street": f"ul. Dowodowa {n}", "city": "Proof", "municipality_id": municipality.id}
            for n in numbers
        ]
    )
    env["pwik.contract"].create(
        [
            {
                "partner_id": partner.id,
                "date_start": FIRST_DAY,
                "contract_point_ids": [(0, 0, {"service_point_id": point.id})],
            }
            for point in points
        ]
    ).action_activate()
    meters = env["pwik.meter"].create(
        [{"serial": f"P{n:08d}", "manufacturer": "Proof", "state": "installed"} for n in numbers]
    )
    env["pwik.meter.installation"].create(
        [
            {"meter_id": meter.id, "service_point_id": point.id, "date_from": FIRST_DAY, "start_value": 90}
            for meter, point in zip(meters, points, strict=True)
        ]
    )
    modules = env["pwik.radio.module"]
    modules.create(
        [
            {
                "manufacturer": "BMT",
                "serial": f"{n:08d}",
                "version": "01",
                "medium": "07",
                "aes_key": modules._encrypt_key(key_of(n).hex()),
                "assignment_ids": [
                    (0, 0, {"meter_id": meter.id, "date_from": f"{FIRST_DAY} 00:00:00"}),
                ],
            }
            for n, meter in zip(numbers, meters, strict=True)
        ]
    )


# Looked at from outside

READINGS = """
    SELECT m.serial, r.moment, r.value, r.state, r.source,
           (SELECT string_agg(f.code, ' ' ORDER BY f.code) FROM pwik_reading_finding f WHERE f.reading_id = r.id)
      FROM pwik_reading r JOIN pwik_meter m ON m.id = r.meter_id
     WHERE r.source = 'radio' AND m.serial LIKE 'P0%%'
  ORDER BY 1, 2, 3"""
LINES = "SELECT number, state, reason FROM pwik_radio_dump_line ORDER BY dump_id, number, id"


def readings(stage) -> list[tuple]:
    return stage.sql(READINGS)


def lines(stage) -> list[tuple]:
    return stage.sql(LINES)


def upload(client, content: bytes, name: str) -> dict:
    """As the collector does. Returns {"id", "state", "duplicate"}."""
    import base64

    return client.call("pwik.radio.dump", "upload", filename=name, content=base64.b64encode(content).decode())


def is_done(stage, *ids: int) -> bool:
    """Whether these dumps (all, when none is named) were worked off."""
    where = "id = ANY(%s)" if ids else "%s::int[] IS NOT NULL"
    open_ones = stage.sql(
        f"SELECT count(*) FROM pwik_radio_dump WHERE state IN ('new', 'in_progress') AND {where}", list(ids)
    )
    return open_ones[0][0] == 0


def failed_crons(stage) -> list[str]:
    """Scheduled actions that failed, or were switched off for it."""
    rows = stage.sql(
        "SELECT cron_name FROM ir_cron WHERE failure_count > 0 OR (NOT active AND cron_name ILIKE '%%PWiK%%')"
    )
    return [name for (name,) in rows]
