"""How fast a dump becomes readings, against COPY of the same readings into the same table.

``SIZE`` is the number of distinct meters, each heard once a dump, each encrypted with a key of its own (OMS mode 5). In the
months one after the other: telegrams by one process and by two, then in turn exports whose values came decoded, COPY of what
they gave, values without a dump around them, and COPY of those. The pace of a machine changes within minutes; what is taken in
turn changes alike, so that the medians can be compared.
"""

import io
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from odoo import sql_db
from odoo.addons.pwik_meters.tools.copying import copy_columns
from odoo.tools import config

from tests.bench.register import World, other_database
from tests.wmbus_encoder import Meter, encode_oms, records

DEFAULT_SIZE = 5_000
SMALL = 20_000  # with which a larger register is compared
# Lines of a dump of that comparison, and how often both registers are asked besides once to warm up
SLICE, ROUNDS = 4_000, 4
COPIES = 3  # of the same rows, whose time is compared with
BATCH = 2_000
BEFORE = datetime(2025, 3, 1, 6, 0, tzinfo=UTC)
# Two months of telegrams, then lines and values in turn, the first of each to warm up, and once more telegrams
HEARD = [datetime(2025 + month // 12, month % 12 + 1, 1, 6, 0, tzinfo=UTC) for month in range(3, 13)]
PAST_MONTHS = 26  # before them, as many as the rules look at
ZONE = ZoneInfo("Europe/Warsaw")
ACTIONS = ("pwik_radio_reading.ir_cron_process_dumps", "pwik_radio_reading.ir_cron_process_dumps_2")
# trust.md B19
TARGET = 10_000
TIMES_COPY = 4
TIMES_SMALL = 1.2
MOST_MB = 512
BASELINE = "COPY of the same readings into pwik_reading"


def run(env, size):
    """Yield the rates; the database is a throw-away clone."""
    size = size or DEFAULT_SIZE
    # the other processes read it from the environment
    os.environ["PWIK_RADIO_KEY"] = config["pwik_radio_key"] = Fernet.generate_key().decode()
    world = RadioWorld(env)
    world.grow(size)
    if size > SMALL:
        yield compare_registers(env, world)
    content = world.make_dump(HEARD[0])
    yield {
        "what": "telegrams decoded, nothing else, by processor time",
        "value": decode_all(content, world.keys),
        "unit": "1/s",
    }

    dump = take_in(env, content)
    seconds = timed(lambda: process(env, dump))
    made = check(env, dump, size)
    copied = copy_again(env, made, dump)
    yield compare("telegrams to readings, one process", size, seconds, copied)

    dump = take_in(env, world.make_dump(HEARD[1]))
    seconds, memory = process_by_two(env, dump)
    check(env, dump, size)
    yield {
        **compare("telegrams to readings, two processes", size, seconds, copied),
        "target": TARGET,
        "ok": size / seconds >= TARGET,
    }
    yield {
        "what": "COPY of the same readings and lines by two processes at once, nothing else",
        "value": size / copy_by_two(env, dump),
        "unit": "1/s",
    }
    yield {
        "what": "memory of a process above what it had before",
        "value": memory,
        "unit": "MB",
        "target": MOST_MB,
        "ok": memory <= MOST_MB,
    }

    for what, (seconds, copied) in measure_in_turn(env, world, HEARD[2:-1]).items():
        row = compare(what, size, seconds, copied)
        yield {**row, "target": 1 / TIMES_COPY, "ok": copied / seconds >= 1 / TIMES_COPY}
    if size <= SMALL:
        yield measure_with_past(env, world)


def measure_in_turn(env, world, months):
    """Lines that came decoded, values without a dump, and COPY of the readings of each: ``{what: (seconds, seconds of COPY)}``.

    Medians of the turns but for the first, in which programs and caches become warm.
    """
    lines, values = (
        "lines of decoded values to readings, one process",
        "values to readings without a dump, one process",
    )
    found = {lines: [], values: []}
    for place, heard in enumerate(months):
        if place % 2:
            rows = world.make_values(heard)
            ids = []
            seconds = timed(lambda rows=rows, ids=ids: ids.extend(import_values(env, rows)))
            found[values].append((seconds, copy_again(env, ids)))
        else:
            dump = take_in(env, world.make_export(heard))
            seconds = timed(lambda dump=dump: process(env, dump))
            found[lines].append((seconds, copy_again(env, check(env, dump, world.size), dump)))
    return {
        what: tuple(map(statistics.median, zip(*turns[1:], strict=True))) for what, turns in found.items()
    }


def measure_with_past(env, world):
    """The same where the utility has read for years: all that the rules look at is there."""
    world.add_past()
    dump = take_in(env, world.make_dump(HEARD[-1]))
    seconds = timed(lambda: process(env, dump))
    copied = copy_again(env, check(env, dump, world.size), dump)
    what = f"telegrams to readings, one process, {PAST_MONTHS} older readings of each meter"
    return compare(what, world.size, seconds, copied)


def compare_registers(env, world):
    """What a telegram costs in this register and in a small one, in the median of dumps that come in turn.

    In both each meter is heard for the first time, and in both something was imported before, so that the programs, the caches
    and what the planner knows are the same; the dumps hear meters from all over the register.
    """
    with other_database(env) as small_env:
        small = RadioWorld(small_env)
        small.grow(SMALL)
        costs = {small: [], world: []}
        for number in range(ROUNDS + 1):
            for one, found in costs.items():
                found.append(one.measure_slice(number))
                if not number:
                    one.analyze()
        below, cost = (statistics.median(found[1:]) for found in costs.values())
    return {
        "what": f"cost of a telegram with {world.size} meters, one process",
        "value": cost * 1e6,
        "unit": "µs",
        "baseline": f"the same with {SMALL} meters, in turn",
        "baseline_value": below * 1e6,
        "target": TIMES_SMALL,
        "ok": cost <= TIMES_SMALL * below,
    }


def compare(what, size, seconds, copied):
    return {
        "what": what,
        "value": size / seconds,
        "unit": "1/s",
        "baseline": BASELINE,
        "baseline_value": size / copied,
    }


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def take_in(env, content):
    dump, _duplicate = env["pwik.radio.dump"]._take_in(content, "bench.jsonl", "wizard")
    env.cr.commit()
    return dump


def process(env, dump):
    dump._process()
    env.cr.commit()


def import_values(env, values):
    """Validate, store and commit values in packets, as the import of a dump does. Returns the ids of the readings."""
    ids = []
    for start in range(0, len(values), BATCH):
        made = env["pwik.reading"]._import_values(values[start : start + BATCH])
        env.cr.commit()
        env.invalidate_all()
        if len(made) != len(values[start : start + BATCH]):
            raise RuntimeError("values were lost")
        ids += made.ids
    return ids


def process_by_two(env, dump):
    """Seconds that two scheduled actions in processes of their own need for one dump, and the memory of the greedier one."""
    worker = pathlib.Path(__file__).with_name("import_worker.py")
    command = [sys.executable, "-W", "ignore", os.fspath(worker), sys.argv[1], env.cr.dbname]
    workers = [
        subprocess.Popen(
            [*command, action, str(dump.id)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for action in ACTIONS
    ]
    try:
        for one in workers:
            if one.stdout.readline() != "ready\n":
                raise RuntimeError("a process of the import did not start")
        start = time.perf_counter()
        for one in workers:
            one.stdin.write("\n")
            one.stdin.flush()
        answers = [json.loads(one.stdout.readline()) for one in workers]
        seconds = time.perf_counter() - start
    finally:
        for one in workers:
            one.kill()
            one.wait()
    env.cr.commit()
    env.invalidate_all()
    return seconds, max(answer["more_mb"] for answer in answers)


def check(env, dump, size):
    """Ids of the readings that the dump gave. Raises RuntimeError unless each line gave one that was accepted."""
    env.cr.execute(
        "SELECT reading_id FROM pwik_radio_dump_line WHERE dump_id = %s AND state = 'done'", [dump.id]
    )
    made = [reading for (reading,) in env.cr.fetchall()]
    if len(set(made)) != size:
        raise RuntimeError(f"{len(set(made))} readings of {size}: {dump.message}")
    return made


class RadioWorld(World):
    """Meters at points with overlays and keys, and the dumps in which each of them is heard."""

    def __init__(self, env):
        super().__init__(env)
        self.keys = {}
        installation = self.first["pwik_meter_installation"]
        installation.start_value = 90
        module = env["pwik.radio.module"].create(
            {
                "manufacturer": "BMT",
                "serial": "0" * 8,
                "version": "01",
                "medium": "07",
                "assignment_ids": [
                    (0, 0, {"meter_id": installation.meter_id.id, "date_from": "2020-01-01 00:00:00"})
                ],
            }
        )
        self.first |= {"pwik_radio_module": module, "pwik_radio_module_assignment": module.assignment_ids}
        env.flush_all()
        env.cr.commit()

    def _grow_more(self, joined, number):
        """Overlays with keys; readings come by the dumps."""
        modules = self.env["pwik.radio.module"]
        fresh = {f"{n:08d}": os.urandom(16) for n in range(self.made + 1, self.size + 1)}
        self.keys |= fresh
        tokens = [modules._encrypt_key(key.hex()) for key in fresh.values()]
        self.env.cr.execute("DROP TABLE IF EXISTS bench_key")
        self.env.cr.execute("CREATE TEMP TABLE bench_key (serial varchar, token varchar)")
        copy_columns(self.env.cr, "bench_key", {"serial": list(fresh), "token": tokens}, len(tokens))
        self.env.cr.execute("ANALYZE bench_key")
        own = "lpad(n::text, 8, '0')"
        self._copy(
            "pwik_radio_module",
            f"{joined} JOIN bench_key k ON k.serial = {own}",
            {"serial": own, "aes_key": "k.token"},
        )
        self._copy(
            "pwik_radio_module_assignment",
            f"{joined} JOIN pwik_radio_module o ON o.serial = {own}",
            {"module_id": "o.id", "meter_id": "m.id"},
        )

    def grow(self, size):
        self.size = size
        super().grow(size)

    def add_past(self):
        """Readings of the months before the first dump, of half a m³ each."""
        copied = (
            "meter_id, register, installation_id, service_point_id, contract_id, company_id, source, state, blocks_billing,"
            " create_uid, create_date, write_uid, write_date"
        )
        self.env.cr.execute(
            f"""
            INSERT INTO pwik_reading (moment, date, value, consumption, {copied})
            SELECT moment - g * interval '30 days', date - g * 30, value - g * 0.5, 0.5, {copied}
              FROM pwik_reading CROSS JOIN generate_series(1, %s) g
             WHERE source = 'radio' AND moment < %s
            """,
            [PAST_MONTHS, HEARD[1].replace(tzinfo=None) - timedelta(days=2)],
        )
        self.env.cr.commit()
        self.env.cr.execute("ANALYZE pwik_reading")
        self.env.cr.commit()

    def _get_litres(self, n, heard):
        """Register at the end of the month before ``heard``."""
        return 100_000 + n % 10_000 + ((heard.year - 2025) * 12 + heard.month) * 1_000

    def make_dump(self, heard, numbers=None):
        """The collector's lines of that day, encrypted; of these meters, or of all."""
        return b"".join(self._make_line(n, heard) for n in numbers or range(1, self.size + 1))

    def measure_slice(self, number):
        """Seconds that a telegram takes of a dump of SLICE meters from all over the register, others for each ``number``."""
        meters = [1 + (number + at * self.size // SLICE) % self.size for at in range(SLICE)]
        dump = take_in(self.env, self.make_dump(BEFORE, meters))
        seconds = timed(lambda: process(self.env, dump))
        check(self.env, dump, SLICE)
        return seconds / SLICE

    def _make_line(self, n, heard):
        serial, litres = f"{n:08d}", self._get_litres(n, heard)
        local = heard.astimezone(ZONE).replace(tzinfo=None)
        last = date(heard.year, heard.month, 1) - timedelta(days=1)
        content = (
            records.volume(litres + 30)
            + records.datetime_f(local)
            + records.date_g(last, storage=1)
            + records.volume(litres, storage=1)
        )
        telegram = encode_oms(Meter("BMT", serial, 0x01, 0x07), content, key=self.keys[serial], mode=5)
        row = {"ts": heard.isoformat(), "rssi": -70, "mode": "T1", "device": "bench"}
        return json.dumps({**row, "telegram": telegram.hex()}).encode() + b"\n"

    def make_values(self, heard):
        """The same as values that wait for nothing but the rules."""
        self.env.cr.execute(
            "SELECT right(serial, 8)::int, id FROM pwik_meter WHERE serial ~ '^BM[0-9]{8}$' AND serial > 'BM00000000'"
        )
        moment = heard.replace(tzinfo=None)
        return [
            {
                "meter_id": meter,
                "moment": moment,
                "value": self._get_litres(n, heard) / 1000,
                "source": "radio",
            }
            for n, meter in self.env.cr.fetchall()
        ]

    def make_export(self, heard):
        """The same as a receiver writes it that decodes by itself (wmbusmeters)."""
        return b"".join(
            json.dumps(
                {
                    "media": "water",
                    "meter": "bench",
                    "name": "",
                    "id": f"{n:08d}",
                    "total_m3": self._get_litres(n, heard) / 1000,
                    "timestamp": heard.strftime("%Y-%m-%dT%H:%M:%SZ"),
                }
            ).encode()
            + b"\n"
            for n in range(1, self.size + 1)
        )


def decode_all(content, keys):
    """Telegrams a second of this process through the formats and the decoder alone, keys at hand, sequentially."""
    from odoo.addons.pwik_radio_reading.domain import wmbus
    from odoo.addons.pwik_radio_reading.domain.formats import read_dump

    start = time.process_time()
    for line in read_dump(content):
        wmbus.decode(line.telegram, keys[wmbus.address(line.telegram).id], received=line.received)
    return len(keys) / (time.process_time() - start)


def copy_by_two(env, dump):
    """Seconds in which two PostgreSQL processes write what a dump gave, its readings and its lines: the median of COPIES.

    What no import on this machine can be faster than, however little it does besides.
    """
    cr = env.cr
    cr.execute(
        "SELECT reading_id FROM pwik_radio_dump_line WHERE dump_id = %s ORDER BY reading_id", [dump.id]
    )
    readings = [reading for (reading,) in cr.fetchall()]
    half = len(readings) // 2
    parts = [
        [
            (table, copy_out(cr, table, column, ids))
            for table, column in (("pwik_reading", "id"), ("pwik_radio_dump_line", "reading_id"))
        ]
        for ids in (readings[:half], readings[half:])
    ]

    def copy_in(tables):
        with sql_db.db_connect(cr.dbname).cursor() as other:
            for table, buffer in tables:
                buffer.seek(0)
                other._obj.copy_expert(f"COPY {table} FROM STDIN", buffer)
            other.commit()

    found = []
    for _number in range(COPIES):
        cr.execute("DELETE FROM pwik_radio_dump_line WHERE dump_id = %s", [dump.id])
        remove(cr, readings)
        with ThreadPoolExecutor(len(parts)) as pool:
            found.append(timed(lambda pool=pool: list(pool.map(copy_in, parts))))
    return statistics.median(found)


def copy_again(env, reading_ids, dump=None):
    """Seconds which COPY needs for the same rows, with the table's indexes and foreign keys in force: the median of COPIES."""
    cr = env.cr
    if dump:
        cr.execute("UPDATE pwik_radio_dump_line SET reading_id = NULL WHERE dump_id = %s", [dump.id])
    buffer = copy_out(cr, "pwik_reading", "id", reading_ids)

    def copy():
        cr._obj.copy_expert("COPY pwik_reading FROM STDIN", buffer)
        cr.commit()

    found = []
    for _number in range(COPIES):
        remove(cr, reading_ids)
        buffer.seek(0)
        found.append(timed(copy))
    return statistics.median(found)


def copy_out(cr, table, column, ids):
    """Rows of a table as COPY writes them and reads them."""
    buffer = io.StringIO()
    rows = f"COPY (SELECT * FROM {table} WHERE {column} = ANY(%s) ORDER BY id) TO STDOUT"
    cr._obj.copy_expert(cr._obj.mogrify(rows, [ids]).decode(), buffer)
    return buffer


def remove(cr, reading_ids):
    cr.execute("DELETE FROM pwik_reading_finding WHERE reading_id = ANY(%s)", [reading_ids])
    cr.execute("DELETE FROM pwik_reading WHERE id = ANY(%s)", [reading_ids])
    cr.commit()
