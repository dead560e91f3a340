"""The dump: at most the last line is lost, and what is there is valid."""

import json
import resource
from datetime import datetime, timezone

import pytest
from collector_help import ids, rows, telegram
from hypothesis import given, settings
from hypothesis import strategies as st

from pwik_collector.dump import DumpWriter, Line, decode
from pwik_collector.errors import DumpError

MOMENT = datetime(2026, 3, 5, 10, 11, 12, 345000, tzinfo=timezone.utc)


def line(number):
    return Line(MOMENT, telegram(number), -71.5, "T1", "im871a")


def fill(path, count):
    writer = DumpWriter(path)
    for number in range(count):
        writer.write(line(number))
    writer.close()
    return path.read_bytes()


def test_a_line_has_the_fields_of_the_format():
    row = json.loads(line(7).encode())
    assert row == {
        "ts": "2026-03-05T10:11:12.345+00:00",
        "rssi": -71.5,
        "mode": "T1",
        "device": "im871a",
        "telegram": telegram(7).hex().upper(),
    }
    placed = Line(MOMENT, telegram(7), None, "T1", "cul", (49.685, 19.2))
    assert json.loads(placed.encode())["gps"] == [49.685, 19.2]
    assert decode(placed.encode()) == placed and decode(line(7).encode()) == line(7)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b"[]", b"null", b"\x00" * 50, b'{"ts":"x","telegram":"00"}', b'{"ts":1,"telegram":"00"}', b"[" * 4000,
     b'{"ts":"2026-03-05T10:11:12","telegram":"1844AE4C40180016680762CE7A71"}'],
)  # fmt: skip
def test_what_no_collector_wrote_is_refused(raw):
    with pytest.raises(DumpError):
        decode(raw)


def test_each_line_is_in_the_file_at_once(tmp_path):
    path = tmp_path / "tour.jsonl"
    writer = DumpWriter(path)
    for number in range(5):
        writer.write(line(number))
        assert len(rows(path)) == number + 1
    writer.close()


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_cut_anywhere_it_is_repaired_and_goes_on(tmp_path_factory, data):
    """A power cut leaves any beginning of the file, perhaps followed by zeros."""
    path = tmp_path_factory.mktemp("dump") / "tour.jsonl"
    whole = fill(path, 3)
    size = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:size] + b"\0" * data.draw(st.sampled_from((0, 1, 512, 3000))))
    writer = DumpWriter(path)
    kept = writer.lines
    assert kept == whole[:size].count(b"\n") and writer.repair.bad == 0
    writer.write(line(99))
    writer.close()
    assert ids(path) == [*(f"{number:08d}" for number in range(kept)), "00000099"]


def test_bad_lines_inside_are_left_and_counted(tmp_path):
    path = tmp_path / "tour.jsonl"
    first, second = fill(path, 2).splitlines(keepends=True)
    path.write_bytes(first + b'{"broken\n' + second)
    writer = DumpWriter(path)
    assert (writer.repair.lines, writer.repair.bad, writer.repair.cut) == (2, 1, 0)
    writer.close()
    assert path.read_bytes() == first + b'{"broken\n' + second


@pytest.mark.parametrize(
    "content", [b"id;value\n1;2\n", b"PK\x03\x04" + b"x" * 100, b"{}\n", b'{"tour": "x"}', b"x" * 100000]
)
def test_a_file_that_is_no_dump_is_not_touched(tmp_path, content):
    path = tmp_path / "important.csv"
    path.write_bytes(content)
    with pytest.raises(DumpError, match="nie jest zrzutem"):
        DumpWriter(path)
    assert path.read_bytes() == content


def test_two_writers_are_refused(tmp_path):
    writer = DumpWriter(tmp_path / "tour.jsonl")
    with pytest.raises(DumpError, match="inny program odczytu"):
        DumpWriter(tmp_path / "tour.jsonl")
    writer.close()
    DumpWriter(tmp_path / "tour.jsonl").close()


def test_a_full_disk_costs_no_line(tmp_path):
    """The file may not grow past a limit, as on a full disk: lines wait, the file stays valid, all come when there is room."""
    path = tmp_path / "tour.jsonl"
    writer = DumpWriter(path)
    writer.write(line(0))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (writer.size + 30, before[1]))
    try:
        writer.write(line(1))
        writer.write(line(2))
        assert writer.problem and writer.waiting == 2
        assert ids(path) == ["00000000"]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    writer.flush(force=True)
    assert not writer.problem and writer.waiting == 0
    writer.close()
    assert ids(path) == ["00000000", "00000001", "00000002"]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(DumpError, match="nie ma takiego"):
        DumpWriter(tmp_path / "none" / "tour.jsonl")
