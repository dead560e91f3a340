"""Data records: widths, scales, storages, histories; makers never seen before."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_radio_reading.domain.wmbus import decode, records, vif

from tests.wmbus_encoder import Meter, encode_oms
from tests.wmbus_encoder import records as make

XYZ = Meter("XYZ", "00c0ffee", 0x42, 0x07)


def one(raw: str) -> records.Record:
    (record,) = records.parse(bytes.fromhex(raw))
    return record


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("0113 7B", "0.123"),
        ("0213 7B00", "0.123"),
        ("0313 7B0000", "0.123"),
        ("0413 7B000000", "0.123"),
        ("0413 85FFFFFF", "-0.123"),
        ("0613 7B0000000000", "0.123"),
        ("0713 7B00000000000000", "0.123"),
        ("0513 0000F642", "0.123"),
        ("0913 23", "0.023"),
        ("0A13 2301", "0.123"),
        ("0B13 230100", "0.123"),
        ("0C13 23010000", "0.123"),
        ("0C13 230100F0", "-0.123"),
        ("0E13 230100000000", "0.123"),
        ("0D13 C2 2301", "0.123"),
        ("0D13 D2 2301", "-0.123"),
        ("0D13 E4 7B000000", "0.123"),
        ("0416 7B000000", "123"),
        ("0410 7B000000", "0.000123"),
        ("049375 7B000000", "0.0123"),
        ("04937D 7B000000", "123"),
        ("04FB10 02000000", "200"),
    ],
)
def test_volumes(raw, value):
    record = one(raw)
    assert (record.quantity, record.unit, record.value) == ("volume", "m3", Decimal(value))


@pytest.mark.parametrize("raw", ["0C13 0000000A", "0513 0000C07F", "0C13 FFFFFFFF"])
def test_invalid_numbers(raw):
    assert one(raw).value is None


def test_storage_tariff_subunit():
    record = one("C4F10113 00000000")
    assert (record.storage, record.tariff, record.subunit) == (1 | 1 << 1 | 1 << 5, 3, 1)


def test_heads_with_text_units_and_extensions():
    found = records.parse(bytes.fromhex("027C03 48522E 4100 0413 01000000"))
    assert [record.quantity for record in found] == ["text_unit", "volume"]
    assert one("04FF23 00000000").quantity == "vendor"
    assert one("04933C 01000000").qualifiers == ("backward",)


def test_every_code_has_a_meaning_or_none():
    for code in range(128):
        assert isinstance(vif.PRIMARY.get(code, vif.UNKNOWN), vif.Meaning)
    assert vif.qualifier(0x3B) == ("forward", 0)


@given(st.integers(0, 2**31 - 1), st.integers(1, 255), st.integers(0, 3), st.integers(0, 255))
def test_unknown_maker(litres, version, tariff, access):
    """Plain OMS records of a maker that nobody knows; what has a tariff, a past or a direction is no register."""
    meter = Meter("QQQ", "12345678", version, 0x07)
    payload = (
        make.head(4, "13", tariff=1)
        + (7).to_bytes(4, "little")
        + make.head(4, "933C")
        + (8).to_bytes(4, "little")
        + make.head(4, "13", function=1)
        + (9).to_bytes(4, "little")
        + make.volume(litres)
    )
    found = decode(encode_oms(meter, payload, access=access))
    assert found.total_m3 == Decimal(litres).scaleb(-3)
    assert (found.manufacturer, found.driver) == ("QQQ", "oms")


@pytest.mark.parametrize("vif_code, litres_each", [("12", "0.1"), ("13", "1"), ("14", "10"), ("16", "1000")])
def test_scales(vif_code, litres_each):
    found = decode(encode_oms(XYZ, make.head(4, vif_code) + (1234).to_bytes(4, "little")))
    assert found.total_m3 == 1234 * Decimal(litres_each) / 1000


def test_dates_of_each_type():
    moment = datetime(2026, 2, 28, 23, 59, 58)
    assert one((make.head(6, "6D") + make.datetime_i(moment)[2:]).hex()).value == moment
    assert one(make.datetime_f(moment).hex()).value == moment.replace(second=0)
    assert one(make.date_g(moment.date()).hex()).value == moment.date()
    assert one("036D 3A3B17").value.isoformat() == "23:59:58"
    assert one("026C FFFF").value is None
    assert one("046D 80000000").value is None
    assert one("026C 1F02").value is None  # 31 February


def test_newest_dated_value_is_the_target():
    payload = (
        make.volume(9000)
        + make.date_g(date(2025, 12, 31), storage=1)
        + make.volume(5000, storage=1)
        + make.date_g(date(2026, 5, 31), storage=3)
        + make.volume(8000, storage=3)
    )
    found = decode(encode_oms(XYZ, payload))
    assert (found.target_m3, found.target_date) == (Decimal(8), date(2026, 5, 31))
    assert found.history == ((date(2026, 5, 31), Decimal(8)), (date(2025, 12, 31), Decimal(5)))


def test_past_value_above_the_register_is_none():
    found = decode(encode_oms(XYZ, make.volume(9000) + make.volume(80_000_000, storage=1)))
    assert (found.total_m3, found.target_m3) == (9, None)


def test_storages_at_an_interval():
    """OMS volume 2, annex A: the first day and an interval of months date all that follow."""
    payload = (
        make.volume(9000)
        + make.date_g(date(2026, 3, 31), storage=8)
        + make.head(1, "FD28", storage=8)
        + b"\x01"
    )
    for step in range(4):
        payload += make.volume(8000 - 1000 * step, storage=8 + step)
    found = decode(encode_oms(XYZ, payload))
    assert found.history == (
        (date(2026, 3, 31), Decimal(8)),
        (date(2026, 2, 28), Decimal(7)),
        (date(2026, 1, 31), Decimal(6)),
        (date(2025, 12, 31), Decimal(5)),
    )


def test_inverse_profile():
    payload = make.volume(9000) + make.date_g(date(2026, 1, 1), storage=8) + make.volume(8000, storage=8)
    values = b"".join(value.to_bytes(3, "little") for value in (7000, 6000)) + b"\x00\x00\x80"
    payload += make.head(0xD, "9313", storage=8) + bytes([2 + len(values)]) + b"\x33\xfe" + values
    found = decode(encode_oms(XYZ, payload))
    assert found.history == (
        (date(2026, 1, 1), Decimal(8)),
        (date(2025, 12, 1), Decimal(7)),
        (date(2025, 11, 1), Decimal(6)),
    )


def test_too_many_extensions():
    with pytest.raises(records.UnknownEncodingError):
        records.parse(b"\x84" + b"\x80" * 12 + b"\x13\x00\x00\x00\x00")
