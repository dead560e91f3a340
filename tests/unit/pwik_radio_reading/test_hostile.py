"""Mutated and hostile input to every parser: only the declared errors, in bounded time and memory.

``PWIK_FUZZ=1000000`` runs the full count of executions; the seed is fixed, so a failure repeats.
"""

import gzip
import io
import os
import pathlib
import random
import time
import tracemalloc
import zipfile

import pytest
from pwik_radio_reading.domain import errors
from pwik_radio_reading.domain.formats import FORMATS, read_dump
from pwik_radio_reading.domain.keys import read_keys
from pwik_radio_reading.domain.profile import Profile, parser
from pwik_radio_reading.domain.wmbus import Layouts, address, decode
from radio_samples import SAMPLES

COUNT = int(os.environ.get("PWIK_FUZZ", "3000"))
DATA = pathlib.Path(__file__).with_name("data") / "formats"
# Not a measure of speed: far above what any machine takes, far below what a quadratic parser takes.
SECONDS_A_MEGABYTE = 20
MOST_BYTES = 64 << 20
PROFILE = Profile(columns={"id": 1, "total": 2, "received": 3, "alarms": 4}, header_row=0)
PIECES = (
    b"\x00",
    b"\xff",
    b"\n",
    b"\r",
    b'"',
    b";",
    b"{",
    b"}",
    b"[" * 50,
    b"\xed\xa0\x80",
    b"9" * 400,
    b"-",
    b"\x2f\x2f",
    b"1e999",
)


def mutated(chance: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randint(0, len(out))
        match chance.randrange(4):
            case 0 if out:
                out[min(place, len(out) - 1)] = chance.randrange(256)
            case 1:
                out[place:place] = chance.choice(PIECES)
            case 2:
                del out[place : place + chance.randint(1, 9)]
            case _:
                out[place:place] = out[chance.randint(0, len(out)) :][: chance.randint(1, 30)]
    return bytes(out)


def packed(content: bytes) -> list[bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", content)
        archive.writestr("b.txt", gzip.compress(content))
    return [content, gzip.compress(content), out.getvalue()]


def test_telegrams():
    chance, layouts = random.Random(1), Layouts()
    for _ in range(COUNT):
        sample = chance.choice(SAMPLES)
        hit = mutated(chance, sample.telegram)
        for data in (hit, bytes([len(hit) - 1 & 0xFF]) + hit[1:]):
            for read in (
                lambda data=data, sample=sample: decode(data, sample.key, layouts=layouts),
                lambda data=data: address(data),
            ):
                try:
                    read()
                except errors.DomainError:
                    continue


@pytest.mark.parametrize("code", sorted(FORMATS))
def test_dumps(code):
    chance = random.Random(code)
    seeds = packed((DATA / f"{code}.txt").read_bytes())
    for _ in range(COUNT // len(FORMATS)):
        data = mutated(chance, chance.choice(seeds))
        try:
            for line in read_dump(data):
                assert line.error or line.telegram or line.value
                assert "\x00" not in line.raw
        except errors.DumpError:
            continue


def test_profiles():
    chance, seed = random.Random(2), b"17392507;1.225,4;2026-06-20 13:05;x\n42;7;2026-06-20;\n"
    for _ in range(COUNT // 3):
        try:
            for line in read_dump(mutated(chance, seed), parser=parser(PROFILE)):
                assert line.error or line.value
        except errors.DomainError:
            continue


def test_key_files():
    chance = random.Random(3)
    seeds = packed(
        b"<MetersInOrder><Meter><SerialNo>42</SerialNo><DEK>" + b"0F" * 16 + b"</DEK></Meter></MetersInOrder>"
    )
    seeds.append(b"id;key\n42;" + b"0F" * 16 + b"\n")
    for _ in range(COUNT // 3):
        try:
            read_keys(mutated(chance, chance.choice(seeds)), "secret")
        except errors.KeyFileError:
            continue


ROW = b'{"ts": "2026-06-20T11:05:10Z", "rssi": -71, "telegram": "1844AE4C4018001668077A7100000004139FD04400023B0000"}\n'
MEGABYTE = 1 << 20


CONTENTS = {
    "rows": ROW * (2 * MEGABYTE // len(ROW)),
    "one long line": ROW + b"x" * (20 * MEGABYTE),
    "deep": ROW + b'{"a":' * MEGABYTE,
    "blank lines": ROW + b"\n" * (2 * MEGABYTE),
    "tiny lines": ROW * 20 + b"{}\n" * (MEGABYTE // 4),
    "nul lines": ROW * 500 + b'{"\x00"}\n' * (MEGABYTE // 8),
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_time(kind):
    content = CONTENTS[kind]
    begin = time.process_time()
    assert sum(1 for line in read_dump(content) if line.telegram) >= 1
    assert time.process_time() - begin < SECONDS_A_MEGABYTE * len(content) / MEGABYTE


@pytest.mark.parametrize("kind", ["rows", "one long line", "deep"])
def test_memory(kind):
    source = io.BytesIO(CONTENTS[kind])
    tracemalloc.start()
    try:
        for _ in zip(range(3000), read_dump(source), strict=False):
            assert tracemalloc.get_traced_memory()[0] < MOST_BYTES
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
