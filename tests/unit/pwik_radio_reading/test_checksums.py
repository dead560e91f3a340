"""The checksum of a frame, counted through and by sums of bits."""

from hypothesis import example, given
from hypothesis import strategies as st
from pwik_radio_reading.domain.wmbus.crc import MOST_BYTES, crc16, ends_in_checksum

CONTENTS = st.binary(max_size=MOST_BYTES - 2)


def test_the_standards_own_example():
    """EN 13757-4, annex C: the first block of a frame A."""
    assert crc16(bytes.fromhex("0F 44 AE 0C 78 56 34 12 01 07")) == 0x44_47


@given(CONTENTS)
@example(b"")
@example(bytes(MOST_BYTES - 2))
@example(b"\xff" * (MOST_BYTES - 2))
def test_a_checksum_is_known(content):
    assert ends_in_checksum(content + crc16(content).to_bytes(2, "big"))


@given(CONTENTS, st.integers(1, 0xFFFF))
def test_no_other_checksum_passes(content, change):
    assert not ends_in_checksum(content + (crc16(content) ^ change).to_bytes(2, "big"))


@given(st.binary(min_size=2, max_size=MOST_BYTES))
def test_both_ways_agree(data):
    assert ends_in_checksum(data) == (crc16(data[:-2]) == int.from_bytes(data[-2:], "big"))
