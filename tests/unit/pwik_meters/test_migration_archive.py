import io
import zipfile

import pytest
from pwik_meters.domain.migration import Archive, CellError, FileError
from pwik_meters.domain.migration import archive as module

PDF = b"%PDF-1.7\n...\n%%EOF\n"


def make(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(name, text)
    return Archive(io.BytesIO(content.getvalue()))


def refuse(archive, name):
    with pytest.raises(CellError) as caught:
        archive.read_pdf(name)
    return caught.value.code


def test_by_path_by_bare_name_and_by_case():
    archive = make([("2023/FV_1.pdf", PDF), ("2024/FV_1.pdf", PDF + b"\n"), ("2024/żółw.pdf", PDF)])
    assert archive.read_pdf("2023/fv_1.PDF") == PDF
    assert archive.read_pdf("żółw.pdf") == PDF
    assert refuse(archive, "FV_1.pdf") == "file_ambiguous"
    assert refuse(archive, "FV_2.pdf") == "file_missing"


@pytest.mark.parametrize("name", ["../a.pdf", "x/../../a.pdf", "/a.pdf", "..\\a.pdf", "C:\\a.pdf", "C:a.pdf"])
def test_no_way_out_of_the_archive(name):
    archive = make([(name, PDF)])
    assert refuse(archive, name) == "file_path"
    # nor is such a file found by its bare name
    assert refuse(archive, "a.pdf") == "file_missing"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>%PDF-1.7 %%EOF</html>",
        b"MZ\x90",
        b"%PDF-1.7 without an end",
        b"%PDF-1.7 %%EOF" + b"x" * 2000,
    ],
)
def test_type_by_content(content):
    assert refuse(make([("a.pdf", content)]), "a.pdf") == "file_no_pdf"


def test_bomb(monkeypatch):
    monkeypatch.setattr(module, "LARGEST_FILE", 100_000)
    archive = make([("bomb.pdf", PDF + b"\0" * 100_000), ("good.pdf", PDF)])
    assert refuse(archive, "bomb.pdf") == "file_big"
    assert archive.read_pdf("good.pdf") == PDF


def test_size_that_lies():
    """The directory says 10 bytes: no more than that comes out, and the checksum tells."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("a.pdf", PDF)
    archive = Archive(content)
    archive._by_name["a.pdf"][0].file_size = 10
    assert refuse(archive, "a.pdf") == "file_damaged"


def test_too_many_files(monkeypatch):
    monkeypatch.setattr(module, "MOST_FILES", 2)
    with pytest.raises(FileError) as caught:
        make([(f"{n}.pdf", PDF) for n in range(3)])
    assert caught.value.code == "archive_big"


@pytest.mark.parametrize("content", [b"", b"PK", PDF])
def test_no_zip(content):
    with pytest.raises(FileError) as caught:
        Archive(io.BytesIO(content))
    assert caught.value.code == "archive_damaged"


def test_damaged_file():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("a.pdf", PDF)
    broken = content.getvalue().replace(b"...", b"xxx", 1)
    assert refuse(Archive(io.BytesIO(broken)), "a.pdf") == "file_damaged"


def test_encrypted():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("a.pdf", PDF)
    archive = Archive(content)
    archive._by_name["a.pdf"][0].flag_bits |= 1
    assert refuse(archive, "a.pdf") == "file_encrypted"
