"""The archive of a person's data: what is written in it, whatever the data hold."""

import io
import json
import zipfile

from pwik_ebok.domain.data_copy import Paper, Section, pack, safe_name, to_csv, to_html

PAPER = Paper("pl-PL", "Kopia <danych>", ["Uwaga & tyle"], "Pliki")
SECTION = Section(
    "cases",
    "Sprawy",
    [("number", "Numer"), ("text", "Tekst"), ("value", "Wartość")],
    [["BOK/1", '=HYPERLINK("http://x")', 1.5], ["BOK/2", "<script>alert(1)</script>", None]],
)


def test_all_is_in_the_archive():
    files = [("BOK/1", "../../etc/passwd", b"a"), ("BOK/1", "foto.jpg", b"b"), ("BOK/1", "foto.jpg", b"c")]
    archive = zipfile.ZipFile(io.BytesIO(pack(PAPER, [SECTION], files)))
    names = archive.namelist()
    assert [name for name in names if ".." in name or name.startswith("/")] == []
    assert len(names) == len(set(names)) == 6
    assert archive.read("pliki/BOK-1/foto-2.jpg") == b"c"
    data = json.loads(archive.read("dane.json"))
    assert data["cases"][0] == {"number": "BOK/1", "text": '=HYPERLINK("http://x")', "value": 1.5}


def test_no_cell_computes():
    lines = to_csv(SECTION).decode("utf-8-sig").splitlines()
    assert lines[1].startswith("BOK/1;\"'=HYPERLINK")
    assert lines[1].endswith("1,5")


def test_the_page_shows_text_as_text():
    page = to_html(PAPER, [SECTION], ['pliki/"x".txt']).decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "Kopia &lt;danych&gt;" in page
    assert 'lang="pl-PL"' in page


def test_names_of_files():
    assert safe_name("a/b\\c:d\x00.txt") == "a-b-c-d-.txt"
    assert safe_name("...") == "plik"
    assert len(safe_name("x" * 500)) == 120
