"""Overlays and a dump which the tests of radio reading share."""

import base64
import json
from contextlib import contextmanager
from unittest.mock import patch

from cryptography.fernet import Fernet
from odoo.addons.pwik_meters.tests.common import PwikCommon
from odoo.tools import config, file_open

SERVER_KEY = Fernet.generate_key().decode()
# (manufacturer, radio ID, version, medium) by number; the lines of tour.jsonl:
#  1, 2  overlay 1, older and newer telegram, OMS mode 5 with the register of 31 March
#  3     overlay 2, Apator NA-1
#  4     overlay 3, Apator 16-2
#  5     overlay 4, Kamstrup CTR with a leak
#  6     overlay 1, a flipped bit
#  7     an overlay that nobody entered
#  8     overlay 5, has no key here
#  9     overlay 6, below the start value of its meter
#  10    overlay 7, encrypted with another key than is stored
OVERLAYS = {
    1: ("BMT", "10000001", "01", "07"),
    2: ("APA", "10000002", "14", "07"),
    3: ("APA", "10000003", "05", "07"),
    4: ("KAM", "10000004", "1B", "16"),
    5: ("BMT", "10000005", "01", "07"),
    6: ("BMT", "10000006", "01", "07"),
    7: ("BMT", "10000007", "01", "07"),
}
START_VALUES = {1: 100, 2: 210, 3: 310, 4: 410, 5: 510, 6: 100, 7: 710}


class RadioCommon(PwikCommon):
    """``modules[n]`` sits on ``meters[n]`` at a point of its own since 2025-01-01; ``tour`` is the dump's content."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(config.options, {"pwik_radio_key": SERVER_KEY}))
        with file_open("pwik_radio_reading/tests/data/tour.jsonl", "rb") as stream:
            cls.tour = stream.read()
        with file_open("pwik_radio_reading/tests/data/keys.json") as stream:
            cls.keys = json.load(stream)
        cls.meters, cls.modules = {}, {}
        for number, (manufacturer, serial, version, medium) in OVERLAYS.items():
            point = cls.make_point(f"ul. Radiowa {number}")
            cls.make_contract(cls.customer, point)
            meter = cls.meters[number] = cls.make_meter(f"RAD-{serial}")
            cls.install(meter, point, start_value=START_VALUES[number])
            module = cls.modules[number] = cls.env["pwik.radio.module"].create(
                {
                    "manufacturer": manufacturer,
                    "serial": serial,
                    "version": version,
                    "medium": medium,
                    "assignment_ids": [(0, 0, {"meter_id": meter.id, "date_from": "2025-01-01 00:00:00"})],
                }
            )
            if serial in cls.keys:
                module.set_key(cls.keys[serial])
        cls.dumps = cls.env["pwik.radio.dump"]

    def import_dump(self, content=None, name="tour.jsonl", process=True):
        """A dump of that content (default: the tour), processed."""
        dump, _duplicate = self.dumps._take_in(self.tour if content is None else content, name, "wizard")
        if process:
            dump._process()
        return dump

    def lines_by_number(self, dump):
        return {line.number: line for line in dump.line_ids}

    def outcomes(self, dump):
        """``{line number: (state, reason)}``"""
        return {line.number: (line.state, line.reason or None) for line in dump.line_ids}

    def radio_readings(self):
        return self.env["pwik.reading"].search(
            [("source", "=", "radio"), ("meter_id", "in", [meter.id for meter in self.meters.values()])],
            order="meter_id, moment",
        )

    @staticmethod
    def encode(content):
        return base64.b64encode(content).decode()

    @contextmanager
    def in_cron(self):
        """A registry in test mode, so that scheduled actions run with cursors (and commits) of their own."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            yield
        self.env.invalidate_all()


def plain_telegram(serial, litres, extra=""):
    """An OMS telegram in clear of overlay (DIE, serial, 35, 07), for tests that need many: CI 7A, DIF 04, VIF 13."""
    sender = bytes.fromhex(serial)[::-1]
    body = (
        bytes.fromhex("442511") + sender + bytes.fromhex("35077A010000000413") + litres.to_bytes(4, "little")
    )
    body += bytes.fromhex(extra)
    return (bytes([len(body)]) + body).hex().upper()


def plain_line(serial, litres, moment="2025-04-01T06:00:00Z", extra=""):
    return dump_line(plain_telegram(serial, litres, extra), moment)


def dump_line(telegram, moment="2025-04-01T06:00:00Z"):
    return json.dumps({"ts": moment, "rssi": -70, "telegram": telegram}).encode() + b"\n"


def month_end_telegram(serial, litres, ends):
    """As ``plain_telegram``, with registers of past days: ``ends`` is ``[(date, litres), …]`` (VIF 6C and 13)."""
    body = bytes.fromhex(plain_telegram(serial, litres))[1:]
    for storage, (day, value) in enumerate(ends, 1):
        low, high = (storage & 1) << 6, storage >> 1
        year = day.year - 2000
        date = (day.day | (year & 7) << 5 | day.month << 8 | (year >> 3) << 12).to_bytes(2, "little")
        for coding, vif, data in ((2, 0x6C, date), (4, 0x13, value.to_bytes(4, "little"))):
            head = [coding | low, vif] if not high else [coding | low | 0x80, high, vif]
            body += bytes(head) + data
    return (bytes([len(body)]) + body).hex().upper()
