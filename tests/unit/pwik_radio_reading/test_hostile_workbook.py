"""Workbooks that are made to hurt: small files over which a library of ours would be busy for minutes."""

import io
import time
import zipfile

import openpyxl
import pytest
from openpyxl.reader.strings import read_string_table
from pwik_radio_reading.domain import errors, workbook

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
STRINGS_TYPE = (
    '<Override PartName="/xl/sharedStrings.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)


def make(rows: str, strings: bytes | None = None, **parts: bytes) -> io.BytesIO:
    """A workbook with these rows (XML) and shared strings (XML), and parts by their file's name."""
    plain, out = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == SHEET:
                data = f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>".encode()
            if name == "[Content_Types].xml" and strings:
                data = data.replace(b"</Types>", STRINGS_TYPE.encode())
            data = parts.get(name.rsplit("/", 1)[-1].removesuffix(".xml"), data)
            target.writestr(name, data)
        if strings:
            target.writestr(STRINGS, strings)
    return out


def shared(*strings: str) -> bytes:
    return f"<sst {MAIN}>{''.join(strings)}</sst>".encode()


def read(file):
    return [cells for _number, cells in workbook.rows(file)]


def seconds(file) -> float:
    begun = time.process_time()
    read(file)
    return time.process_time() - begun


def in_column(column: str, count: int) -> io.BytesIO:
    return make("".join(f'<row r="{n}"><c r="{column}{n}"><v>1</v></c></row>' for n in range(1, count + 1)))


def test_a_cell_far_to_the_right_costs_as_much_as_another():
    assert seconds(in_column("XFD", 3000)) < 4 * seconds(in_column("A", 3000)) + 0.1
    assert read(in_column("XFD", 1)) == [(None,) * workbook.MOST_COLUMNS]
    assert read(in_column("C", 1)) == [(None, None, 1)]


def test_rows_that_are_left_out():
    assert read(make('<row r="3"><c r="B3"><v>1</v></c></row>')) == [(), (), (None, 1)]


def test_shared_strings(monkeypatch):
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 1}</v></c></row>' for n in range(1, 5))
    strings = (
        "<si><t>Stan</t></si>",
        "<si><r><t>z </t></r><r><rPr><b/></rPr><t>kawałków</t></r><rPh><t>x</t></rPh></si>",
        "<si><t/></si>",
        '<si><t xml:space="preserve"> 7 </t></si>',
    )
    assert read(make(rows, shared(*strings))) == [("Stan",), ("z kawałków",), ("",), (" 7 ",)]
    monkeypatch.setattr(workbook, "MOST_STRINGS", 3)
    with pytest.raises(errors.ArchiveLimitError):
        read(make(rows, shared(*strings)))


def test_many_shared_strings_take_no_minute():
    """As with the library's own reader, which makes some objects of each."""
    strings = shared(*(f"<si><t>{number}</t></si>" for number in range(50_000)))
    begun = time.process_time()
    assert len(read_string_table(io.BytesIO(strings))) == 50_000
    assert seconds(make("", strings)) < 0.6 * (time.process_time() - begun)


def test_a_part_that_is_read_in_one_piece_is_small(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_PART", 100_000)
    styles = f"<styleSheet {MAIN}><cellXfs>{'<xf/>' * 30_000}</cellXfs></styleSheet>".encode()
    with pytest.raises(errors.ArchiveLimitError):
        read(make("", styles=styles))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_entities_are_found_in_each_encoding(encoding):
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    text = f'{mark}<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaa">]><sst {MAIN}><si><t>&a;</t></si></sst>'
    with pytest.raises(errors.ArchiveError, match="entities"):
        read(make('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', text.encode(encoding)))
