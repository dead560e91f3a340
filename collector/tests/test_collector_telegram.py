"""The link layer: address, CRC, shapes."""

import pytest
from collector_help import telegram
from hypothesis import given
from hypothesis import strategies as st

from pwik_collector import telegram as link
from pwik_collector.errors import TelegramError

# A frame of format B as it was seen on the air (CRC at its end), and one of format A made up with two CRCs.
FORMAT_B = bytes.fromhex("25442D2C170935741B168D209622C841224F8B33D377F4560BB4B332CB9469E50AA16CAC5296")
FORMAT_A = bytes.fromhex("1844AE4C40180016680762CE7A7100000004139FD04400023B0000A5FF")
PLAIN = bytes.fromhex("1844AE4C4018001668077A7100000004139FD04400023B0000")


def test_address_is_read_from_the_link_layer():
    found = link.address(PLAIN)
    assert (found.manufacturer, found.id, found.version, found.medium) == ("SEN", "16001840", 0x68, 7)
    assert str(found) == "SEN/16001840/68" and found.key == "SEN/16001840"


@pytest.mark.parametrize("raw", [b"", b"\x44", PLAIN[:10], bytes([9]) + PLAIN[1:]])
def test_too_short_is_refused(raw):
    with pytest.raises(TelegramError):
        link.address(raw)


def test_crc_is_that_of_the_standard():
    assert link.crc16(FORMAT_A[:10]) == 0x62CE
    assert link.is_intact(FORMAT_A) and link.is_intact(FORMAT_B, format_b=True)
    assert (link.shape(FORMAT_A), link.shape(FORMAT_B), link.shape(PLAIN)) == ("A", "B", "plain")


def test_crcs_are_removed_and_put_back():
    assert link.without_crc(FORMAT_A) == PLAIN
    assert link.with_crc_a(PLAIN) == FORMAT_A
    stripped = link.without_crc(FORMAT_B)
    assert stripped[0] == len(stripped) - 1 and stripped[1:] == FORMAT_B[1:-2]


@given(st.binary(min_size=1, max_size=230), st.data())
def test_one_flipped_bit_is_found(body, data):
    sealed = link.with_crc_a(telegram(12345678, body=body))
    assert link.is_intact(sealed) and link.shape(sealed) == "A"
    place = data.draw(st.integers(1, len(sealed) - 1))
    flipped = bytearray(sealed)
    flipped[place] ^= 1 << data.draw(st.integers(0, 7))
    assert not link.is_intact(bytes(flipped))


@given(st.binary(min_size=1, max_size=230))
def test_removing_undoes_adding(body):
    plain = telegram(87654321, body=body)
    if link.shape(plain) == "plain":
        assert link.without_crc(link.with_crc_a(plain)) == plain


def test_lengths_that_fit_nothing_are_refused():
    with pytest.raises(TelegramError):
        link.shape(PLAIN + b"\x00")
