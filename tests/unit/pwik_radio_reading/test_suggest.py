"""What a vendor's file says of itself, and that the profile made of it reads the file."""

import io
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest
from pwik_radio_reading.domain import errors
from pwik_radio_reading.domain.formats import read_dump
from pwik_radio_reading.domain.profile import Profile, parser
from pwik_radio_reading.domain.suggest import Suggestion, suggest

INKASENT = (
    "Raport odczytów radiowych;;;\r\n"
    "Wygenerowano: 01.10.2026 12:00;;;\r\n"
    "\r\n"
    "Lp.;Adres;Numer nakładki;Stan [m3];Data odczytu;Godzina;Alarmy\r\n"
    "1;ul. Źródlana 1;10250000;1 225,404;30.09.2026;13:05;Wyciek\r\n"
    "2;ul. Łąkowa 2;10250137;88,000;30.09.2026;13:06;\r\n"
)


def as_profile(found: Suggestion) -> Profile:
    known = {name: getattr(found, name) for name in found.__slots__ if getattr(found, name) is not None}
    return Profile(**known)


def read(content: bytes) -> list:
    return list(read_dump(content, parser=parser(as_profile(suggest(content)))))


@pytest.mark.parametrize("encoding", ["cp1250", "iso-8859-2", "utf-8", "utf-8-sig", "utf-16"])
def test_polish_csv_with_lines_above_its_headings(encoding):
    content = INKASENT.encode(encoding)
    found = suggest(content)
    assert found.delimiter == ";"
    assert found.header_row == 4
    assert (found.decimal_comma, found.unit, found.date_format) == (True, "m3", "%d.%m.%Y %H:%M")
    assert found.columns == {
        "id": "Numer nakładki",
        "total": "Stan [m3]",
        "received": "Data odczytu",
        "time_of_day": "Godzina",
        "alarms": "Alarmy",
    }
    lines = read(content)
    assert [(line.value.id, line.value.total_m3) for line in lines] == [
        ("10250000", Decimal("1225.404")),
        ("10250137", Decimal("88.000")),
    ]
    assert lines[0].received.replace(tzinfo=None) == datetime(2026, 9, 30, 13, 5)


@pytest.mark.parametrize(
    ("text", "delimiter", "comma", "unit", "date_format"),
    [
        ("Serial,Date,Volume [l]\n1,2026-09-30 13:05:00,1225404\n", ",", None, "l", ""),
        ("Date\tSerial number\tVolume (m³)\n09/30/2026\t1\t12.5\n", "\t", False, "m3", "%m/%d/%Y"),
        ("Stan hl|Numer|Data\n12,5|1|30-09-26x\n", "|", True, "hl", None),
        # one day that is none does not hide how the others are written
        ("Nr;Stan;Data\n1;2,5;30.09.2026\n1;2,5;31.09.2026\n1;2,5;29.09.2026\n", ";", True, None, "%d.%m.%Y"),
        ("Nr radiowy;Wskazanie;Czas\n1;12,5;2026.09.30 8:05\n", ";", True, None, "%Y.%m.%d %H:%M"),
    ],
)
def test_other_orders_and_ways_of_writing(text, delimiter, comma, unit, date_format):
    found = suggest(text.encode())
    assert (found.delimiter, found.decimal_comma, found.unit, found.date_format) == (
        *(delimiter, comma, unit, date_format),
    )
    assert {"id", "total", "received"} <= set(found.columns)


def test_a_workbook_holds_days_and_numbers():
    book = openpyxl.Workbook()
    for row in (
        ["Odczyty"],
        ["Data", "Stan", "Nr nakładki"],
        [datetime(2026, 9, 30, 13, 5), 4225.404, 10250000],
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    found = suggest(out.getvalue())
    assert (found.header_row, found.date_format, found.decimal_comma) == (2, None, None)
    assert read(out.getvalue())[0].value.total_m3 == Decimal("4225.404")


def test_a_file_without_headings_suggests_no_columns():
    assert suggest(b"10250000;12,5\n10250137;13,5\n").columns == {}


@pytest.mark.parametrize("content", [b"", b"  \n", bytes(range(32)) * 40])
def test_what_is_no_file_is_an_error(content):
    with pytest.raises(errors.DomainError):
        suggest(content)
