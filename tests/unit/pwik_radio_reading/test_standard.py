"""The standards' own examples, and the made-up telegrams that a second decoder confirmed."""

import json
import pathlib
from datetime import datetime
from decimal import Decimal

import pytest
from pwik_radio_reading.domain.wmbus import Layouts, decode

SYNTHETIC = [
    json.loads(line)
    for line in pathlib.Path(__file__).with_name("data").joinpath("synthetic.jsonl").read_text().splitlines()
]


def test_oms_annex_n_security_profile_a():
    """OMS volume 2, annex N.1.1: gas meter, frame A, mode 5."""
    found = decode(
        bytes.fromhex(
            "2E44931578563412330333637A2A0020255923C95AAA26D1B2E7493BC2AD013EC4A6F6D3529B520EDFF0EA6DEFC955B2"
            "9D6D69EBF3EC8A"
        ),
        bytes.fromhex("0102030405060708090A0B0C0D0E0F11"),
    )
    assert (found.manufacturer, found.id, found.version, found.medium) == ("ELS", "12345678", 0x33, 0x03)
    assert found.total_m3 == Decimal("28504.27")
    assert found.time == datetime(2008, 5, 31, 23, 50)
    assert (found.frame, found.mode) == ("A", "5")


def test_oms_annex_n_security_profile_b():
    """OMS volume 2, annex N.1.3: the same meter, mode 7 with AFL and MAC."""
    found = decode(
        bytes.fromhex(
            "434493157856341233038C2075900F002C25B30A000021924D4F2FB66E017A75002007109058475F4BC91DF878B80A1B"
            "0F98B629024AAC727942BFC549233C0140829B93"
        ),
        bytes(range(16)),
    )
    assert (found.id, found.total_m3, found.mode) == ("12345678", Decimal("28504.27"), "7")


@pytest.mark.parametrize("form", ["telegram", "telegram_format_a"])
def test_synthetic(form):
    layouts = Layouts()
    for row in SYNTHETIC:
        key = bytes.fromhex(row["key"]) if row["key"] else None
        found, wanted = decode(bytes.fromhex(row[form]), key, layouts=layouts), row["encoded"]
        assert found.id == row["id"]
        assert found.total_m3 == Decimal(str(wanted["total_m3"]))
        if "target_m3" in wanted:
            assert found.target_m3 == Decimal(str(wanted["target_m3"]))
        if "meter_datetime" in wanted:
            assert found.time == datetime.fromisoformat(wanted["meter_datetime"])
