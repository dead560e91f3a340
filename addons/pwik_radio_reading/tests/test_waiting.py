"""Lines that wait: shared out by overlays, whole overlays together, none lost on the way."""

import json
from datetime import datetime

from odoo.tests import tagged

from ..models import line_store
from .common import RadioCommon, plain_line


@tagged("post_install", "-at_install")
class TestWaiting(RadioCommon):
    def setUp(self):
        super().setUp()
        self.dump = self.import_dump(process=False)
        self.env.flush_all()

    def add(self, ident, *numbers, **more):
        nothing = dict.fromkeys(line_store.KNOWN)
        rows = [
            list({**nothing, "number": number, "raw": 'ż\t\\ "', "ident": ident, **more}.values())
            for number in numbers
        ]
        line_store.add(self.env.cr, self.dump, rows, [])

    def take(self, first=0, last=255, limit=100):
        lines, is_all = line_store.take(self.env.cr, self.dump.id, (first, last), limit)
        return [(line.ident, line.number) for line in lines], is_all

    def test_database_and_program_share_out_alike(self):
        idents = [f"APA {number:08d} 05 07" for number in range(100)] + ["? ŻÓŁĆ ? ?"]
        self.env.cr.execute(f"SELECT ident, {line_store.BUCKET} FROM unnest(%s) AS ident", [idents])
        found = dict(self.env.cr.fetchall())
        self.assertEqual(found, {ident: line_store.get_bucket(ident) for ident in idents})
        self.assertGreater(len(set(found.values())), 50)

    def test_what_comes_out_is_what_went_in(self):
        heard = datetime(2025, 4, 1, 6, 0, 0, 250_000)
        value = {"total": "1.5", "alarms": ["leak"], "time": None}
        self.add(
            "A",
            7,
            received=heard.isoformat(),
            rssi=-70,
            decoded=json.dumps(value),
            serial="00000001",
            telegram="2c44",
        )
        (line,), is_all = line_store.take(self.env.cr, self.dump.id, (0, 255), 10)
        self.assertTrue(is_all)
        self.assertEqual(
            (
                line.number,
                line.raw,
                line.received,
                line.rssi,
                json.loads(line.decoded),
                line.serial,
                line.telegram,
            ),
            (7, 'ż\t\\ "', heard, -70, value, "00000001", "2c44"),
        )
        self.assertFalse(line.is_kept)

    def test_whole_overlays_come_together(self):
        for number in range(1, 41, 2):  # in several batches, as packets of the file bring them
            self.add(f"O{number % 8}", number, number + 1)
        left = dict.fromkeys(range(1, 41))
        rounds = []
        for _round in range(10):
            lines, is_all = self.take(limit=12)
            rounds.append({ident for ident, _number in lines})
            for ident, number in lines:
                self.assertEqual(ident, f"O{(number - 1 + number % 2) % 8}")
                del left[number]
            if is_all:
                break
        self.assertFalse(left)
        self.assertGreater(len(rounds), 2)
        self.assertEqual(sum(map(len, rounds)), 4, "an overlay came in two packets")

    def test_an_overlay_with_more_lines_than_a_packet(self):
        for number in range(1, 31, 3):
            self.add("JOKE", *range(number, number + 3))
        seen = []
        while True:
            lines, is_all = self.take(limit=7)
            self.assertTrue(lines)
            self.assertLessEqual(len(lines), 7)
            seen += [number for _ident, number in lines]
            if is_all:
                break
        self.assertEqual(seen, list(range(1, 31)))

    def test_packets_are_even(self):
        size = self.env["pwik.radio.dump.task"]._get_packet_size
        self.assertEqual(
            [size(lines, 2000) for lines in (1, 200, 2000, 10_000, 300_000)], [1, 200, 500, 1667, 2000]
        )
        self.assertEqual(size(24, 5), 4)

    def test_lines_that_are_run_again_come_with_those_that_wait(self):
        content = b"".join(
            plain_line("10000005", 520_000 + n, f"2025-04-01T06:00:{n:02d}Z") for n in range(5)
        )
        dump = self.import_dump(content)
        self.assertEqual(set(dump.line_ids.mapped("state")), {"quarantine"})
        dump.line_ids.write({"state": "new"})
        self.env.flush_all()
        ident = dump.line_ids[0].ident
        bucket = line_store.get_bucket(ident)
        self.assertEqual(line_store.count(self.env.cr, dump.id), {bucket: 5})
        known = dict.fromkeys(line_store.KNOWN) | {"number": 6, "raw": "", "ident": ident}
        line_store.add(self.env.cr, dump, [list(known.values())], [])
        self.assertEqual(line_store.count(self.env.cr, dump.id), {bucket: 6})
        lines, is_all = line_store.take(self.env.cr, dump.id, (bucket, bucket), 10)
        self.assertEqual(
            [(line.number, line.is_kept) for line in lines], [(6, False), *((n, True) for n in range(1, 6))]
        )
        self.assertTrue(is_all)
