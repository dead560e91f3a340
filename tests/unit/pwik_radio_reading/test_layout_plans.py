"""What is remembered of one telegram must never change what another one says."""

import os

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import example, given
from hypothesis import strategies as st
from pwik_radio_reading.domain.errors import DomainError
from pwik_radio_reading.domain.wmbus import records, security
from pwik_radio_reading.domain.wmbus.plans import Plans

# Heads with data of every kind: whole numbers, BCD, real, dates, text, variable length, fillers, the maker's own bytes.
PARTS = st.sampled_from(
    [
        *("0413", "0c13", "0513", "046d", "426c", "441300000000", "2f", "0f", "1f", "0d78", "0d13", "02fd17"),
        *("8211", "8d9413", "0778", "4493132f2f2f2f", "07fd0b", "0313", "7f"),
    ]
).map(bytes.fromhex)
PAYLOADS = st.lists(PARTS | st.binary(max_size=5), max_size=8).map(b"".join)


def outcome(work, data):
    try:
        found = work(data)
    except DomainError as error:
        return error.code, error.message
    return tuple(found), found.vendor, found.plan.heads, found.plan.ends_empty, found.as_sent()


@given(PAYLOADS, PAYLOADS)
@example(bytes.fromhex("0d7802313204130a000000"), bytes.fromhex("0d7803313233130a000000"))
@example(bytes.fromhex("04130a0000002f2f"), bytes.fromhex("04130b0000000fff"))
def test_a_payload_reads_the_same_whatever_came_before(one, other):
    fresh = outcome(lambda data: records.Records(records._make_plan(data), data), other)
    records._plans.__init__()
    outcome(records.parse, one)
    for _again in range(2):
        assert outcome(records.parse, other) == fresh


def test_only_a_few_layouts_of_a_length_are_kept_and_the_latest_of_them():
    plans = Plans()
    for number in range(100):
        plans.learn(bytes([number, 0]), [(1, 2)], number)
    assert plans.find(bytes([99, 7])) == 99
    assert plans.find(bytes([0, 7])) is None
    assert len(plans._by_length[2]) == plans._count == 16


@pytest.mark.parametrize("blocks", range(1, 16))
def test_chained_by_hand_as_the_library_does(blocks):
    key, start, data = os.urandom(16), os.urandom(16), os.urandom(16 * blocks)
    library = Cipher(algorithms.AES(key), modes.CBC(start)).decryptor().update(data)
    assert security.cbc_decrypt(key, start, data) == library
    counter = b"\xff" * 16 if blocks % 2 else start  # over its end too
    for size in (16 * blocks, 16 * blocks - 5):
        library = Cipher(algorithms.AES(key), modes.CTR(counter)).decryptor().update(data[:size])
        assert security.ctr_decrypt(key, counter, data[:size]) == library
