"""Each dump format beside its golden pair: ``data/formats/<code>.txt`` and what it must give, ``<code>.json``."""

import json
import pathlib
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pwik_radio_reading.domain import errors
from pwik_radio_reading.domain.formats import FORMATS, identify, read_dump

DATA = pathlib.Path(__file__).with_name("data") / "formats"
T1 = "1844AE4C4018001668077A7100000004139FD04400023B0000"
ROW = '{"ts": "2026-06-20T11:05:10Z", "rssi": -71, "telegram": "' + T1 + '"}\n'


def plain(line) -> dict:
    """A line as the golden files have it."""
    value = line.value
    found = {
        "number": line.number,
        "received": line.received.astimezone(UTC).isoformat() if line.received else None,
        "rssi": line.rssi,
        "telegram": line.telegram.hex() if line.telegram else None,
        "error": line.error.code if line.error else None,
    }
    if value:
        found["value"] = {
            "id": value.id,
            "total_m3": str(value.total_m3),
            "target_m3": str(value.target_m3),
            "target_date": str(value.target_date),
            "alarms": None if value.alarms is None else list(value.alarms),
        }
    return found


@pytest.mark.parametrize("code", sorted(FORMATS))
def test_golden(code):
    content = (DATA / f"{code}.txt").read_bytes()
    assert identify(content) == code
    wanted = json.loads((DATA / f"{code}.json").read_text(encoding="utf-8"))
    assert [plain(line) for line in read_dump(content)] == wanted


@pytest.mark.parametrize("code", sorted(FORMATS))
def test_raw_is_the_line(code):
    content = (DATA / f"{code}.txt").read_text(encoding="utf-8")
    for line in read_dump(content.encode()):
        assert line.raw == content.split("\n")[line.number - 1]


def test_windows_lines_and_byte_order_marks():
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        content = (ROW.replace("\n", "\r\n") * 3).encode(encoding)
        lines = list(read_dump(content))
        assert [line.telegram.hex().upper() for line in lines] == [T1] * 3
        assert [line.number for line in lines] == [1, 2, 3]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", errors.EmptyFileError),
        (b"\n  \r\n\n", errors.EmptyFileError),
        (bytes(range(256)) * 20, errors.BinaryFileError),
        (b"\x7fELF" + bytes(500), errors.BinaryFileError),
        (b"Dear sirs,\nhere are the readings.\n", errors.UnknownFormatError),
    ],
)
def test_files_that_are_no_dump(content, error):
    with pytest.raises(error):
        read_dump(content)


def test_a_line_that_is_too_long():
    content = ROW + '{"ts": "' + "9" * 200_000 + '"}\n' + ROW
    lines = list(read_dump(content.encode()))
    assert [line.error.code if line.error else None for line in lines] == [None, "line_too_long", None]
    assert [line.number for line in lines] == [1, 2, 3]
    assert len(lines[1].raw) < 1000


def test_nul_and_other_bytes_do_not_reach_the_raw_text():
    content = ROW.encode() * 3 + b'{"ts": \x00\xff\xfe}\n'
    last = list(read_dump(content))[-1]
    assert last.error.code == "bad_line"
    assert "\x00" not in last.raw
    last.raw.encode("utf-8")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_lines_stay_with_an_error(data):
    """Good lines come in, each line comes back, nothing but the declared errors is raised."""
    code = data.draw(st.sampled_from(sorted(FORMATS)))
    good = (
        (DATA / f"{code}.txt").read_text(encoding="utf-8").split("\n")[2 if code == "wmbusmeters_log" else 1]
    )
    noise = data.draw(st.text(st.characters(exclude_characters="\n"), max_size=60))
    place = data.draw(st.integers(0, len(good)))
    content = f"{good}\n{good}\n{good[:place]}{noise}{good[place:]}\n{good}\n"
    lines = list(read_dump(content.encode("utf-8", "replace"), code=code))
    assert {1, 2, 4} <= {line.number for line in lines}
    for line in lines:
        assert line.error is not None or line.telegram or line.value
        if line.number != 3:
            assert line.error is None
