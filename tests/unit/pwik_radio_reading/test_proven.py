"""Which telegrams the meter's own key proves to be its own: nothing that somebody without the key can send."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pwik_radio_reading.domain import errors
from pwik_radio_reading.domain.wmbus import Layouts, decode
from radio_samples import KEY, LITRES, MONTH_END, NOW, SAMPLES, TARGET, oms_records

from tests.wmbus_encoder import (
    Meter,
    encode_kamstrup,
    encode_oms,
    encode_prios,
    encode_techem,
    records,
    with_crc_a,
    with_crc_b,
)

FIO = Meter("FIO", "17392507", 0x01, 0x07)
HYD = Meter("HYD", "17392507", 0x85, 0x07)
OWN_PRIOS = bytes.fromhex("0123456789ABCDEF")
PUBLIC_PRIOS = (bytes.fromhex("39BC8A10E66D83F8"), bytes.fromhex("51728910E66D83F8"))
HEAD = 15  # bytes of a frame without checksums before the payload of a short header, the length among them
CONFIGURATION = 13


def with_blocks(telegram: bytes, blocks: int, tail: bytes) -> bytes:
    """A captured telegram of mode 5, made to say that only its first blocks are encrypted, with other bytes behind them."""
    content = bytearray(telegram[: HEAD + 16 * blocks] + tail)
    content[CONFIGURATION] = content[CONFIGURATION] & 0x0F | blocks << 4
    content[0] = len(content) - 1
    return bytes(content)


def captured(content: bytes) -> bytes:
    return encode_oms(FIO, content, key=KEY, mode=5, access=9)


@pytest.mark.parametrize("frame", [lambda plain: plain, with_crc_a, with_crc_b])
@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_what_a_key_opens_is_proven_and_nothing_else(sample, frame):
    found = decode(frame(sample.telegram), sample.key, received=NOW.astimezone())
    assert found.proven is (sample.key is not None)


@pytest.mark.parametrize(
    "telegram",
    [
        encode_oms(FIO, oms_records()),
        encode_prios(HYD, LITRES, TARGET, MONTH_END),
        encode_prios(HYD, LITRES, TARGET, MONTH_END, key=PUBLIC_PRIOS[1]),
        encode_techem(Meter("TCH", "17392507", 0x74, 0x62), 20_000, 1_500, MONTH_END, NOW.date()),
    ],
    ids=["oms", "prios", "prios, the other public key", "techem"],
)
def test_a_key_proves_nothing_that_did_not_need_it(telegram):
    assert decode(telegram, KEY).proven is False


def test_opened_before_it_was_recorded():
    """The mark of encryption is there, and the blocks are in clear already, as some receivers store them."""
    content = b"\x2f\x2f" + oms_records()
    content += b"\x2f" * (-len(content) % 16)
    telegram = bytearray(encode_oms(FIO, content))
    telegram[CONFIGURATION : CONFIGURATION + 2] = ((5 << 8) | len(content) // 16 << 4).to_bytes(2, "little")
    found = decode(bytes(telegram), KEY)
    assert (found.total_m3, found.mode, found.proven) == (SAMPLES[0].total, "5", False)


def test_an_own_key_of_prios_is_told_from_a_public_one():
    telegram = encode_prios(HYD, LITRES, TARGET, MONTH_END, key=OWN_PRIOS)
    assert decode(telegram, OWN_PRIOS * 2).proven is True
    # whoever stored the public key as the meter's own has said so
    public = encode_prios(HYD, LITRES, TARGET, MONTH_END, key=PUBLIC_PRIOS[0])
    assert decode(public, PUBLIC_PRIOS[0] * 2).proven is True


def test_blocks_of_a_captured_telegram_with_a_made_up_end():
    """Before the second block of the true telegram somebody puts a register of his own, which no key covers."""
    first = records.datetime_f(NOW) + records.date_g(MONTH_END, storage=1)
    true = captured(first + b"\x2f" * (14 - len(first)) + records.volume(LITRES))
    assert decode(true, KEY).proven is True
    forged = with_blocks(true, 1, records.volume(5))
    found = decode(forged, KEY)
    assert (str(found.total_m3), found.proven) == ("0.005", False)


@pytest.mark.parametrize(
    "tail",
    [
        records.volume(5, storage=2),
        records.error_flags(0x20),
        b"\x04\x93\x3c" + bytes(4),  # flowed backwards
        b"\x0c\x78\x07\x25\x39\x17",  # number of the meter
    ],
    ids=["past register", "flags", "backflow", "serial"],
)
def test_nothing_that_counts_may_stand_behind_the_blocks(tail):
    telegram = encode_oms(FIO, records.volume(LITRES), key=KEY, mode=5, trailer=tail)
    found = decode(telegram, KEY)
    assert (found.total_m3, found.proven) == (SAMPLES[0].total, False)


def test_dates_and_versions_stand_behind_the_blocks_with_some_makers():
    tail = records.date_g(MONTH_END, storage=1) + b"\x02\xfd\x0b\x00\x11"
    telegram = encode_oms(FIO, records.volume(LITRES), key=KEY, mode=5, trailer=tail)
    assert decode(telegram, KEY).proven is True


def test_a_mac_covers_what_is_sent_in_clear():
    telegram = encode_oms(FIO, oms_records(), key=KEY, mode=7, trailer=records.volume(5, storage=2))
    assert decode(telegram, KEY).proven is True
    hit = telegram[:-1] + bytes([telegram[-1] ^ 1])
    with pytest.raises(errors.WrongKeyError):
        decode(hit, KEY)


def test_a_compact_frame_by_a_layout_that_came_in_clear():
    """A full frame in clear teaches its layout; the values of the compact one are proven all the same."""
    meter = Meter("KAM", "17392507", 0x1B, 0x16)
    layouts = Layouts()
    decode(encode_kamstrup(meter, LITRES, TARGET, key=KEY), KEY, layouts=layouts)
    compact = encode_kamstrup(meter, LITRES, TARGET, key=KEY, compact=True)
    assert decode(compact, KEY, layouts=layouts).proven is True


OWN = {sample.telegram for sample in SAMPLES if sample.key}
REGISTERS = st.integers(0, 10**8 - 1)
FORGERS = st.one_of(
    REGISTERS.map(lambda litres: encode_oms(FIO, records.volume(litres))),
    REGISTERS.map(lambda litres: encode_prios(HYD, litres, litres, MONTH_END)),
    st.tuples(REGISTERS, st.binary(min_size=16, max_size=16).filter(lambda key: key != KEY)).map(
        lambda made: encode_oms(FIO, records.volume(made[0]), key=made[1], mode=5)
    ),
    st.tuples(st.integers(1, 2), REGISTERS).map(
        lambda made: with_blocks(
            captured(records.datetime_f(NOW) + b"\x2f" * 8 + oms_records()), made[0], records.volume(made[1])
        )
    ),
    st.sampled_from(SAMPLES).map(lambda sample: sample.telegram),
)


@given(st.one_of(FORGERS, st.binary(min_size=11, max_size=120)))
@settings(max_examples=400, deadline=None)
def test_whoever_has_no_key_proves_nothing(telegram):
    """Made-up telegrams, captured ones with another end, and any bytes, under a key that the sender does not have."""
    try:
        found = decode(telegram, KEY)
    except errors.DomainError:
        return
    assert not found.proven or telegram in OWN
