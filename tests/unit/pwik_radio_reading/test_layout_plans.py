"""What is remembered of one telegram must never change what another one says."""

import gc
import os
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import example, given
from hypothesis import strategies as st
from pwik_radio_reading.domain.errors import DomainError
from pwik_radio_reading.domain.wmbus import (
    address,
    dates,
    decode,
    heads,
    layouts,
    manufacturers,
    records,
    security,
)
from pwik_radio_reading.domain.wmbus.plans import Plans
from radio_samples import KEY, NOW, SAMPLES

from tests.wmbus_encoder import Meter, encode_oms, with_crc_a, with_crc_b
from tests.wmbus_encoder import records as make

# Heads with data of every kind: whole numbers, BCD, real, dates, text, variable length, fillers, the maker's own bytes.
PARTS = st.sampled_from(
    [
        *("0413", "0c13", "0513", "046d", "426c", "441300000000", "2f", "0f", "1f", "0d78", "0d13", "02fd17"),
        *("8211", "8d9413", "0778", "4493132f2f2f2f", "07fd0b", "0313", "7f", "04933c0a000000", "840113"),
    ]
).map(bytes.fromhex)
# Whole records: amounts of a tariff, a unit, a storage, backwards, at most; the meter's number, error flags, days
RECORDS = st.lists(
    st.sampled_from(
        [
            *(
                "84401301000000",
                "84101302000000",
                "141303000000",
                "441304000000",
                "8410933c07000000",
                "04936807000000",
            ),
            *(
                "04933c05000000",
                "c4013b06000000",
                "44933c06000000",
                "0c7878563412",
                "02fd170100",
                "42fd170100",
            ),
            *("426c7f2c", "826c7f2c", "046d05101434", "441308000000", "0c1399000000", "0c139a00000f"),
        ]
    ).map(bytes.fromhex),
    max_size=8,
).map(b"".join)
PAYLOADS = st.lists(PARTS | st.binary(max_size=5), max_size=8).map(b"".join)
# Makers with and without a driver, flags, status bits and data of their own
SENDERS = st.sampled_from(
    [("FIO", 0x01), ("BMT", 0x15), ("KAM", 0x1B), ("APA", 0x01), ("EFE", 0x70), ("QDS", 0x17), ("ZRI", 0x0B)]
    + [("GWF", 0x01), ("HYD", 0x70), ("ECM", 0x01)]
)
HEARD = datetime(2026, 6, 20, 11, 5, tzinfo=UTC)


def outcome(work, *data, **options):
    try:
        return work(*data, **options)
    except DomainError as error:
        return error.code, error.message


def taken_apart(work, data):
    found = outcome(work, data)
    if isinstance(found, tuple):
        return found
    return tuple(found), found.vendor, found.plan.heads, found.plan.ends_empty, found.as_sent()


@given(PAYLOADS, PAYLOADS)
@example(bytes.fromhex("0d7802313204130a000000"), bytes.fromhex("0d7802313233130a000000"))
@example(bytes.fromhex("04130a0000002f2f"), bytes.fromhex("04130b0000000fff"))
def test_a_payload_reads_the_same_whatever_came_before(one, other):
    fresh = taken_apart(lambda data: records.Records(records._make_plan(data), data), other)
    records._plans.__init__()
    outcome(records.parse, one)
    for _again in range(2):
        assert taken_apart(records.parse, other) == fresh


@st.composite
def telegrams(draw):
    """A telegram and its key: one of the samples, or any payload of any maker, in each form of a frame."""
    if draw(st.booleans()):
        sample = draw(st.sampled_from(SAMPLES))
        data, key = sample.telegram, sample.key
    else:
        maker, version = draw(SENDERS)
        register = make.volume(draw(st.integers(0, 10**7)))
        dated = make.date_g(date(2026, draw(st.integers(1, 12)), 28), storage=1) + make.volume(900, storage=1)
        payload = draw(st.sampled_from([b"", register, register + make.datetime_f(NOW) + dated]))
        payload += draw(RECORDS | PAYLOADS)
        options = draw(st.sampled_from([{}, {"mode": 5, "key": KEY}, {"mode": 7, "key": KEY, "counter": 7}]))
        meter = Meter(maker, f"{draw(st.integers(0, 99_999_999)):08d}", version, 0x07)
        data, key = encode_oms(meter, payload, **options), options.get("key")
    return draw(st.sampled_from([bytes, with_crc_a, with_crc_b]))(data), key


# a place from the end, where the payload is, or the beginning, and what is changed there
HITS = st.lists(st.tuples(st.integers(-60, 20), st.integers(1, 255)), max_size=2)


def hit(data, hits):
    out = bytearray(data)
    for place, change in hits:
        out[place % len(out)] ^= change
    return bytes(out)


def forget():
    """As in a process that has seen no telegram yet."""
    records._plans.__init__()
    for kept in (records._layout_plans, heads._heads, manufacturers._kept):
        kept.clear()
    for function in (dates.type_g, dates.type_f, layouts.signature):
        function.cache_clear()


def in_full(found):
    """All that a telegram says, its records made."""
    if isinstance(found, tuple) and hasattr(found, "records"):
        return found._asdict() | {"records": tuple(found.records), "backflow": found.backflow_m3}
    return found


@given(telegrams(), HITS, HITS)
def test_a_telegram_says_the_same_whatever_came_before(sent, before, now):
    data, key = sent
    one, other = hit(data, before), hit(data, now)
    forget()
    fresh = in_full(outcome(decode, other, key, received=HEARD)), outcome(address, other)
    forget()
    outcome(decode, one, key, received=HEARD)
    kept = None if key is None else security.Key(key)
    for used in (key, kept, kept):
        assert in_full(outcome(decode, other, used, received=HEARD)) == fresh[0]
        assert outcome(address, other) == fresh[1]


@given(RECORDS | PAYLOADS)
@example(bytes.fromhex("0413010000008440130200000004933c030000008410933c0700000014933c08000000"))
def test_what_is_read_by_its_place_is_what_the_records_say(payload):
    """Roles are found once for a layout; here each record is looked at by itself, as the standard puts it."""
    found = outcome(records.parse, payload)
    if isinstance(found, tuple):
        return
    plain = [record for record in found if not (record.function or record.tariff or record.qualifiers)]
    wanted = {
        "registers": [r.value for r in plain if r.quantity == "volume" and not r.subunit],
        "moments": [r.value for r in plain if r.quantity in ("date", "datetime")],
        "flags": [r.value for r in found if r.quantity == "error_flags" and not r.storage],
        "serials": [r.value for r in found if r.quantity == "fabrication_number"],
        "backward": [
            r.value
            for r in found
            if (r.quantity, r.qualifiers) == ("volume", ("backward",))
            and not (r.storage or r.tariff or r.subunit or r.function)
        ],
    }
    places = found.plan.roles._asdict()
    assert {role: [p.read(payload[p.start : p.end]) for p in places[role]] for role in wanted} == wanted


def test_the_number_of_the_meter_and_its_backflow():
    payload = (
        make.volume(9000)
        + make.head(4, "933C", storage=1)
        + (1).to_bytes(4, "little")
        + make.head(4, "933C")
        + (40).to_bytes(4, "little")
        + bytes.fromhex("0C7878563412")
    )
    found = decode(encode_oms(Meter("XYZ", "00112233", 1, 7), payload))
    assert (found.fabrication_number, found.backflow_m3) == ("12345678", Decimal("0.040"))
    found = decode(encode_oms(Meter("XYZ", "00112233", 1, 7), make.volume(9000)))
    assert (found.fabrication_number, found.backflow_m3) == (None, None)


def test_only_a_few_layouts_of_a_length_are_kept_and_the_latest_of_them():
    plans = Plans()
    for number in range(100):
        plans.learn(bytes([number, 0]), [(1, 2)], number)
    assert plans.find(bytes([99, 7])) == 99
    assert plans.find(bytes([0, 7])) is None
    assert len(plans._by_length[2]) == plans._count == 16


@pytest.mark.parametrize("kind", [bytes, security.Key])
@pytest.mark.parametrize("blocks", range(1, 16))
def test_chained_by_hand_as_the_library_does(blocks, kind):
    key = kind(os.urandom(16))
    for _again in range(2):
        start, data = os.urandom(16), os.urandom(16 * blocks)
        library = Cipher(algorithms.AES(bytes(key)), modes.CBC(start)).decryptor().update(data)
        assert security.cbc_decrypt(key, start, data) == library
        counter = b"\xff" * 16 if blocks % 2 else start  # over its end too
        for size in (16 * blocks, 16 * blocks - 5):
            library = Cipher(algorithms.AES(bytes(key)), modes.CTR(counter)).decryptor().update(data[:size])
            assert security.ctr_decrypt(key, counter, data[:size]) == library


def test_a_key_shows_nothing_of_itself():
    key = security.Key(KEY)
    assert key == KEY
    assert KEY.hex() not in f"{key} {key!r} {[key]}"
    assert repr(KEY) not in f"{key} {key!r} {[key]}"


def test_a_key_goes_with_its_packet():
    """The library's contexts hold no Key: it would hold them, and neither would ever be freed (measured by what is alive)."""
    for _packet in range(100):
        key = security.Key(os.urandom(16))
        security.cbc_decrypt(key, bytes(16), bytes(16))
        security.ctr_decrypt(key, bytes(16), bytes(16))
        security.cmac(key, b"")
    del key
    gc.collect()
    assert not [found for found in gc.get_objects() if type(found) is security.Key]
