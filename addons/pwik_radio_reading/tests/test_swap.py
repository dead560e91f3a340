from datetime import datetime

from .common import START_VALUES, RadioCommon, plain_line

FABRICATION = "0C78"  # DIF 0C (8 digits), VIF 78 (EN 13757-3, table 10)


class TestSwap(RadioCommon):
    """Rule V15: meters or overlays that were mistaken for each other."""

    def setUp(self):
        super().setUp()
        for number in (5, 7):
            self.modules[number].write({"manufacturer": "DIE", "version": "35"})
            self.modules[number].set_key(False)  # what they send here is in clear
            for months, day in enumerate(("2025-01-31", "2025-02-28"), 1):
                self.make_reading(START_VALUES[number] + months, day, self.meters[number])

    def findings(self, reading):
        return {finding.code: finding for finding in reading.finding_ids}

    def reading_of(self, dump, serial):
        return dump.line_ids.filtered(lambda line: line.serial == serial).reading_id

    def test_two_series_that_continue_each_other(self):
        # meter 5 began at 510 m³, meter 7 at 710 m³: the overlays hang on each other's meter
        dump = self.import_dump(plain_line("10000005", 715_000) + plain_line("10000007", 514_000))
        high, low = self.reading_of(dump, "10000005"), self.reading_of(dump, "10000007")
        self.assertEqual((high.state, low.state), ("to_review", "to_review"))
        for reading, other in ((high, self.meters[7]), (low, self.meters[5])):
            finding = self.findings(reading)["V15"]
            self.assertEqual((finding.severity, finding.blocks_billing), ("error", True))
            self.assertIn(other.serial, finding.message)
            self.assertIn("V15", reading.finding_codes)

    def test_half_of_it_is_not_judged_again_alone(self):
        dump = self.import_dump(plain_line("10000005", 715_000) + plain_line("10000007", 514_000))
        high, low = self.reading_of(dump, "10000005"), self.reading_of(dump, "10000007")
        before = high.meter_id.reading_ids.filtered(lambda reading: reading.state == "accepted").sorted(
            "moment"
        )[-1]
        before.action_correct(before.value + 0.1, "photo")
        self.assertIn("V15", high.finding_codes)
        self.assertIn("V15", low.finding_codes)

    def test_the_other_half_comes_in_another_dump(self):
        first = self.import_dump(plain_line("10000005", 715_000), "one.jsonl")
        high = self.reading_of(first, "10000005")
        self.assertNotIn("V15", high.finding_codes)
        second = self.import_dump(plain_line("10000007", 514_000, "2025-04-02T06:00:00Z"), "two.jsonl")
        low = self.reading_of(second, "10000007")
        self.assertIn("V15", low.finding_codes)
        self.assertIn("V15", high.finding_codes)
        self.assertIn(self.meters[7].serial, self.findings(high)["V15"].message)

    def test_half_of_it_long_ago_is_no_swap(self):
        self.import_dump(plain_line("10000005", 715_000, "2025-03-01T06:00:00Z"), "one.jsonl")
        second = self.import_dump(plain_line("10000007", 514_000), "two.jsonl")
        self.assertNotIn("V15", self.reading_of(second, "10000007").finding_codes)

    def test_thresholds_are_data(self):
        self.import_dump(plain_line("10000005", 715_000, "2025-03-01T06:00:00Z"), "one.jsonl")
        self.env["pwik.validation.limit"].create({"rule_code": "V15", "parameter": "days_apart", "value": 40})
        second = self.import_dump(plain_line("10000007", 514_000), "two.jsonl")
        self.assertIn("V15", self.reading_of(second, "10000007").finding_codes)

    def test_one_that_fell_alone(self):
        dump = self.import_dump(plain_line("10000005", 515_000) + plain_line("10000007", 514_000))
        self.assertEqual(self.reading_of(dump, "10000005").state, "accepted")
        self.assertNotIn("V15", self.reading_of(dump, "10000007").finding_codes)

    def test_telegram_that_names_another_meter(self):
        reading = self.env["pwik.reading"]._import_values(
            [
                {
                    "meter_id": self.meters[5].id,
                    "moment": datetime(2025, 4, 1, 6, 0),
                    "value": 515.0,
                    "source": "radio",
                    "radio_meter_serial": self.meters[7].serial,
                }
            ]
        )
        finding = self.findings(reading)["V15"]
        self.assertEqual(reading.state, "to_review")
        self.assertIn(self.meters[7].serial, finding.message)

    def test_number_in_the_telegram(self):
        for told, state in (("87654321", "to_review"), ("10000099", "accepted")):
            with self.subTest(told), self.env.cr.savepoint() as savepoint:
                self.meters[7].serial = "87654321"
                content = plain_line("10000005", 515_000, extra=FABRICATION + bytes.fromhex(told)[::-1].hex())
                reading = self.import_dump(content).line_ids.reading_id
                self.assertEqual(reading.radio_meter_serial, told)
                self.assertEqual(reading.state, state)
                savepoint.rollback()
            self.env.invalidate_all()
