"""How the office's screens answer with a large register, against the same screens with 2,000 meters.

``SIZE`` is the number of meters; each has a point, a contract of a customer and 36 monthly readings, one in a hundred of
which waits for a decision. Measured is what the server does for a screen: the calls which the browser makes, by a clerk
with his rights, with empty caches; the median of several. Both registers stand side by side and are asked in turn, because the
pace of a machine changes while the large one grows.
"""

import base64
import contextlib
import statistics
import time

import odoo
import psycopg2
from odoo.modules.registry import Registry
from odoo.tests import new_test_user
from psycopg2 import sql

SMALL, DEFAULT_SIZE = 2_000, 20_000
MONTHS = 36
ROUNDS = 15
# Issue 3: at most 1.2 times what it takes with 2,000 meters, and under a second.
TARGET, LONGEST = 1.2, 1.0


def run(env, size):
    """Yield a row a screen; the database is a throw-away clone."""
    size = max(size or DEFAULT_SIZE, SMALL)
    with other_database(env) as small_env:
        small = make_register(small_env, SMALL)
        large = make_register(env, size)
        for name in large:
            below, seconds = measure((small_env, small[name]), (env, large[name]))
            yield {
                "what": f"{name}, at the server",
                "value": seconds,
                "unit": "s",
                "baseline": f"the same with {SMALL} meters",
                "baseline_value": below,
                "target": TARGET,
                "ok": seconds <= max(TARGET * below, below + NOISE) and seconds < LONGEST,
            }
    yield from migrate(env)


def make_register(env, size):
    """The screens (see :func:`make_screens`) of a clerk in a register of this size."""
    clerk = new_test_user(env, "bench_clerk", "base.group_user,pwik_meters.pwik_meters_group_user")
    World(env).grow(size)
    return make_screens(env(user=clerk, su=False), size)


@contextlib.contextmanager
def other_database(env):
    """An environment of a second database, made of the same template as ours; dropped behind the block."""
    name = f"{env.cr.dbname}_small"
    template = env.cr.dbname.removesuffix("_bench")
    statements = {
        "drop": sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)),
        "make": sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template))),
    }
    _dbname, where = odoo.sql_db.connection_info_for("postgres")
    with contextlib.closing(psycopg2.connect(**where)) as connection:
        connection.autocommit = True
        with connection.cursor() as cr:
            cr.execute(statements["drop"])
            cr.execute(statements["make"])
            try:
                with Registry(name).cursor() as other:
                    yield odoo.api.Environment(other, odoo.api.SUPERUSER_ID, {})
            finally:
                odoo.sql_db.close_db(name)
                cr.execute(statements["drop"])


# What a utility of 100,000 meters waits for on the day of the change: about ten minutes for all of its stock.
MIGRATED, WANTED, LONG = 3_000, 100_000, 600
# The customers' readings come last and are many: a year of months is taken, and told apart.
MIGRATED_READINGS = 12


def migrate(env):
    """A row for the stock of a predecessor and one for its readings: file, dry run, real run, packets and commits."""
    stock = {kind: move_in(env, kind, lines) for kind, lines in make_files().items()}
    readings = stock.pop("readings")
    whole = sum(stock.values()) * WANTED / MIGRATED
    yield {
        "what": "stock of 100,000 meters migrated in (customers, points, meters, contracts, installations), from the pace of"
        f" {MIGRATED}: " + ", ".join(f"{kind} {MIGRATED / took:.0f}/s" for kind, took in stock.items()),
        "value": whole,
        "unit": "s",
        "baseline": "about ten minutes",
        "baseline_value": LONG,
        "target": 1.0,
        "ok": whole <= LONG,
    }
    yield {
        "what": "readings migrated in, with validation",
        "value": MIGRATED * MIGRATED_READINGS / readings,
        "unit": "1/s",
    }


def make_files():
    """``{kind: lines}`` of a utility where each customer has a contract, a point and a meter."""
    numbers = range(1, MIGRATED + 1)
    months = [f"2023-{month:02d}-28" for month in range(1, MIGRATED_READINGS + 1)]
    return {
        "customers": ["key;name", *(f"K{n};Odbiorca {n}" for n in numbers)],
        "points": [
            "key;street;city;municipality;point_kind",
            *(f"P{n};ul. Migracyjna {n};Źródła;MIG;główny" for n in numbers),
        ],
        "meters": [
            "key;serial;manufacturer;q3;dn;register_digits;year",
            *(f"M{n};MIG{n:08d};DIEHL;2,5;20;5;2022" for n in numbers),
        ],
        "contracts": [
            "key;number;customer;points;date_start;billing_cycle",
            *(f"U{n};MIG/{n};K{n};P{n};2022-01-01;kwartał" for n in numbers),
        ],
        "installations": [
            "meter;point;date_from;start_value",
            *(f"M{n};P{n};2022-01-01;{n % 100}" for n in numbers),
        ],
        "readings": [
            "meter;moment;value",
            *(f"M{n};{day};{n % 100 + 9 * (k + 1)}" for n in numbers for k, day in enumerate(months)),
        ],
    }


def move_in(env, kind, lines):
    """Seconds of the import of ``lines``; a row that did not come in is an error of the bench."""
    if not env["pwik.municipality"].search_count([("code", "=", "MIG")]):
        env["pwik.municipality"].create({"name": "Migracja", "code": "MIG"})
    content = base64.b64encode("\n".join(lines).encode())
    job = env["pwik.migration"].create({"kind": kind, "file_name": f"{kind}.csv", "file": content})
    env.cr.commit()
    start = time.perf_counter()
    job.action_check()
    work_off(env, job)
    if job.state == "checked" and job.ok_count == len(lines) - 1:
        job.action_run()
        work_off(env, job)
    seconds = time.perf_counter() - start
    if job.done_count != len(lines) - 1:
        bad = job.row_ids.filtered(lambda row: row.state == "bad")[:1]
        raise RuntimeError(f"{kind}: {job.done_count} of {len(lines) - 1} came in: {job.error or bad.reason}")
    return seconds


def work_off(env, job):
    """What the scheduled action does: a packet, a commit, until nothing is left."""
    more = True
    while more:
        more = job._work_packet()
        env.cr.commit()


# Answers of a few milliseconds differ by this much between two runs of the same (s).
NOISE = 0.005


def measure(*sides):
    """Median of several rounds with empty caches for each ``(env, work)``, s; the first round warms the databases up."""
    seconds = [[] for _side in sides]
    for number in range(ROUNDS + 1):
        for (env, work), found in zip(sides, seconds, strict=True):
            env.invalidate_all()
            start = time.perf_counter()
            work(number)
            found.append(time.perf_counter() - start)
    return [statistics.median(found[1:]) for found in seconds]


def make_screens(env, size):
    """The screens: ``{name: function of the round}``."""

    def list_of(model, view, domain=(), order=None):
        records = env[model]
        specification = make_specification(env, model, view)
        return lambda _number: records.web_search_read(
            list(domain), specification, limit=80, order=order, count_limit=10_001
        )

    meters = env["pwik.meter"]
    form = make_specification(env, "pwik.meter", "form")
    # Different meters each round, spread over the register.
    serials = [serial_of(1 + number * (size - 1) // ROUNDS) for number in range(ROUNDS + 1)]
    chosen = [meters.search([("serial", "=", serial)]).id for serial in serials]
    dashboard = env["pwik.dashboard"]
    review = [("state", "=", "to_review"), ("superseded", "=", False)]
    screens = {
        "list of meters": list_of("pwik.meter", "list"),
        "list of readings": list_of("pwik.reading", "list"),
        "review queue": list_of("pwik.reading", "pwik_meters.pwik_reading_view_review", review),
        "meter form": lambda number: meters.browse(chosen[number]).web_read(form),
        "one box: serial": lambda number: dashboard.find(serials[number]),
        "one box: part of a serial": lambda number: dashboard.find(serials[number][3:]),
        "one box: address": lambda number: dashboard.find(f"Miarowa {1 + number * (size - 1) // ROUNDS}"),
        "one box: customer number": lambda number: dashboard.find(
            f"C{1 + number * (size - 1) // ROUNDS:07d}"
        ),
    }
    for name, work in screens.items():
        if name != "list of readings" and not work(1):
            raise RuntimeError(f"{name} shows nothing")
    return screens


def make_specification(env, model, view):
    """What the web client asks for to show this view: the fields of its arch, names of what they point to."""
    records = env[model]
    view_type = view if "." not in view else "list"
    view_id = env.ref(view).id if "." in view else None
    arch = records.get_views([(view_id, view_type)])["views"][view_type]["arch"]
    from lxml import etree

    def fields_of(node, owner):
        found = {}
        for field in node.xpath("./field | .//field[not(ancestor::field)]"):
            definition = owner._fields[field.get("name")]
            if definition.type == "many2one":
                found[definition.name] = {"fields": {"display_name": {}}}
            elif definition.type in ("one2many", "many2many"):
                inner = field.find("list")
                comodel = env[definition.comodel_name]
                below = (
                    {"display_name": {}}
                    if inner is None
                    else fields_of(etree.fromstring(etree.tostring(inner)), comodel)
                )
                limit = int(inner.get("limit", 40)) if inner is not None else 40
                found[definition.name] = {"fields": below, "limit": limit}
            else:
                found[definition.name] = {}
        return found

    return fields_of(etree.fromstring(arch), records)


def serial_of(number):
    return f"BM{number:08d}"


class World:
    """A register that grows by copies of a first customer, point, meter and contract, made by SQL where they are."""

    def __init__(self, env):
        self.env = env
        self.made = 0
        municipality = env["pwik.municipality"].create({"name": "Bench", "code": "BENCH"})
        route = env["pwik.reading.route"].create({"name": "Bench", "code": "BENCH"})
        partner = env["res.partner"].create({"name": "Bench", "street": "ul. Miarowa 0", "city": "Bench"})
        point = env["pwik.service.point"].create(
            {
                "street": "ul. Miarowa 0",
                "city": "Bench",
                "municipality_id": municipality.id,
                "route_id": route.id,
            }
        )
        contract = env["pwik.contract"].create(
            {
                "partner_id": partner.id,
                "date_start": "2020-01-01",
                "contract_point_ids": [(0, 0, {"service_point_id": point.id})],
            }
        )
        contract.action_activate()
        meter = env["pwik.meter"].create(
            {"serial": serial_of(0), "manufacturer": "Bench", "state": "installed"}
        )
        installation = env["pwik.meter.installation"].create(
            {"meter_id": meter.id, "service_point_id": point.id, "date_from": "2020-01-01"}
        )
        reading = env["pwik.reading"].create(
            {"meter_id": meter.id, "moment": "2023-01-15 10:00:00", "value": 10}
        )
        reading.action_validate()
        self.first = {
            "res_partner": partner,
            "pwik_service_point": point,
            "pwik_contract": contract,
            "pwik_contract_point": contract.contract_point_ids,
            "pwik_meter": meter,
            "pwik_meter_installation": installation,
            "pwik_reading": reading,
        }
        env.flush_all()
        env.cr.commit()

    def grow(self, size):
        """Let the register hold ``size`` meters besides the first."""
        low, high = self.made + 1, size
        span = f"generate_series({low}, {high}) n"
        address = "'ul. Miarowa ' || n"
        self._copy(
            "res_partner",
            span,
            {
                "name": "'Odbiorca ' || n",
                "complete_name": "'Odbiorca ' || n",
                "pwik_customer_number": "'C' || lpad(n::text, 7, '0')",
                "street": address,
                "commercial_partner_id": "NULL",
                "pwik_payment_account": "NULL",  # unique, where billing gives one
            },
        )
        self._copy("pwik_service_point", span, {"number": "'BP' || lpad(n::text, 8, '0')", "street": address})
        self._copy(
            "pwik_meter",
            span,
            {
                "serial": "'BM' || lpad(n::text, 8, '0')",
                "legalization_valid_until": "date '2026-01-01' + n %% 1800",
            },
        )
        joined = f"""{span}
            JOIN pwik_service_point p ON p.number = 'BP' || lpad(n::text, 8, '0')
            JOIN pwik_meter m ON m.serial = 'BM' || lpad(n::text, 8, '0')
            JOIN res_partner c ON c.pwik_customer_number = 'C' || lpad(n::text, 7, '0')"""
        self.env.cr.execute("ANALYZE pwik_service_point; ANALYZE pwik_meter; ANALYZE res_partner")
        number = "'BU/' || lpad(n::text, 8, '0')"
        self._copy(
            "pwik_contract", joined, {"number": number, "partner_id": "c.id", "invoice_partner_id": "c.id"}
        )
        self._copy(
            "pwik_contract_point",
            f"{joined} JOIN pwik_contract u ON u.number = {number}",
            {"contract_id": "u.id", "service_point_id": "p.id"},
        )
        self._copy("pwik_meter_installation", joined, {"meter_id": "m.id", "service_point_id": "p.id"})
        self._grow_more(joined, number)
        self.made = size
        self.analyze()

    def analyze(self):
        """Commit, and do what autovacuum does in a register that grew over the years."""
        self.env.cr.commit()
        self.env.cr._cnx.autocommit = True
        self.env.cr.execute("VACUUM ANALYZE")
        self.env.cr._cnx.autocommit = False
        self.env.invalidate_all()

    def _grow_more(self, joined, number):
        """What hangs on the meters: here their readings.

        :param joined: SQL of ``n`` and of the meter ``m``, the point ``p`` and the customer ``c`` of each
        :param number: SQL of the contract's number
        """
        waits = "(n * 7 + k) %% 100 = 0 AND k > 30"
        with self._at_once("pwik_reading"):
            self._copy(
                "pwik_reading",
                f"""{joined} JOIN pwik_contract u ON u.number = {number}
                JOIN pwik_meter_installation i ON i.meter_id = m.id, generate_series(1, {MONTHS}) k""",
                {
                    "meter_id": "m.id",
                    "installation_id": "i.id",
                    "service_point_id": "p.id",
                    "contract_id": "u.id",
                    "moment": "timestamp '2023-06-15 06:00' + make_interval(months => k)"
                    " + make_interval(secs => n %% 40000)",
                    "date": "date '2023-06-15' + make_interval(months => k)",
                    "value": "k * 10",
                    "consumption": "10",
                    "state": f"CASE WHEN {waits} THEN 'to_review' ELSE 'accepted' END",
                    "finding_codes": f"CASE WHEN {waits} THEN 'V09' END",
                    "blocks_billing": waits,
                },
            )
        self.env.cr.execute(
            """
            INSERT INTO pwik_reading_finding (reading_id, company_id, code, severity, blocks_billing, final, params)
            SELECT r.id, r.company_id, 'V09', 'warning', TRUE, FALSE,
                   '{"use": {"m3": "10.000"}, "expected": {"m3": "2.000"}}'
              FROM pwik_reading r WHERE r.state = 'to_review' AND r.finding_codes = 'V09'
               AND NOT EXISTS (SELECT FROM pwik_reading_finding f WHERE f.reading_id = r.id)
            """
        )

    @contextlib.contextmanager
    def _at_once(self, table):
        """Take the table's foreign keys and indexes away for the block and put the same back: for millions of rows checking
        and sorting all of them at once takes a fraction of doing it row by row, and a row that broke one would fail there."""
        cr = self.env.cr
        cr.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        )
        keys = cr.fetchall()
        cr.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = %s::regclass AND NOT indisprimary",
            [table],
        )
        indexes = cr.fetchall()
        for name, _definition in keys:
            cr.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _definition in indexes:
            cr.execute(f"DROP INDEX {name}")
        yield
        cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for _name, definition in indexes:
            cr.execute(definition)
        for name, definition in keys:
            cr.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')

    def _copy(self, table, source, values):
        """Copy the first row of ``table`` for each row of ``source`` (SQL), with these columns changed."""
        cr = self.env.cr
        cr.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'"
            " AND table_schema = current_schema() AND is_generated = 'NEVER'",
            [table],
        )
        columns = [name for (name,) in cr.fetchall()]
        chosen = ", ".join(values.get(name, f't0."{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        cr.execute(
            f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {table} t0, {source} WHERE t0.id = %s",
            [self.first[table].id],
        )
