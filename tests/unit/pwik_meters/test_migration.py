"""Reading of files, parsing of cells, checks of rows: each message at its boundary."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from pwik_meters.domain.migration import (
    KINDS,
    CellError,
    FileError,
    build_template,
    check_row,
    match_header,
    read_table,
    write_csv,
)
from pwik_meters.domain.migration import parsers as p
from pwik_meters.domain.migration.table import show_cell

TODAY = date(2025, 6, 30)


@pytest.mark.parametrize(
    "parser, text, value",
    [
        (p.decimal(3), "123,456", "123.456"),
        (p.decimal(3), "123.456", "123.456"),
        (p.decimal(3), "1 234,5", "1234.5"),
        (p.decimal(3), "1\u00a0234", "1234"),
        (p.decimal(3), "12.500000", "12.5"),
        (p.decimal(3), "0,000", "0"),
        (p.decimal(3), "100", "100"),
        (p.integer(3, 9), "5", 5),
        (p.integer(3, 9), "5.0", 5),
        (p.integer(0, 1000), "100", 100),
        (p.day, "2024-02-29", "2024-02-29"),
        (p.day, "29.02.2024", "2024-02-29"),
        (p.day, "1/2/2024", "2024-02-01"),
        (p.day, "2024-02-29 00:00:00", "2024-02-29"),
        (p.day, "2024-02-29T00:00:00", "2024-02-29"),
        (p.moment, "2024-02-29", "2024-02-29"),
        (p.moment, "29.02.2024 7:05", "2024-02-29T07:05:00"),
        (p.moment, "2024-02-29T07:05:09", "2024-02-29T07:05:09"),
        (p.boolean, "TAK", True),
        (p.boolean, "0", False),
        (p.postal_code, "42200", "42-200"),
        (p.nip, "PL 526-025-02-74", "5260250274"),
        (p.keys, "A | B|A", ["A", "B"]),
        (p.choice({"main": ("główny",)}), "Główny", "main"),
        (p.choice({"main": ("główny",)}), "main", "main"),
        (p.text(3), "abc", "abc"),
    ],
)
def test_parsed(parser, text, value):
    assert parser(text) == value


@pytest.mark.parametrize(
    "parser, text, code",
    [
        (p.decimal(3), "12a", "number"),
        (p.decimal(3), "1.234,5", "number"),
        (p.decimal(3), "1,2,3", "number"),
        (p.decimal(3), "1e3", "number"),
        (p.decimal(3), "NaN", "number"),
        (p.decimal(3), "١٢", "number"),
        (p.decimal(3), "0,0005", "places"),
        (p.decimal(3), "-1", "range"),
        (p.decimal(3, most="10"), "10,001", "range"),
        (p.decimal(2, more_than="0"), "0", "more_than"),
        (p.integer(3, 9), "2", "range"),
        (p.integer(3, 9), "10", "range"),
        (p.integer(3, 9), "5,5", "integer"),
        (p.integer(3, 9), "pięć", "integer"),
        (p.day, "30.02.2024", "day"),
        (p.day, "2024-01-31 07:05", "day"),
        (p.day, "1899-12-31", "day"),
        (p.day, "wczoraj", "day"),
        (p.moment, "2024-01-31 25:00", "moment"),
        (p.moment, "2024-01-31 rano", "moment"),
        (p.boolean, "może", "boolean"),
        (p.email, "jan@", "email"),
        (p.postal_code, "4220", "postal_code"),
        (p.nip, "5260250275", "nip"),
        (p.nip, "526025027", "nip"),
        (p.keys, " | ", "empty_list"),
        (p.choice({"main": ("główny",)}), "boczny", "choice"),
        (p.text(3), "abcd", "too_long"),
        (p.text(9), "a\x07b", "control"),
    ],
)
def test_refused(parser, text, code):
    with pytest.raises(CellError) as error:
        parser(text)
    assert error.value.code == code


@given(st.decimals(min_value=0, max_value=999999, places=3))
def test_decimal_keeps_every_digit(number):
    assert p.decimal(3)(str(number).replace(".", ",")) == p.decimal(3)(str(number))
    assert p.Decimal(p.decimal(3)(str(number))) == number


@given(st.dates(min_value=date(1900, 1, 1)))
def test_day_in_both_orders(when):
    assert p.day(when.isoformat()) == p.day(when.strftime("%d.%m.") + f"{when.year:04}") == when.isoformat()


def rows(content):
    return [(line.number, line.cells) for line in read_table(content)]


TABLE = [(1, ("klucz", "nazwa")), (2, ("1", "Żółć; Łódź"))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_in_any_coding(encoding, delimiter):
    text = f'klucz{delimiter}nazwa\r\n1{delimiter}"Żółć; Łódź"\r\n\r\n'
    assert rows(text.encode(encoding)) == TABLE


def test_row_numbers_count_empty_lines():
    assert [number for number, _cells in rows(b"a;b\n\n1;2\n")] == [1, 3]


@pytest.mark.parametrize(
    "content, code",
    [
        (b'a;b\n1;"x\n', "damaged"),
        (b"\x81\x88\x83", "encoding"),
        (b"a;b\n1;\x00\n", "encoding"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "old_excel"),
        (b"PK\x03\x04 no zip", "damaged"),
    ],
)
def test_unreadable(content, code):
    with pytest.raises(FileError) as error:
        list(read_table(content))
    assert error.value.code == code


def save(book):
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_xlsx_with_formula_and_merged_cells():
    book = Workbook()
    sheet = book.active
    sheet.append(["klucz", "wartość", "dzień"])
    sheet.append(["1", "=1+1", date(2024, 1, 31)])
    sheet.append(["2", 0.1 + 0.2, "x"])
    sheet.append(["3", 7.0, True])
    sheet.append(["4", "#N/A", None])
    sheet.merge_cells("B3:C4")
    lines = list(read_table(save(book)))
    assert [(place, problem.code) for place, problem in lines[1].problems] == [(1, "formula")]
    assert lines[1].cells == ("1", "", "2024-01-31")
    assert lines[2].cells[:2] == ("2", "0.3")
    for line in lines[2:4]:
        assert [(place, problem.params) for place, problem in line.problems] == [(-1, {"cells": "B3:C4"})]
    assert [problem.code for _place, problem in lines[4].problems] == ["error_value"]


@pytest.mark.parametrize(
    "value, text", [(12345678, "12345678"), (12345678.0, "12345678"), (1.5, "1.5"), (True, "1")]
)
def test_cells_as_texts(value, text):
    assert show_cell(value) == text


def test_header():
    kind = KINDS["meters"]
    names, strange = match_header(
        kind,
        ["klucz", "Numer-fabryczny *", "MANUFACTURER", "Kolor"],
        {"key": ["Klucz"], "serial": ["Numer fabryczny"]},
    )
    assert (names, strange) == (["key", "serial", "manufacturer", None], ["Kolor"])
    with pytest.raises(FileError) as error:
        match_header(kind, ["key"], {})
    assert (error.value.code, error.value.params) == (
        "header_missing",
        {"columns": ["serial", "manufacturer"]},
    )
    with pytest.raises(FileError) as error:
        match_header(kind, ["key", "serial", "Serial number", "manufacturer"], {})
    assert error.value.code == "header_twice"


@pytest.mark.parametrize(
    "kind, cells, codes",
    [
        ("meters", {"key": "1", "serial": "1", "manufacturer": "A"}, []),
        ("meters", {"serial": " ", "manufacturer": "A"}, [("missing", "key"), ("missing", "serial")]),
        (
            "meters",
            {"key": "1", "serial": "1", "manufacturer": "A", "q3": "x", "year": "1949"},
            [("number", "q3"), ("range", "year")],
        ),
        (
            "meters",
            {
                "key": "1",
                "serial": "1",
                "manufacturer": "A",
                "legalization_date": "2025-01-02",
                "legalization_valid_until": "2025-01-01",
            },
            [("order", "legalization_valid_until")],
        ),
        (
            "installations",
            {"meter": "1", "point": "1", "date_from": "2025-07-01", "start_value": "0"},
            [("future", "date_from")],
        ),
        ("installations", {"meter": "1", "point": "1", "date_from": "2025-06-30", "start_value": "0"}, []),
        (
            "installations",
            {
                "meter": "1",
                "point": "1",
                "date_from": "2025-01-01",
                "date_to": "2025-02-01",
                "start_value": "0",
            },
            [("missing", "end_value")],
        ),
        (
            "installations",
            {"meter": "1", "point": "1", "date_from": "2025-01-01", "end_value": "5", "start_value": "0"},
            [("missing", "date_to")],
        ),
        (
            "points",
            {"key": "1", "parent": "1", "street": "a", "city": "b", "municipality": "c"},
            [("own_parent", "parent")],
        ),
        (
            "contracts",
            {
                "key": "1",
                "customer": "1",
                "points": "1",
                "date_start": "2025-01-01",
                "service_water": "nie",
                "service_sewage": "nie",
            },
            [("no_service", "service_water")],
        ),
        ("readings", {"meter": "1", "moment": "2025-06-30 08:00", "value": "1"}, []),
        ("readings", {"meter": "1", "moment": "2025-07-01 00:00", "value": "1"}, [("future", "moment")]),
    ],
)
def test_rows(kind, cells, codes):
    checked = check_row(KINDS[kind], cells, TODAY)
    assert [(problem.code, problem.column) for problem in checked.problems] == codes


@pytest.mark.parametrize("title", ["Value [m³]", "Value [m3]", "value [m?]", "VALUE"])
def test_header_without_the_sign_that_cp1250_lacks(title):
    names, strange = match_header(KINDS["readings"], ["meter", "moment", title], {})
    assert (names, strange) == (["meter", "moment", "value"], [])


def test_key_of_a_reading_without_one():
    kind = KINDS["readings"]
    checked = check_row(kind, {"meter": "W1", "moment": "30.06.2025", "value": "1"}, TODAY)
    assert checked.key == "W1/2025-06-30/manual"


def test_kinds_are_found():
    assert list(KINDS) == ["customers", "points", "meters", "contracts", "installations", "readings"]


@pytest.mark.parametrize("code", KINDS)
def test_template_goes_in_as_it_is(code):
    kind = KINDS[code]
    words = ("Dane", "Kolumny", "Kolumna", "Wymagane", "Opis", "Przykład", "tak", "nie")
    content = build_template(kind, str, words)
    header, example = list(read_table(content))
    names, strange = match_header(kind, header.cells, {})
    assert not strange
    checked = check_row(kind, dict(zip(names, example.cells, strict=True)), TODAY)
    assert (checked.problems, bool(checked.key)) == ((), True)
    assert load_workbook(io.BytesIO(content)).sheetnames == ["Dane", "Kolumny"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_is_guarded(start):
    content = write_csv([f"{start}a"], [[f"{start}1+1", "plain"]]).decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(content, newline=""), delimiter=";")
    assert header == [f"'{start}a"]
    assert row == [f"'{start}1+1", "plain"]
