"""Files that customers send: only what they claim to be."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwik_cases.domain.errors import FileRefused
from pwik_cases.domain.files import EXTENSIONS, check_file


def chunk(kind, body=b""):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40) + b"\xff\xd9"
PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND")
)
HEIC = struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(64)
AVIF = struct.pack(">I", 24) + b"ftypavif\0\0\0\0mif1avif" + bytes(64)
TEXT = "Zażółć gęślą jaźń\n".encode()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"


def refusal(name, data, **kwargs):
    with pytest.raises(FileRefused) as caught:
        check_file(name, data, **kwargs)
    return caught.value.code


@pytest.mark.parametrize(
    ("name", "data", "mimetype"),
    [
        ("umowa.pdf", PDF, "application/pdf"),
        ("Licznik.JPG", JPEG, "image/jpeg"),
        ("licznik.jpeg", JPEG, "image/jpeg"),
        ("ekran.png", PNG, "image/png"),
        ("IMG_0001.HEIC", HEIC, "image/heic"),
        ("opis.txt", TEXT, "text/plain"),
        ("opis.txt", "Zażółć".encode("cp1250"), "text/plain"),
        ("opis.txt", b"\xef\xbb\xbfOpis", "text/plain"),
    ],
)
def test_allowed(name, data, mimetype):
    safe = check_file(name, data)
    assert (safe.mimetype, safe.data) == (mimetype, data)
    assert safe.name.rpartition(".")[2] in EXTENSIONS[mimetype]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.svg", SVG),
        ("x.html", HTML),
        ("x.txt", SVG),
        ("x.txt", HTML),
        ("x.txt", b"\xef\xbb\xbf \n" + SVG),
        ("x.txt", b"<?xml version='1.0'?><x/>"),
        ("x.png", SVG),
        ("x.jpg", HTML),
        ("x.pdf", b"%PDF-1.7 without an end"),
        ("x.pdf", HTML + PDF),
        ("x.png", PNG + HTML),
        ("x.png", PNG[:-4]),
        ("x.heic", AVIF),
        ("x.gif", b"GIF89a\x01\0\x01\0"),
        ("x.exe", b"MZ\x90\0\x03"),
        ("x.zip", b"PK\x03\x04" + bytes(30)),
        ("x.txt", b"a\0b"),
        ("x", TEXT),
        ("txt", TEXT),
        ("x.php", b"<?php echo 1;"),
        ("x.js", b"alert(1)"),
        ("x.txt", "tekst".encode("utf-16")),
        (None, TEXT),
        ("x.jpg", b"\xff\xd8\xff half of a picture"),
        ("x.heic", HEIC[:12]),
        ("x.pdf.html", PDF),
    ],
)
def test_refused(name, data):
    assert refusal(name, data) == "file_type"


@pytest.mark.parametrize(("name", "data"), [("x.pdf", PNG), ("x.txt", PDF), ("x.jpg", HEIC), ("x.png", TEXT)])
def test_claims_another_type(name, data):
    assert refusal(name, data) == "file_mismatch"


def test_size():
    assert refusal("x.txt", b"") == "file_empty"
    assert refusal("x.txt", b"a" * 101, max_bytes=100) == "file_too_big"
    assert check_file("x.txt", b"a" * 100, max_bytes=100)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\fakepath\\skan.txt", "skan.txt"),
        ("a\r\nSet-Cookie: x.txt", "a Set-Cookie_ x.txt"),
        ('<img src=x onerror="alert(1)">.txt', "img src_x onerror_alert(1).txt"),
        ("moje.zdjęcie.html.txt", "moje_zdjęcie_html.txt"),
        ("fak\u202etxt.exe.txt", "faktxt_exe.txt"),
        ("con.txt", "_con.txt"),
        ("….txt", "file.txt"),
        ("=cmd.txt", "cmd.txt"),
        ("x" * 300 + ".txt", "x" * 100 + ".txt"),
    ],
)
def test_name_is_cleaned(name, cleaned):
    assert check_file(name, TEXT).name == cleaned


@given(st.text(max_size=60), st.binary(max_size=200))
def test_anything_is_safe_or_refused(name, data):
    try:
        safe = check_file(name, data)
    except FileRefused:
        return
    assert (
        safe.name.isprintable()
        and "/" not in safe.name
        and "\\" not in safe.name
        and safe.name.count(".") == 1
    )
