"""Makers' own encodings and alarm bits."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from pwik_radio_reading.domain.errors import ImplausibleError
from pwik_radio_reading.domain.wmbus import Layouts, decode
from pwik_radio_reading.domain.wmbus.manufacturers import prios
from radio_samples import KEY, NOW

from tests.wmbus_encoder import (
    Meter,
    encode_apator_162,
    encode_apator_na1,
    encode_kamstrup,
    encode_oms,
    encode_prios,
    frames,
    records,
)

APATOR = Meter("APA", "17392507", 0x14, 0x07)
IZAR = Meter("HYD", "17392507", 0x85, 0x07)


def test_na1_alarms():
    bits = {
        0x01: "battery_low",
        0x02: "magnet",
        0x04: "detached",
        0x08: "leak",
        0x10: "no_flow",
        0x20: "backflow",
        0x40: "overload",
    }
    for bit, alarm in bits.items():
        assert decode(encode_apator_na1(APATOR, 1, NOW, key=KEY, status=bit), KEY).alarms == (alarm,)


def test_na1_large_registers_are_coded_with_an_exponent():
    from pwik_radio_reading.domain.wmbus.manufacturers.apator_na1 import _values

    coded = (1234 // 16) << 8 | 1 << 4 | 1234 % 16
    plain = b"\x2f" + coded.to_bytes(4, "little") + (820_000_000).to_bytes(4, "little") + bytes(7)
    assert _values(plain, None).total == Decimal("12.340")


@pytest.mark.parametrize(
    ("info", "wanted"),
    [
        (0x01, ("dry",)),
        (0x02, ("backflow",)),
        (0x04, ("leak",)),
        (0x08, ("burst",)),
        (0x0C, ("burst", "leak")),
        (0x70, ()),
    ],
)
def test_kamstrup_info(info, wanted):
    meter = Meter("KAM", "17392507", 0x1B, 0x16)
    assert decode(encode_kamstrup(meter, 1, 1, key=KEY, info=info), KEY).alarms == wanted


def test_kamstrup_long_info():
    meter = Meter("KAW", "17392507", 0x3A, 0x16)
    bits = {0x10: "tamper", 0x20: "battery_low", 0x40: "freeze", 0x80: "overload", 0x200: "no_flow"}
    for bit, alarm in bits.items():
        payload = b"\x04\xff\x23" + bit.to_bytes(4, "little") + records.volume(1)
        assert decode(encode_oms(meter, payload)).alarms == (alarm,)


def test_a_full_frame_teaches_its_layout():
    """A layout that is not built in: the compact frame is unknown before the full one, and read after it."""
    meter = Meter("KAM", "17392507", 0x1D, 0x16)
    values = [("0413", (5000).to_bytes(4, "little")), ("023B", (12).to_bytes(2, "little"))]
    full = b"".join(bytes.fromhex(head) + data for head, data in values)
    heads = b"".join(bytes.fromhex(head) for head, _ in values)

    def sent(message: bytes) -> bytes:
        return frames.frame(
            meter.link_address, b"\x8d\x20\x01" + bytes(4) + frames.checksum(message)[::-1] + message
        )

    compact = sent(
        b"\x79"
        + frames.checksum(heads)[::-1]
        + frames.checksum(full)[::-1]
        + b"".join(data for _, data in values)
    )
    layouts = Layouts()
    with pytest.raises(Exception, match="no full frame"):
        decode(compact, layouts=layouts)
    assert decode(sent(b"\x78" + full), layouts=layouts).total_m3 == 5
    assert decode(compact, layouts=layouts).total_m3 == 5


def test_layouts_are_bounded():
    layouts = Layouts(limit=2)
    for storage in range(4):
        layouts.learn(records.head(4, "13", storage=storage + 20))
    assert len(layouts._learned) == 2


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        ((0x01, 0x9D, 0x00), ("leak",)),
        ((0x01, 0x5D, 0x00), ()),
        ((0x01, 0x3D, 0x00), ("no_flow",)),
        ((0x01, 0x1D, 0x80), ("backflow",)),
        ((0x01, 0x1D, 0x20), ("overload",)),
        ((0x01, 0x1D, 0x08), ("tamper",)),
        ((0x01, 0x1D, 0x05), ()),
        ((0x01, 0x01, 0x00), ("battery_low",)),
    ],
)
def test_prios_alarms(flags, wanted):
    assert decode(encode_prios(IZAR, 2000, 1000, date(2026, 5, 31), flags=flags)).alarms == wanted


def test_prios_second_key_and_own_key():
    second = encode_prios(IZAR, 2000, 1000, date(2026, 5, 31), key=prios.DEFAULT_KEYS[1])
    assert decode(second).total_m3 == 2
    own = encode_prios(IZAR, 2000, 1000, date(2026, 5, 31), key=KEY[:8])
    assert decode(own, KEY).total_m3 == 2


def test_prios_of_sappel_has_its_serial_in_place_of_version_and_medium():
    found = decode(encode_prios(Meter("SAP", "21242472", 0xD4, 0x01), 2000, 1000, date(2026, 5, 31)))
    assert (found.manufacturer, found.id, found.version, found.medium) == ("SAP", "21242472", 0, 0x07)


def test_diehl_real_data():
    """Data records behind PRIOS's shift register; the configuration's upper byte is their sum."""
    plain = (
        records.volume(71_442)
        + records.date_g(date(2026, 3, 31), storage=1)
        + records.volume(69_700, storage=1)
    )
    plain += b"\x2f" * ((0x10 - sum(plain) // 0x10) % 1)
    filler = next(count for count in range(64) if sum(plain + b"\x2f" * count) & 0x10)
    plain += b"\x2f" * filler
    address = IZAR.maker + bytes([0x8B, 0x07]) + IZAR.number
    head = bytes([0x7A, 0x8F, 0x00, 0x10])
    hidden = prios.stream(prios.start(address, head, prios.DEFAULT_KEYS[0]), len(plain))
    body = head + bytes([sum(plain) & 0xFF]) + bytes(a ^ b for a, b in zip(plain, hidden, strict=True))
    found = decode(frames.frame(address, body))
    assert (found.id, found.version, found.medium) == ("17392507", 0x8B, 0x07)
    assert (found.total_m3, found.target_m3) == (Decimal("71.442"), Decimal("69.7"))


def test_waterstar_month_ends_and_flags():
    meter = Meter("DWZ", "17392507", 0x02, 0x07)
    payload = (
        records.datetime_f(datetime(2026, 3, 10, 8, 0)) + records.volume(9000) + records.error_flags(0x60)
    )
    payload += records.date_g(date(2025, 12, 31), storage=1) + records.volume(6000, storage=1)
    for storage, litres in ((2, 8000), (3, 7000), (4, 6000), (5, 5000)):
        payload += records.volume(litres, storage=storage)
    found = decode(encode_oms(meter, payload, mode=5, key=KEY), KEY)
    assert found.alarms == ("leak", "tamper")
    assert found.history[:2] == ((date(2026, 2, 28), Decimal(8)), (date(2026, 1, 31), Decimal(7)))
    assert (found.target_m3, found.target_date) == (Decimal(8), date(2026, 2, 28))


def test_waterstar_month_ends_that_the_due_day_denies():
    meter = Meter("DWZ", "17392507", 0x02, 0x07)
    payload = records.datetime_f(datetime(2026, 3, 10, 8, 0)) + records.volume(9000)
    payload += records.date_g(date(2025, 12, 31), storage=1) + records.volume(6500, storage=1)
    for storage, litres in ((2, 8000), (3, 7000), (4, 6000)):
        payload += records.volume(litres, storage=storage)
    found = decode(encode_oms(meter, payload))
    assert found.history == ((date(2025, 12, 31), Decimal("6.5")),)


def hydrodigit(contents: bytes, status: int = 0):
    meter = Meter("BMT", "17392507", 0x13, 0x07)
    payload = (
        records.volume(43_964, bcd=True)
        + records.datetime_f(datetime(2026, 5, 22, 15, 33))
        + b"\x0f"
        + contents
    )
    return decode(encode_oms(meter, payload, status=status))


def test_hydrodigit_months():
    months = b"".join((3900 + 10 * month).to_bytes(3, "little") for month in range(1, 13))
    found = hydrodigit(b"\x15\x2a" + bytes(4) + months + b"\x00")
    assert (found.target_m3, found.target_date) == (Decimal("39.40"), date(2026, 4, 30))
    assert found.history[-1] == (date(2025, 5, 31), Decimal("39.50"))


def test_hydrodigit_alarms():
    assert hydrodigit(b"\x82\x80\x26\x05\x20\x26\x05\x01").alarms == ("leak", "magnet")
    assert hydrodigit(b"\x82\x80\x20\x05\x20\x00\x00\x00").alarms == ()
    assert hydrodigit(b"\x01\x2a\x00", status=0x03).alarms == ("leak",)
    assert hydrodigit(b"\x01\x2a\x00", status=0x14).alarms == ("burst", "battery_low")


def qundis(block: bytes):
    meter = Meter("QDS", "17392507", 0x18, 0x06)
    payload = b"\x0d\xff\x5f" + bytes([len(block)]) + block + records.datetime_f(datetime(2026, 5, 18, 17, 2))
    return decode(encode_oms(meter, payload))


def test_qundis_walk_by_block():
    block = bytes(9) + b"\x13\xff\xff" + bytes.fromhex("63961300") + records.type_g(date(2025, 12, 31))
    block += (
        bytes.fromhex("82731200") + records.type_g(date(2026, 4, 30)) + bytes.fromhex("63811300") + bytes(24)
    )
    found = qundis(block)
    assert found.total_m3 == Decimal("139.663")
    assert (found.target_m3, found.target_date) == (Decimal("138.163"), date(2026, 4, 30))


def test_zenner_old_module():
    meter = Meter("ZRI", "17392507", 0x0B, 0x16)
    own = (
        bytes(4)
        + (7 * 256_000).to_bytes(4, "little")
        + (17 * 256_000 + 15_872).to_bytes(4, "little")
        + b"\x00"
    )
    assert decode(encode_oms(meter, b"\x0f" + own, mode=5, key=KEY), KEY).total_m3 == Decimal("17.062")


def test_flags_of_others():
    def flagged(maker: str, version: int, bits: int, size: int = 2) -> tuple[str, ...]:
        payload = records.volume(1) + records.head(size, "FD17") + bits.to_bytes(size, "little")
        return decode(encode_oms(Meter(maker, "17392507", version, 0x16), payload)).alarms

    assert flagged("APA", 0x01, 0xA1, 3) == ("burst", "leak", "tamper")
    assert flagged("APA", 0x01, 0x8080_00, 3) == ()
    assert flagged("ZRI", 0x01, 0xA000) == ("burst", "leak")
    assert flagged("EFE", 0x00, 0x18) == ("magnet", "detached")
    assert flagged("QQQ", 0x01, 0x0001) == ("device_error",)


def test_status_byte():
    def status(maker: str, bits: int) -> tuple[str, ...]:
        return decode(encode_oms(Meter(maker, "17392507", 0x31, 0x07), records.volume(1), status=bits)).alarms

    assert status("QQQ", 0x04) == ("battery_low",)
    assert status("QQQ", 0x03) == status("QQQ", 0x08) == status("QQQ", 0x10) == ("device_error",)
    assert status("QQQ", 0xE2) == ()
    assert status("ECM", 0x63) == ("leak",)


def test_gwf_own_flags():
    meter = Meter("GWF", "17392507", 0x3C, 0x07)
    assert decode(encode_oms(meter, records.volume(1) + b"\x0f\x01\x4a\xe3")).alarms == (
        "burst",
        "leak",
        "backflow",
    )


def test_wired_frame():
    """EN 13757-2 long frame, as Elvaco's reports carry it."""
    content = b"\x08\x01\x72" + IZAR.transport_address + b"\x01\x00\x00\x00" + records.volume(1234)
    size = bytes([len(content)])
    wired = b"\x68" + size * 2 + b"\x68" + content + bytes([sum(content) & 0xFF]) + b"\x16"
    found = decode(wired)
    assert (found.id, found.total_m3, found.frame) == ("17392507", Decimal("1.234"), "wired")
    with pytest.raises(Exception, match="checksum"):
        decode(wired[:-3] + bytes([wired[-3] ^ 1]) + wired[-2:])


def apator_162(months, received=None):
    meter = Meter("APA", "17392507", 0x05, 0x07)
    return decode(encode_apator_162(meter, 9000, months, key=KEY), KEY, received=received)


def test_apator_162_months_are_dated_by_the_reception():
    found = apator_162((8000, 7000, 0), datetime(2026, 2, 20, 10, 0))
    assert (found.target_m3, found.target_date) == (Decimal(8), date(2026, 2, 1))
    assert found.history == ((date(2026, 2, 1), Decimal(8)), (date(2026, 1, 1), Decimal(7)))
    assert apator_162((8000,)).target_date is None


@pytest.mark.parametrize("day", [1, 2, 28])
def test_apator_162_months_at_the_turn_are_not_dated(day):
    found = apator_162((8000, 7000), datetime(2026, 2, day, 10, 0))
    assert (found.target_m3, found.target_date, found.history) == (Decimal(8), None, ())


def test_apator_162_just_mounted():
    assert apator_162((0, 0, 0), datetime(2026, 2, 20)).target_m3 is None


def test_apator_162_month_value_above_the_register():
    with pytest.raises(ImplausibleError):
        apator_162((9001,))


def test_apator_08_and_172():
    for version, total in ((0x0F, "457.579333"), (0x04, "457579.333333")):
        body = b"\xa0" + (1_372_738).to_bytes(4, "little") + bytes(14)
        telegram = frames.frame(Meter("APT", "00149c06", version, 0x0F).link_address, body)
        assert decode(telegram).total_m3 == Decimal(total)


@pytest.mark.parametrize("state", [0, 1, 0x80000000, 0x39BC8A10, 0xFFFFFFFF])
def test_what_hides_a_prios_frame_is_the_shift_register_step_by_step(state):
    register, out = state, bytearray()
    for place in range(8 * 256):
        bit = (register >> 1 ^ register >> 2 ^ register >> 11 ^ register >> 31) & 1
        register = (register << 1 | bit) & 0xFFFFFFFF
        if place % 8 == 7:
            out.append(register & 0xFF)
    for size in (0, 5, 11, 256):
        assert prios.stream(state, size) == out[:size]
