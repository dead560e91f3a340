import gzip
import random
from unittest.mock import patch

from odoo.tools import mute_logger

from ..domain import profile as profile_domain
from .common import RadioCommon, dump_line


class TestBadFiles(RadioCommon):
    """Whatever the file, the job ends, says why, and keeps what was good."""

    def assert_refused(self, content, code):
        dump = self.import_dump(content)
        self.assertEqual((dump.state, dump.error), ("error", code))
        self.assertTrue(dump.message)
        self.assertFalse(self.radio_readings())
        return dump

    def test_empty(self):
        self.assert_refused(b"", "empty_file")
        self.assert_refused(b" \n\n", "empty_file")

    def test_binary(self):
        self.assert_refused(random.Random(1).randbytes(5000), "binary_file")

    def test_no_dump(self):
        self.assert_refused(b"Szanowni Panstwo,\nw zalaczeniu przesylam odczyty.\n", "unknown_format")

    def test_cut_archive_gives_what_came_before_the_cut(self):
        lines = self.tour.splitlines(keepends=True)
        noise = random.Random(2)
        # lines of an unknown overlay that hardly compress, so that the cut hits after our own
        filler = [
            b'{"ts": "2025-04-01T07:00:00Z", "telegram": "%s"}\n' % noise.randbytes(80).hex().encode()
            for _number in range(400)
        ]
        packed = gzip.compress(b"".join(lines + filler))
        dump = self.import_dump(packed[: len(packed) // 2], "tour.jsonl.gz")
        self.assertEqual((dump.state, dump.error), ("error", "bad_archive"))
        self.assertEqual(dump.done_count, 4)
        self.assertEqual(dump.line_ids.sorted("number")[-1].reason, "bad_archive")

    def test_cut_archive_stays_cut_when_it_is_read_again(self):
        noise = random.Random(3)
        filler = b"".join(dump_line(noise.randbytes(80).hex()) for _number in range(400))
        packed = gzip.compress(self.tour + filler)
        dump = self.import_dump(packed[: len(packed) // 2], "tour.jsonl.gz")
        before = dump.line_count
        dump.action_process()
        self.assertEqual((dump.state, dump.error, dump.line_count), ("error", "bad_archive", before))

    def read_exports(self, numbers):
        """A dump of a CSV with the numbers of overlays, read with a profile of its own."""
        profile = self.env["pwik.dump.profile"].create(
            {
                "name": "Numbers",
                "column_ids": [
                    (0, 0, {"field_name": "id", "heading": "nr"}),
                    (0, 0, {"field_name": "total", "heading": "stan"}),
                ],
            }
        )
        rows = "".join(f"{number};5\n" for number in numbers)
        dump, _known = self.dumps._take_in(
            f"nr;stan\n{rows}".encode(), "numbers.csv", "wizard", profile_id=profile.id
        )
        dump._process()
        return dump

    @staticmethod
    def get_long_number():
        return random.Random(4).randbytes(2000).hex()

    def test_a_number_of_four_thousand_characters(self):
        dump = self.read_exports([self.get_long_number(), "12345678"])
        self.assertEqual(dump.state, "done")
        self.assertEqual(self.outcomes(dump), {2: ("error", "bad_line"), 3: ("quarantine", "unknown_module")})

    @mute_logger("odoo.addons.pwik_radio_reading.models.pwik_radio_dump_process", "odoo.sql_db")
    def test_a_limit_of_the_database_stops_one_dump_only(self):
        """PostgreSQL really refuses the row of the index; that is no outage after which the dump would run again for ever."""
        with patch.object(profile_domain, "LONGEST_ID", 5000):
            dump = self.read_exports([self.get_long_number()])
        self.assertEqual((dump.state, dump.error), ("error", "internal"))

    def test_half_written_last_line(self):
        dump = self.import_dump(self.tour[:-100])
        self.assertEqual(dump.state, "done")
        self.assertEqual(self.lines_by_number(dump)[10].state, "error")
        self.assertEqual(dump.done_count, 4)

    def test_line_with_nul_and_without_telegram(self):
        dump = self.import_dump(b'{"ts": "2025-04-01T06:00:00Z", "telegram": "\x00"}\n' + self.tour)
        line = self.lines_by_number(dump)[1]
        self.assertEqual((line.state, line.reason), ("error", "bad_line"))
        self.assertNotIn("\x00", line.raw)
        self.assertEqual(dump.done_count, 4)

    def test_every_flipped_bit_is_an_error_or_an_unknown_overlay_but_no_reading(self):
        """A frame with checksums: none of its bits may change unseen."""
        good = next(line for line in self.tour.splitlines() if b"EAF7" in line)  # line 6, repaired below
        start = good.index(b'"telegram": "') + len(b'"telegram": "')
        frame = bytearray.fromhex(good[start:-2].decode())
        frame[24] ^= 0x08
        flips = []
        for bit in range(0, len(frame) * 8, 7):
            broken = bytearray(frame)
            broken[bit // 8] ^= 1 << bit % 8
            flips.append(good[:start] + broken.hex().upper().encode() + good[-2:])
        dump = self.import_dump(b"\n".join(flips))
        self.assertFalse(self.radio_readings())
        self.assertEqual(set(dump.line_ids.mapped("state")), {"error"})
        repaired = self.import_dump(good[:start] + frame.hex().upper().encode() + good[-2:])
        self.assertEqual(self.outcomes(repaired), {1: ("done", None)})

    def test_file_that_was_refused_can_be_read_again(self):
        dump = self.assert_refused(b"foreign format\n", "unknown_format")
        dump.attachment_id.raw = self.tour
        dump.action_process()
        self.assertEqual((dump.state, dump.error, dump.done_count), ("done", False, 4))

    @mute_logger("odoo.addons.pwik_radio_reading.models.pwik_radio_dump_process")
    def test_file_lost_from_the_filestore(self):
        dump = self.import_dump(process=False)
        dump.attachment_id.raw = b""
        dump._process()
        self.assertEqual((dump.state, dump.error), ("error", "empty_file"))
