"""Export: checked, compressed, in place in one step, the same bytes each time."""

import gzip
import hashlib
import json

import pytest
from collector_help import run, telegram, write_tour
from test_collector_dump import fill, line

from pwik_collector.dump import DumpWriter, decode
from pwik_collector.errors import DumpError
from pwik_collector.export import export, safe_name


def test_a_closed_tour(tmp_path):
    source = tmp_path / "tour.jsonl"
    content = fill(source, 3)
    made = export(source, tmp_path / "out", name="T 7/2026")
    assert made.path.name == f"T-7-2026_20260305T101112Z_{made.sha256[:12]}.jsonl.gz"
    assert gzip.decompress(made.path.read_bytes()) == content
    assert hashlib.sha256(made.path.read_bytes()).hexdigest() == made.sha256
    assert (made.lines, made.speakers, made.bad) == (3, 3, 0)
    assert not source.exists()
    assert (tmp_path / f"tour.jsonl.closed-{made.sha256[:12]}").read_bytes() == content
    assert [path.name for path in (tmp_path / "out").iterdir()] == [made.path.name]


def test_the_same_dump_gives_the_same_bytes(tmp_path):
    source = tmp_path / "tour.jsonl"
    fill(source, 3)
    first = export(source, tmp_path / "a", keep=True)
    second = export(source, tmp_path / "b", keep=True)
    assert first.path.read_bytes() == second.path.read_bytes() and first.path.name == second.path.name
    assert source.exists()


def test_bad_lines_and_a_torn_end_are_left_out(tmp_path):
    source = tmp_path / "tour.jsonl"
    first, second = fill(source, 2).splitlines(keepends=True)
    source.write_bytes(first + b"\xff\x00nonsense\n" + b"x" * 9000 + b"\n" + second + second[:30])
    made = export(source, tmp_path)
    assert (made.lines, made.bad) == (2, 2)
    assert gzip.decompress(made.path.read_bytes()) == first + second


def test_nothing_to_export(tmp_path):
    with pytest.raises(DumpError, match="Nie ma zrzutu"):
        export(tmp_path / "tour.jsonl", tmp_path)
    (tmp_path / "tour.jsonl").touch()
    with pytest.raises(DumpError, match="nie zawiera telegramów"):
        export(tmp_path / "tour.jsonl", tmp_path)
    (tmp_path / "other.txt").write_text("not a dump")
    with pytest.raises(DumpError, match="nie jest zrzutem"):
        export(tmp_path / "other.txt", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.txt", "tour.jsonl"]


def test_not_while_somebody_writes(tmp_path):
    writer = DumpWriter(tmp_path / "tour.jsonl")
    writer.write(line(1))
    with pytest.raises(DumpError, match="inny program odczytu"):
        export(tmp_path / "tour.jsonl", tmp_path)
    writer.close()
    assert export(tmp_path / "tour.jsonl", tmp_path).lines == 1


def test_the_folder_refuses(tmp_path):
    fill(tmp_path / "tour.jsonl", 1)
    (tmp_path / "out").write_text("a file, no folder")
    with pytest.raises(DumpError):
        export(tmp_path / "tour.jsonl", tmp_path / "out")
    assert (tmp_path / "tour.jsonl").exists()


def test_names_are_safe():
    assert safe_name("../../etc/passwd") == "etc-passwd"
    assert safe_name("") == safe_name("..") == "tour"
    assert safe_name("Żywiec 7") == "ywiec-7"


def test_on_the_command_line(tmp_path):
    fill(tmp_path / "day.jsonl", 2)
    done = run(
        "export",
        tmp_path / "day.jsonl",
        "--tour",
        write_tour(tmp_path / "tour.json", 2),
        "--to",
        tmp_path / "out",
    )
    assert done.returncode == 0 and "telegramów 2, nakładek 2" in done.stdout
    (made,) = (tmp_path / "out").iterdir()
    assert made.name.startswith("T-7_")
    found = [decode(raw + b"\n") for raw in gzip.decompress(made.read_bytes()).splitlines()]
    assert [item.telegram for item in found] == [telegram(0), telegram(1)]
    assert json.loads(gzip.decompress(made.read_bytes()).splitlines()[0])["device"] == "im871a"
