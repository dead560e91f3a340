"""Whoever the office finds in a telegram, the reader's computer finds too: else a stop that was heard stays “missing”."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_collector.telegram import addresses, with_crc_a
from pwik_radio_reading.domain.errors import DomainError
from pwik_radio_reading.domain.wmbus import address
from pwik_radio_reading.domain.wmbus.address import maker_code

SAMPLES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "synthetic.jsonl").read_text("utf-8").splitlines()
]
DIEHL = ("HYD", "DME", "EWT", "SPL", "SAP")
METER = bytes.fromhex("78563412") + maker_code("KAM").to_bytes(2, "little") + bytes.fromhex("1B16")
HEADERS = {
    "long": b"\x72" + METER + bytes.fromhex("01000000"),
    "short": bytes.fromhex("7A01000000"),
    # of Diehl: the mark of its own hiding
    "hidden": bytes.fromhex("7A01000010"),
    "own": b"\xa0",
    "bare": b"\x78",
}
OTHER = maker_code("QDS").to_bytes(2, "little") + bytes.fromhex("443322113707")
LOWER = {
    "": b"",
    "8C": bytes.fromhex("8C2001"),
    "8D": bytes.fromhex("8D200111223344AABB"),
    "8E": bytes.fromhex("8E2001") + OTHER,
    "8F": bytes.fromhex("8F2001") + OTHER + bytes.fromhex("11223344AABB"),
}
AFL = bytes.fromhex("900F002C25B30A000021924D4F2FB66E01")


def whom_the_office_finds(telegram):
    found = address(telegram)
    return found.manufacturer, found.id.upper()


def whom_the_reader_finds(telegram):
    return [(found.manufacturer, found.id) for found in addresses(telegram)]


def build(maker, ident, body):
    head = b"\x44" + maker_code(maker).to_bytes(2, "little") + ident + body
    return bytes([len(head)]) + head


def test_of_each_family():
    for row in SAMPLES:
        for telegram in filter(None, (row["telegram"], row.get("telegram_format_a"))):
            found = whom_the_office_finds(bytes.fromhex(telegram))
            assert found in whom_the_reader_finds(bytes.fromhex(telegram)), row["family"]


@pytest.mark.parametrize("maker", ["APA", *DIEHL])
@pytest.mark.parametrize("lower", LOWER)
def test_under_each_layer(maker, lower):
    for afl in (b"", AFL):
        for name, header in HEADERS.items():
            body = LOWER[lower] + afl + header + b"\x2f" * 24
            telegram = build(maker, bytes.fromhex("030405060708"), body)
            for shaped in (telegram, with_crc_a(telegram)):
                assert whom_the_office_finds(shaped) in whom_the_reader_finds(shaped), (name, afl)


@given(
    maker=st.sampled_from(["APA", "KAM", *DIEHL]),
    ident=st.binary(min_size=6, max_size=6),
    layers=st.lists(st.sampled_from([*LOWER.values(), AFL, *HEADERS.values()]), min_size=1, max_size=3),
    size=st.integers(0, 40),
    cut=st.integers(0, 30),
)
def test_of_whatever_the_layers_are(maker, ident, layers, size, cut):
    body = b"".join(layers) + bytes(size)
    body = body[: max(1, len(body) - cut)]
    telegram = build(maker, ident, body)
    try:
        found = whom_the_office_finds(telegram)
    except DomainError:
        return
    assert found in whom_the_reader_finds(telegram)
