"""gzip and zip around dumps: opened within limits, damaged ones keep what came before."""

import gzip
import io
import tracemalloc
import zipfile

import pytest
from pwik_radio_reading.domain import errors
from pwik_radio_reading.domain.formats import read_dump
from pwik_radio_reading.domain.unpack import Limits, open_members

T1 = "1844AE4C4018001668077A7100000004139FD04400023B0000"
ROW = b'{"ts": "2026-06-20T11:05:10Z", "rssi": -71, "telegram": "%s"}\n' % T1.encode()
RTL = b"T1;1;1;2026-06-20 11:05:10.000;97;148;16001840;0x%s\n" % T1.encode()


def zipped(*files: tuple[str, bytes], method=zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def good(source, **options) -> int:
    return sum(line.telegram is not None for line in read_dump(source, **options))


@pytest.mark.parametrize(
    "source",
    [
        ROW * 3,
        gzip.compress(ROW * 3),
        zipped(("a.jsonl", ROW), ("b.txt", RTL * 2)),
        gzip.compress(zipped(("a.jsonl", ROW * 3))),
        zipped(("a.jsonl.gz", gzip.compress(ROW * 2)), ("b.jsonl", ROW)),
        gzip.compress(ROW) + gzip.compress(ROW * 2),
    ],
)
def test_opened(source):
    assert good(source) == good(io.BytesIO(source)) == 3


def test_numbers_run_on_and_names_are_shown():
    lines = list(read_dump(zipped(("x/a.jsonl", ROW * 2), ("b.jsonl", ROW))))
    assert [(line.number, line.member) for line in lines] == [(1, "a.jsonl"), (2, "a.jsonl"), (3, "b.jsonl")]


def test_a_bad_member_does_not_spoil_the_others():
    lines = list(read_dump(zipped(("a.jsonl", ROW), ("readme.bin", bytes(999)), ("b.jsonl", ROW))))
    assert [line.error.code if line.error else None for line in lines] == [None, "binary_file", None]
    assert lines[1].member == "readme.bin"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\x\\..\\y", "a/../../b\x1b[2J"])
def test_names_are_only_shown(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (line,) = read_dump(zipped((name, ROW)))
    assert line.telegram
    assert "/" not in line.member and "\\" not in line.member and line.member.isprintable()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("depth, opens", [(3, True), (4, False)])
def test_nesting(depth, opens):
    source = ROW
    for _ in range(depth):
        source = gzip.compress(source)
    if opens:
        assert good(source) == 1
    else:
        with pytest.raises(errors.ArchiveLimitError):
            list(read_dump(source))


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped(("bomb", data))])
def test_bombs(pack):
    with pytest.raises(errors.ArchiveLimitError):
        list(read_dump(pack(ROW + b"\n" * 30_000_000)))
    with pytest.raises(errors.ArchiveLimitError):
        list(read_dump(pack(ROW * 1000), limits=Limits(size=10_000)))


def test_too_many_members():
    with pytest.raises(errors.ArchiveLimitError):
        list(
            read_dump(zipped(*((f"{number}.jsonl", ROW) for number in range(30))), limits=Limits(members=20))
        )


def test_half_written_archives_keep_what_came_before():
    rows = b"".join(ROW.replace(b"-71", b"-%d" % (number % 90 + 10)) for number in range(5000))
    for packed in (gzip.compress(rows), gzip.compress(rows, 0)):
        lines = list(read_dump(packed[: len(packed) // 2]))
        assert sum(line.telegram is not None for line in lines) > 1000
        assert lines[-1].error.code == "bad_archive"
        assert lines[-1].number == lines[-2].number + 1


@pytest.mark.parametrize("place", [20, 60, -30])
def test_damaged_archives(place):
    packed = bytearray(zipped(("a.jsonl", ROW * 50)))
    packed[place] ^= 0xFF
    try:
        lines = list(read_dump(bytes(packed)))
    except errors.DumpError:
        return
    assert all(line.error or line.telegram for line in lines)


def test_encrypted_and_unusual_archives():
    packed = bytearray(zipped(("a.jsonl", ROW)))
    for place in (packed.find(b"PK\x03\x04") + 6, packed.find(b"PK\x01\x02") + 8):
        packed[place] |= 1
    with pytest.raises(errors.ArchiveError):
        list(read_dump(bytes(packed)))
    with pytest.raises(errors.ArchiveError):
        list(read_dump(zipped(("a.jsonl", ROW), method=zipfile.ZIP_LZMA)))


def test_empty_archives():
    for source in (zipped(), zipped(("folder/", b"")), gzip.compress(b"")):
        with pytest.raises(errors.EmptyFileError):
            read_dump(source)
    with pytest.raises(errors.EmptyFileError):
        next(open_members(b""))


def test_a_million_empty_members():
    """Their directory is refused before an object of each entry takes the memory of a worker."""
    name = b"a"
    entry = b"PK\x01\x02" + bytes(24) + len(name).to_bytes(2, "little") + bytes(16) + name
    directory = entry * 1_000_000
    # says of itself that it has one entry only, from byte 64 on
    end = (
        b"PK\x05\x06" + bytes(4) + b"\x01\0\x01\0" + len(directory).to_bytes(4, "little") + b"\x40" + bytes(5)
    )
    source = io.BytesIO(b"PK\x03\x04" + bytes(60) + directory + end)
    tracemalloc.start()
    with pytest.raises(errors.ArchiveLimitError):
        list(read_dump(source))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_an_archive_with_a_long_comment_is_opened():
    out = io.BytesIO(zipped(("a.jsonl", ROW)))
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = b"x" * 65_000
    assert good(out.getvalue()) == 1
    assert good(out.getvalue(), limits=Limits(members=2)) == 1
