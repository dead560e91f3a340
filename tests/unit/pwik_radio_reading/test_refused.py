"""What is not surely right is an error: damaged frames, wrong keys, cut telegrams."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pwik_radio_reading.domain import errors
from pwik_radio_reading.domain.wmbus import Layouts, address, decode
from radio_samples import KEY, MONTH_END, NOW, SAMPLES, oms_records

from tests.wmbus_encoder import (
    Meter,
    encode_apator_na1,
    encode_kamstrup,
    encode_oms,
    encode_prios,
    records,
    with_crc_a,
    with_crc_b,
)

FIO = Meter("FIO", "17392507", 0x01, 0x07)
KEYED = [sample for sample in SAMPLES if sample.key]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_byte_of_a_frame_a(sample):
    """Each byte in eight ways, and the length field in all."""
    frame = with_crc_a(sample.telegram)
    for place in range(len(frame)):
        for change in range(1, 256) if place == 0 else (1 << bit for bit in range(8)):
            hit = frame[:place] + bytes([frame[place] ^ change]) + frame[place + 1 :]
            with pytest.raises((errors.BadCrcError, errors.BadLengthError, errors.TruncatedError)):
                decode(hit, sample.key)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_byte_of_a_frame_b(sample):
    """A hit frame B has the length of a frame without checksums: refused, or at least nothing false in it."""
    refused = 0
    frame = with_crc_b(sample.telegram)
    for place in range(len(frame)):
        for change in (1 << bit for bit in range(8)):
            hit = frame[:place] + bytes([frame[place] ^ change]) + frame[place + 1 :]
            try:
                found = decode(hit, sample.key)
            except errors.TelegramError:
                refused += 1
                continue
            assert (found.id, found.total_m3) == (sample.meter.id, sample.total)
    assert refused > 0.85 * 8 * len(frame)


@pytest.mark.parametrize("sample", KEYED, ids=str)
def test_wrong_keys(sample):
    chance = random.Random(sample.name)
    for _ in range(200):
        with pytest.raises(errors.WrongKeyError):
            decode(sample.telegram, chance.randbytes(16))


@pytest.mark.parametrize("sample", KEYED, ids=str)
def test_no_key(sample):
    with pytest.raises(errors.NoKeyError):
        decode(sample.telegram)


@pytest.mark.parametrize("frame", [lambda plain: plain, with_crc_a, with_crc_b])
@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_cut_at_each_length(sample, frame):
    whole = frame(sample.telegram)
    for size in range(len(whole)):
        with pytest.raises(errors.TelegramError):
            decode(whole[:size], sample.key)
        fitting = bytes([max(size - 1, 0)]) + whole[1:size]
        for read in (lambda data: decode(data, sample.key), address):
            try:
                read(fitting)
            except errors.DomainError:
                continue


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=140), st.sampled_from([None, KEY]))
def test_noise(data, key):
    for noise in (data, bytes([len(data)]) + data):
        try:
            decode(noise, key, layouts=Layouts())
        except errors.DomainError:
            pass


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["FIO", "KAM", "QDS", "BMT", "ZRI", "EFE", "APA", "HYD", "GWF"]), st.binary(max_size=80)
)
def test_noise_as_records(maker, payload):
    for version in (0x00, 0x05, 0x0B, 0x13):
        try:
            decode(encode_oms(Meter(maker, "17392507", version, 0x16), payload))
        except errors.DomainError:
            pass


def raised(code, telegram, key=None, **options):
    with pytest.raises(errors.TelegramError) as caught:
        decode(telegram, key, **options)
    assert caught.value.code == code, caught.value


def test_code_bad_length():
    raised("bad_length", encode_oms(FIO, oms_records()) + b"\x00\x00\x00")


def test_code_truncated():
    raised("truncated", encode_oms(FIO, oms_records())[:-1])
    raised("truncated", b"")
    raised("truncated", encode_oms(FIO, records.volume(1) + b"\x04\x13\x00"))


def test_code_unknown_encoding():
    raised("unknown_encoding", encode_oms(FIO, b"\x3f\x13\x00"))
    raised("unknown_encoding", encode_oms(FIO, records.datetime_f(NOW)))
    plain = bytearray(encode_oms(FIO, oms_records()))
    plain[14] = 0x0D  # security mode 13
    raised("unknown_encoding", bytes(plain))
    plain[10] = 0xA3  # a CI of the maker's own
    raised("unknown_encoding", bytes(plain))


def test_code_implausible():
    raised("implausible", encode_oms(FIO, records.volume(-5)))


def test_key_of_wrong_size():
    with pytest.raises(errors.BadKeyError) as caught:
        decode(encode_oms(FIO, oms_records(), mode=5, key=KEY), b"short")
    assert caught.value.code == "bad_key"
    assert "short" not in caught.value.message


def test_na1_far_from_its_reception():
    telegram = encode_apator_na1(Meter("APA", "17392507", 0x14, 0x07), 5000, NOW, key=KEY)
    assert decode(telegram, KEY, received=NOW).total_m3 == 5
    raised("wrong_key", telegram, KEY, received=NOW.replace(year=2027))


def test_na1_implausible_register():
    telegram = encode_apator_na1(Meter("APA", "17392507", 0x14, 0x07), 150_000_000, NOW, key=KEY)
    raised("implausible", telegram, KEY)


def test_prios_month_value_after_the_register():
    raised("wrong_key", encode_prios(Meter("HYD", "17392507", 0x85, 0x07), 5000, 5001, MONTH_END))


def test_compact_frame_of_an_unknown_layout():
    from tests.wmbus_encoder import ciphers, frames

    meter = Meter("KAM", "17392507", 0x1B, 0x16)
    plain = encode_kamstrup(meter, 1, 1, key=KEY, compact=True)
    head, number = plain[:13], plain[13:17]
    counter = meter.link_address + plain[11:12] + number + bytes(3)
    message = bytearray(ciphers.ctr(KEY, counter, plain[17:])[2:])
    message[1] ^= 1
    hidden = ciphers.ctr(KEY, counter, frames.checksum(bytes(message))[::-1] + bytes(message))
    raised("unknown_encoding", head + number + hidden, KEY)
    message[1] ^= 1
    message[-1] ^= 1  # a value that the full frame's checksum does not know
    hidden = ciphers.ctr(KEY, counter, frames.checksum(bytes(message))[::-1] + bytes(message))
    raised("bad_crc", head + number + hidden, KEY)
