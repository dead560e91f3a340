import gzip
import io
import json
import zipfile
from datetime import datetime

from .common import RadioCommon


class TestRepeat(RadioCommon):
    """The same telegrams again give nothing new, however they are named or packed."""

    def setUp(self):
        super().setUp()
        self.dump = self.import_dump()
        self.readings = self.radio_readings()

    def assert_nothing_new(self):
        self.assertEqual(self.radio_readings(), self.readings)

    def take_again(self, content, name):
        return self.dumps._take_in(content, name, "wizard")

    def test_renamed(self):
        self.assertEqual(self.take_again(self.tour, "other name.txt"), (self.dump, True))

    def test_packed_again(self):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("folder/tour.jsonl", self.tour)
        for content in (gzip.compress(self.tour, 1, mtime=1), gzip.compress(self.tour, 9), packed.getvalue()):
            self.assertEqual(self.take_again(content, "tour.gz"), (self.dump, True))

    def test_processed_again(self):
        before = self.outcomes(self.dump)
        self.dump.action_process()
        self.dump._process()
        self.assertEqual(self.outcomes(self.dump), before)
        self.assert_nothing_new()

    def test_same_telegrams_in_another_file(self):
        content = self.tour + b'{"ts": "2025-04-01T06:05:00Z"}\n'
        again = self.import_dump(content, "longer.jsonl")
        self.assertNotEqual(again, self.dump)
        self.assert_nothing_new()
        self.assertEqual(
            self.outcomes(again),
            {
                **self.outcomes(self.dump),
                **dict.fromkeys((2, 3, 4, 5, 9), ("seen", "duplicate")),
                11: ("error", "bad_hex"),
            },
        )
        self.assertEqual(
            self.lines_by_number(again)[2].reading_id, self.lines_by_number(self.dump)[2].reading_id
        )

    def test_other_value_for_the_same_moment_is_a_conflict(self):
        rows = [json.loads(line) for line in self.tour.splitlines()]
        # the telegram of overlay 2 of the same second, as if it had said something else
        self.env["pwik.reading"].search(
            [("meter_id", "=", self.meters[2].id), ("source", "=", "radio")]
        ).sudo().action_reject()
        self.make_reading(222, moment=self.radio_moment(2), meter=self.meters[2], source="radio")
        again = self.import_dump(json.dumps(rows[2]).encode() + b"\n", "one.jsonl")
        # the value 223.45 of that moment is known and was rejected by a person: it stays so
        self.assertEqual(self.outcomes(again), {1: ("seen", "duplicate")})

    def radio_moment(self, number):
        return self.lines_by_number(self.dump)[number + 1].received


class TestConflict(RadioCommon):
    def test_conflicting_value_waits_with_v03(self):
        row = json.loads(self.tour.splitlines()[2])
        moment = datetime(2025, 4, 1, 6, 0, 20)
        self.env["pwik.reading"]._import_values(
            [
                {"meter_id": self.meters[2].id, "moment": moment, "value": 222.0, "source": "radio"},
            ]
        )
        dump = self.import_dump(json.dumps(row).encode() + b"\n", "one.jsonl")
        self.assertEqual(self.outcomes(dump), {1: ("review", "conflict")})
        self.assertEqual(dump.line_ids.reading_id.finding_codes, "V03")
        in_force = self.env["pwik.reading"].search(
            [("meter_id", "=", self.meters[2].id), ("state", "!=", "rejected")]
        )
        self.assertEqual(in_force.filtered(lambda r: r.source == "radio").value, 222.0)
