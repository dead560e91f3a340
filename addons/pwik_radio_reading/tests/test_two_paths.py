"""Readings that are judged first and stored by COPY are the same, in every column, as those that went through the ORM."""

import contextlib
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.addons.pwik_meters.models.reading_intake import ReadingIntake

from ..models.dump_packet import DumpPacket
from .common import RadioCommon, dump_line, month_end_telegram, plain_line

NOON = datetime(2025, 4, 10, 10, 0)
APRIL, MAY, JUNE = (datetime(2025, month, 1, 6, 0) for month in (4, 5, 6))
# What differs from one run to the next; ids are replaced by what they point to
STAMPS = {"id", "create_date", "write_date"}


class TestTwoPaths(RadioCommon):
    @contextlib.contextmanager
    def undone(self):
        """What happens inside leaves nothing behind."""
        self.env.flush_all()
        with contextlib.suppress(InterruptedError), self.env.cr.savepoint():
            yield
            raise InterruptedError
        self.env.invalidate_all()

    def rows(self, table, *dropped):
        self.env.flush_all()
        self.env.cr.execute(f"SELECT * FROM {table} ORDER BY id")
        drop = STAMPS | set(dropped)
        return [
            {"row": row["id"], **{name: value for name, value in row.items() if name not in drop}}
            for row in self.env.cr.dictfetchall()
        ]

    def snapshot(self):
        """All that an import may leave behind, with places in the list instead of ids of readings."""
        readings = sorted(
            self.rows("pwik_reading"),
            key=lambda row: (row["meter_id"], row["moment"], row["source"], row["row"]),
        )
        place = {row.pop("row"): number for number, row in enumerate(readings)}
        tables = {"pwik_reading": readings}
        for table, column, dropped in (
            ("pwik_reading_finding", "reading_id", ()),
            ("pwik_radio_alarm", None, ("case_id",)),
            ("pwik_case", "reading_id", ("number", "name", "access_token", "tracking_code")),
            ("mail_followers", None, ("res_id",)),
            ("mail_message", None, ("res_id", "message_id", "date")),
        ):
            tables[table] = self.rows(table, *dropped)
            for row in tables[table]:
                row.pop("row")
                if column:
                    row[column] = place.get(row[column])
            tables[table].sort(key=repr)
        lines = self.rows("pwik_radio_dump_line", "dump_id")
        numbers = {row["row"]: row["number"] for row in lines}
        for row in readings:
            row["filled_from_line_id"] = numbers.get(row["filled_from_line_id"])
        tables["lines"] = [{**row, "row": None, "reading_id": place.get(row["reading_id"])} for row in lines]
        return tables

    def both(self, work):
        """Run ``work`` on either path. :return: both snapshots"""
        took, made = [], []
        make = ReadingIntake.make

        def never(model, vals_list):
            took.append("long")
            return False

        def noted(intake, vals_list, there):
            made.append(len(vals_list))
            return make(intake, vals_list, there)

        with self.undone(), patch.object(ReadingIntake, "is_possible", never):
            work()
            long = self.snapshot()
        self.assertTrue(took)
        with self.undone(), patch.object(ReadingIntake, "make", noted):
            work()
            short = self.snapshot()
        self.assertTrue(sum(made), "no reading went the short way")
        self.assert_same(long, short)
        return long

    def assert_same(self, long, short):
        for table, rows in long.items():
            self.assertEqual(len(rows), len(short[table]), table)
            for one, other in zip(rows, short[table], strict=True):
                different = {name: (one[name], other[name]) for name in one if one[name] != other[name]}
                self.assertFalse(different, f"{table}: {one}")

    def vals(self, number, moment, value, source="radio", **more):
        return {
            "meter_id": self.meters[number].id,
            "moment": moment,
            "value": value,
            "source": source,
            **more,
        }

    def codes(self, snapshot):
        found = set()
        for row in snapshot["pwik_reading"]:
            found |= set((row["finding_codes"] or "").split())
        return found

    def test_tour(self):
        snapshot = self.both(self.import_dump)
        self.assertEqual(len(snapshot["lines"]), 10)
        self.assertTrue(snapshot["pwik_radio_alarm"])
        self.assertTrue(snapshot["pwik_case"])

    def test_choice_where_there_is_none(self):
        """What is taken of a meter's only telegram is what would be taken of it among several."""
        self.modules[5].write({"manufacturer": "DIE", "version": "35"})
        self.make_reading(520, "2025-03-31", self.meters[5])

        days = [date(2025, 5, 31), date(2025, 6, 1), date(2025, 4, 30), date(2025, 6, 30), date(2025, 5, 17)]
        telegrams = [month_end_telegram("10000005", 521_000, [(day, 519_500)]) for day in days]
        contents = [b"", *(dump_line(telegram, "2025-06-05T06:00:00Z") for telegram in telegrams)]
        shortcut, used, kinds = DumpPacket._choose_only, [], set()

        def noted(packet, hearing, candidates, fills):
            used.append(hearing)
            return shortcut(packet, hearing, candidates, fills)

        def long_way(packet, hearing, candidates, fills):
            return packet._choose_of([hearing], candidates, fills)

        for content in contents:
            snapshots = []
            for choose in (long_way, noted):
                with self.undone(), patch.object(DumpPacket, "_choose_only", choose):
                    self.import_dump(*([content] if content else []))
                    snapshots.append(self.snapshot())
            self.assert_same(*snapshots)
            kinds |= {
                (row["radio_fixed_day"], bool(row["filled_from_line_id"]))
                for row in snapshots[0]["pwik_reading"]
                if row["source"] == "radio"
            }
        self.assertGreaterEqual(len(used), len(contents))
        self.assertEqual(kinds, {(True, False), (False, False), (True, True)})

    def test_large_dump_of_plain_telegrams(self):
        self.modules[5].write({"manufacturer": "DIE", "version": "35"})
        content = b"".join(
            plain_line("10000005", 520_000 + number, f"2025-04-01T06:00:{number:02d}Z")
            for number in range(50)
        )
        self.both(lambda: self.import_dump(content))

    def test_water_that_flowed_back(self):
        self.modules[5].write({"manufacturer": "DIE", "version": "35"})
        before = plain_line("10000005", 520_000, "2025-04-01T06:00:00Z", "04933C0A000000")
        self.import_dump(before)
        after = plain_line("10000005", 521_000, "2025-05-01T06:00:00Z", "04933CD2000000")
        self.assertIn("V18", self.codes(self.both(lambda: self.import_dump(after))))

    def test_values_of_every_kind(self):
        """In one batch: sound, back-dated, fallen, rolled over, of one moment, of two sources, of nowhere."""
        self.make_reading(104, "2025-02-28", self.meters[1])
        self.make_reading(130, "2025-06-30", self.meters[1])
        self.make_reading(99_990, "2025-02-28", self.meters[3])
        self.make_reading(520, moment=MAY, meter=self.meters[5], source="radio")
        self.make_reading(717, moment=MAY, meter=self.meters[7], source="manual")
        stray = self.make_meter("RAD-STRAY")
        batch = [
            self.vals(1, MAY, 118.5),  # between two others: the later one's use changes
            self.vals(1, APRIL, 111.25),  # not in the order of time
            self.vals(2, APRIL, 205),  # below the start value
            self.vals(2, MAY, 215.001, note="tab\there, line\nthere, back\\slash"),
            self.vals(3, APRIL, 8.123),  # rolled over
            self.vals(4, APRIL, 9_999.5, radio_alarms="leak tamper", radio_clock_drift=90_000),
            self.vals(4, MAY, 10_000.5, radio_clock_drift=100_000, radio_fixed_day=True),
            self.vals(5, MAY, 521),  # another value is there
            self.vals(5, MAY, 520),  # this very value is there
            self.vals(5, JUNE, 523),
            self.vals(5, JUNE, 523),  # twice in the batch
            self.vals(5, JUNE, 524),  # and another value
            self.vals(6, JUNE, 110),
            self.vals(6, JUNE, 111, source="manual"),  # two sources at one moment
            self.vals(7, MAY, 718),  # as above, the other one is there already
            self.vals(7, datetime(2031, 1, 1), 719),  # in the future
            self.vals(7, datetime(2024, 1, 1), 719),  # before the installation
            {"meter_id": stray.id, "moment": NOON, "value": 5.0, "source": "radio"},
        ]
        results = []

        def work():
            results.append(self.env["pwik.reading"]._import_values(batch).mapped("value"))

        snapshot = self.both(work)
        self.assertEqual(*results)
        self.assertEqual(results[0], [round(vals["value"], 3) for vals in batch])
        self.assertLessEqual({"V03", "V04", "V05", "V06", "V07", "V17", "V19"}, self.codes(snapshot))
        states = {row["state"] for row in snapshot["pwik_reading"]}
        self.assertEqual(states, {"accepted", "to_review", "rejected"})

    def test_one_value_of_two_sources_counts_once(self):
        """Within a batch, beside one that is there, and with a value after them."""
        self.make_reading(520, moment=MAY, meter=self.meters[5], source="radio")
        batch = [
            self.vals(5, MAY, 520, source="customer"),
            self.vals(6, MAY, 607, source="manual"),
            self.vals(6, MAY, 607),
            self.vals(6, JUNE, 610),
        ]
        snapshot = self.both(lambda: self.env["pwik.reading"]._import_values(batch))
        uses = {
            (row["meter_id"], row["moment"], row["source"]): row["consumption"]
            for row in snapshot["pwik_reading"]
            if row["finding_codes"] == "V02"
        }
        five, six = self.meters[5].id, self.meters[6].id
        self.assertEqual(uses[five, MAY, "customer"], 0)
        self.assertEqual(uses[six, MAY, "radio"], 0)
        self.assertIn(3, [row["consumption"] for row in snapshot["pwik_reading"] if row["meter_id"] == six])

    def test_main_meter_and_the_one_behind_it(self):
        garden = self.make_point("ul. Radiowa 1, ogród", parent_id=self.meters[1].service_point_id.id)
        self.make_contract(self.customer, garden)
        behind = self.make_meter("RAD-BEHIND")
        self.install(behind, garden, start_value=0)
        batch = [
            self.vals(1, APRIL, 110),
            self.vals(1, MAY, 111),
            {"meter_id": behind.id, "moment": APRIL - timedelta(hours=1), "value": 4.0, "source": "radio"},
            {"meter_id": behind.id, "moment": MAY - timedelta(hours=1), "value": 6.5, "source": "radio"},
        ]
        snapshot = self.both(lambda: self.env["pwik.reading"]._import_values(batch))
        self.assertIn("V22", self.codes(snapshot))

    def test_history_longer_than_what_is_loaded(self):
        for number in range(40):
            self.make_reading(110 + number, moment=APRIL - timedelta(hours=number * -1), meter=self.meters[1])
        self.both(
            lambda: self.env["pwik.reading"]._import_values(
                [self.vals(1, MAY, 160), self.vals(1, APRIL + timedelta(minutes=30), 110.5)]
            )
        )

    def test_cache_says_what_the_table_says(self):
        point, meter = self.meters[1].service_point_id, self.meters[1]
        contract = point.contract_id if "contract_id" in point._fields else self.env["pwik.contract"]
        before = (meter.reading_ids, meter.last_reading_value, contract.mapped("id"))
        self.assertFalse(before[0])
        made = self.env["pwik.reading"]._import_values(
            [
                self.vals(1, APRIL, 111.2345),
                self.vals(1, MAY, 90, radio_alarms="leak"),
                self.vals(2, MAY, 211),
            ]
        )
        self.assertEqual(meter.reading_ids, made[1] | made[0])
        self.assertEqual(meter.last_reading_value, 111.235)
        names = [name for name in made._fields if name != "__last_update"]
        cached = made.read(names)
        self.assertFalse(self.env.transaction.tocompute)
        self.env.invalidate_all()
        self.assertEqual(cached, made.read(names))
        self.assertEqual(made.create_uid, self.env.user)

    def test_what_others_hang_on_a_reading_is_not_passed_over(self):
        vals = [self.vals(1, APRIL, 111)]
        model = self.env["pwik.reading"]
        self.assertTrue(ReadingIntake.is_possible(model, vals))
        self.assertFalse(ReadingIntake.is_possible(model, [{**vals[0], "photo": b""}]))
        long_way = type(model).create

        def create(records, vals_list):
            return long_way(records, vals_list)

        with patch.object(type(model), "create", create):
            self.assertFalse(ReadingIntake.is_possible(model, vals))
        with patch.object(type(model), "_prepare_validation_extra", lambda records: {}):
            self.assertFalse(ReadingIntake.is_possible(model, vals), "facts of rules that go by records only")
        total = type(self.meters[1])._fields["last_reading_value"]
        with patch.object(total, "store", True):
            self.assertFalse(ReadingIntake.is_possible(model, vals), "a stored value that adds readings up")
