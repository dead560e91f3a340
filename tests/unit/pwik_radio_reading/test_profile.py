"""Mapping profiles: vendors' CSV and XLSX as staff describe them."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from pwik_radio_reading.domain import errors, workbook
from pwik_radio_reading.domain.formats import read_dump
from pwik_radio_reading.domain.profile import Profile, check, parser, preview

WARSAW = ZoneInfo("Europe/Warsaw")
READY = Profile(
    columns={
        "id": "Numer licznika",
        "total": "Objętość",
        "received": "Data odczytu",
        "target": "Objętość miesiąc",
        "target_date": "Data miesiąc",
        "alarms": "Info",
        "rssi": "RSSI",
    },
    header_row=2,
    date_format="%d.%m.%Y %H:%M",
    alarm_map={"Wyciek": "leak", "Suchy": "dry"},
)
HEAD = "Eksport;\nNumer licznika;Data odczytu;Objętość;RSSI;Info;Objętość miesiąc;Data miesiąc\n"
ROW = "17392507;20.06.2026 13:05;1 225,404;-71,5;wyciek, Inny;1.200,001;31.05.2026\n"


def read(text: str, profile: Profile = READY, encoding: str = "utf-8", **options) -> list:
    return list(read_dump(text.encode(encoding), parser=parser(profile, **options)))


def test_row():
    (line,) = read(HEAD + ROW, zone=WARSAW)
    assert (line.number, line.error, line.rssi) == (3, None, -72)
    assert line.received == datetime(2026, 6, 20, 11, 5, tzinfo=UTC)
    value = line.value
    assert (value.id, value.total_m3, value.target_m3) == (
        "17392507",
        Decimal("1225.404"),
        Decimal("1200.001"),
    )
    assert (value.target_date, value.alarms) == (date(2026, 5, 31), ("leak",))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1250", "iso-8859-2", "utf-16-le"])
def test_encodings(encoding):
    assert read(HEAD + ROW, replace(READY, encoding=encoding), encoding)[0].value.total_m3 == Decimal(
        "1225.404"
    )


@pytest.mark.parametrize(
    "cell", ["-1", "nan", "inf", "1e99", "=1+1", "1225.404", "12 m3", "0x10", "99999999999", "1,2,3", "\x00"]
)
def test_registers_that_cannot_be(cell):
    bad, good = read(HEAD + ROW.replace("1 225,404", cell) + ROW)
    assert bad.error.code == "bad_line" and bad.value is None
    assert good.value


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (ROW.replace("17392507", ""), "bad_line"),
        (ROW.replace("20.06.2026", "31.06.2026"), "bad_line"),
        (ROW.replace("31.05.2026", "May"), "bad_line"),
        (ROW.replace("20.06.2026", "01.01.0001"), "bad_line"),
        (ROW.replace("20.06.2026", "31.12.9999"), "bad_line"),
        ("17392507\n", "bad_line"),
        ('"17392507;' + "x" * 70_000 + "\n", "line_too_long"),
    ],
)
def test_bad_rows_stay(row, code):
    bad, good = read(HEAD + row + ROW)
    assert bad.error.code == code and bad.raw
    assert good.value


def test_what_no_database_takes_stands_in_no_number():
    (line,) = read(HEAD + ROW.replace("17392507", "1739\x002507"))
    assert "\x00" not in line.value.id


def test_blank_rows_are_no_rows():
    assert len(read(HEAD + ";;;\n\n" + ROW)) == 1


def test_numbered_columns_without_headings():
    profile = Profile(
        columns={"id": 1, "total": 3}, header_row=0, delimiter=",", decimal_comma=False, unit="l"
    )
    (line,) = read("17392507,x,4225404\n", profile)
    assert line.value.total_m3 == Decimal("4225.404")


def test_date_and_time_in_two_columns():
    profile = Profile(
        columns={"id": 1, "total": 2, "received": 3, "time_of_day": 4},
        header_row=0,
        date_format="%Y/%m/%d %H.%M",
    )
    (line,) = read("1;2;2026/06/20;13.05\n", profile)
    assert line.received == datetime(2026, 6, 20, 13, 5, tzinfo=UTC)


def test_telegram_column():
    profile = Profile(columns={"id": "id", "telegram": "raw"}, delimiter="\t")
    (line,) = read("id\traw\n1\t1844AE4C4018001668077A7100000004139FD04400023B0000\n", profile)
    assert line.telegram[:2] == b"\x18\x44"


@pytest.mark.parametrize(
    "change",
    [
        {"columns": {"id": "a"}},
        {"columns": {"id": "a", "total": "b", "price": "c"}},
        {"delimiter": ""},
        {"delimiter": '"'},
        {"encoding": "rot13"},
        {"unit": "ft3"},
        {"header_row": 0},
        {"alarm_map": {"x": "fire"}},
    ],
)
def test_profiles_that_contradict_themselves(change):
    with pytest.raises(errors.ProfileError):
        check(replace(READY, **change))


def test_missing_heading():
    with pytest.raises(errors.ProfileError):
        read("a;b\n1;2\n", Profile(columns={"id": "a", "total": "c"}))


def test_preview():
    found = preview((HEAD + ROW * 50).encode(), READY, count=5)
    assert found.headings[0] == "Numer licznika"
    assert len(found.rows) == len(found.lines) == 5
    assert found.rows[0][2] == "1 225,404"


def book(rows: list, sheet: str = "Odczyty") -> bytes:
    made = openpyxl.Workbook()
    made.active.title = sheet
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


XLSX = Profile(columns={"id": "Nr", "total": "Stan", "received": "Data"}, sheet="Odczyty")


def test_workbook():
    content = book(
        [
            ["Nr", "Stan", "Data"],
            [17392507, 4225.404, datetime(2026, 6, 20, 13, 5)],
            ["00000012", "12,5", "2026-06-20"],
            [None, None, None],
            ["13", "x", None],
        ]
    )
    first, second, bad = read_dump(content, parser=parser(XLSX, WARSAW))
    assert (first.value.id, first.value.total_m3) == ("17392507", Decimal("4225.404"))
    assert first.received == datetime(2026, 6, 20, 11, 5, tzinfo=UTC)
    assert (second.value.id, second.value.total_m3) == ("00000012", Decimal("12.5"))
    assert (bad.number, bad.error.code) == (5, "bad_line")
    assert preview(content, XLSX).rows[0] == ("17392507", "4225.404", "2026-06-20 13:05:00")


def test_workbook_without_profile_or_sheet():
    content = book([["Nr", "Stan", "Data"]])
    with pytest.raises(errors.UnknownFormatError):
        read_dump(content)
    with pytest.raises(errors.ProfileError):
        list(read_dump(content, parser=parser(replace(XLSX, sheet="Inny"))))


def with_part(content: bytes, name: str, change) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            data = source.read(entry)
            target.writestr(entry.filename, change(data) if entry.filename == name else data)
    return out.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + data,
        lambda data: b"<broken",
        lambda data: data[: len(data) // 2],
        lambda data: b"",
    ],
)
def test_hostile_workbooks(change):
    content = with_part(book([["Nr", "Stan", "Data"], [1, 2, None]]), "xl/worksheets/sheet1.xml", change)
    with pytest.raises(errors.DomainError):
        lines = list(read_dump(content, parser=parser(XLSX)))
        raise lines[-1].error


def test_workbook_bomb(monkeypatch):
    monkeypatch.setattr(workbook, "FREE_BYTES", 1000)
    content = with_part(book([["Nr"]]), "xl/worksheets/sheet1.xml", lambda data: data + b" " * 30_000_000)
    with pytest.raises(errors.ArchiveLimitError):
        list(read_dump(content, parser=parser(XLSX)))


def test_day_and_hour_of_a_workbook():
    """A real day beside an hour, which a workbook holds as a time, a moment or text."""
    profile = replace(XLSX, columns={**XLSX.columns, "time_of_day": "Godzina"}, date_format="%Y-%m-%d %H:%M")
    hours = (time(14, 30), "14:30", "14.30", datetime(1899, 12, 31, 14, 30), None, "9:05:00")
    content = book(
        [
            ["Nr", "Stan", "Data", "Godzina"],
            *([number, 1, datetime(2026, 10, 1), hour] for number, hour in enumerate(hours, 1)),
            [7, 1, "2026-10-01", time(14, 30)],
            [8, 1, datetime(2026, 10, 1), "noon"],
        ]
    )
    *lines, bad = read_dump(content, parser=parser(profile, WARSAW))
    found = [line.received and line.received.replace(tzinfo=None) for line in lines]
    half_past = datetime(2026, 10, 1, 14, 30)
    midnight, early = datetime(2026, 10, 1), datetime(2026, 10, 1, 9, 5)
    assert found == [half_past] * 4 + [midnight, early, half_past]
    assert bad.error.code == "bad_line"


def test_a_number_that_no_index_takes():
    (line,) = read("id;stan\n" + "7" * 33 + ";1\n", Profile(columns={"id": "id", "total": "stan"}))
    assert line.error.code == "bad_line"


@pytest.mark.parametrize("pattern", ["%d.%d.%Y", "%Q", "%d.%m.%", "%H:%M %H"])
def test_what_is_no_form_of_a_day_is_refused_at_once(pattern):
    """strptime has errors of its own for it, of which one is no ValueError: the import ended with it."""
    with pytest.raises(errors.ProfileError, match="not a form of a day"):
        check(replace(READY, date_format=pattern))
    with pytest.raises(errors.ProfileError):
        preview((HEAD + ROW).encode(), replace(READY, date_format=pattern))


@pytest.mark.parametrize(
    "pattern", ["", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%S%z", "%d %b %y, %I:%M %p", "dnia %d.%m.%Y", "%%"]
)
def test_forms_of_days(pattern):
    check(replace(READY, date_format=pattern))


def test_maker_of_files_that_do_not_name_it():
    (line,) = read(HEAD + ROW, replace(READY, manufacturer="APA"))
    assert line.value.manufacturer == "APA"
    named = replace(READY, manufacturer="APA", columns={**READY.columns, "manufacturer": "Producent"})
    head = HEAD.replace("Data miesiąc", "Data miesiąc;Producent")
    row = ROW.replace("\n", ";{}\n")
    assert [read(head + row.format(cell), named)[0].value.manufacturer for cell in ("kam", "")] == [
        "KAM",
        "APA",
    ]
    with pytest.raises(errors.ProfileError, match="three letters"):
        check(replace(READY, manufacturer="A1"))
