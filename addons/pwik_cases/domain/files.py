"""Files that customers send: an allow-list, judged by content.

The declared type of an upload and its name are the sender's claims; only the first bytes say what it is. What passes is
still handed out as a download only, never shown inline.
"""

import re
import unicodedata
from dataclasses import dataclass

from .errors import FileRefused
from .text import clean_line

MAX_BYTES = 10 * 1024 * 1024
NAME_LENGTH = 100

EXTENSIONS = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/heic": ("heic", "heif"),
    "text/plain": ("txt",),
}

_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
# Brands of still images coded by HEVC, and the general ones beside which they stand (ISO/IEC 23008-12, annex B).
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_MARKUP = re.compile(r"\s*<(!|\?|/?[a-zA-Z])")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SafeFile:
    """A file that may be kept: cleaned name with the extension of its real type."""

    name: str
    mimetype: str
    data: bytes


def check_file(name: str | None, data: bytes, *, max_bytes: int = MAX_BYTES) -> SafeFile:
    """Take PDF, JPEG, PNG, HEIC or plain text whose name claims the same; give it a harmless name.

    :raises FileRefused: ``file_empty``, ``file_too_big`` (``limit`` in MB), ``file_type`` (not on the list),
        ``file_mismatch`` (the name claims another type)
    """
    if not data:
        raise FileRefused("file_empty", name=_short(name))
    if len(data) > max_bytes:
        raise FileRefused("file_too_big", name=_short(name), limit=max_bytes // (1024 * 1024))
    mimetype = detect(data)
    if mimetype is None:
        raise FileRefused("file_type", name=_short(name))
    stem, extension = _split(name)
    if extension not in EXTENSIONS[mimetype]:
        raise FileRefused("file_mismatch" if _is_allowed(extension) else "file_type", name=_short(name))
    return SafeFile(f"{_clean_stem(stem)}.{extension}", mimetype, data)


def detect(data: bytes) -> str | None:
    """The media type by content, or None when it is none of the allowed ones."""
    if data.startswith(b"%PDF-"):
        return "application/pdf" if b"%%EOF" in data[-2048:] else None
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg" if b"\xff\xd9" in data[3:] else None
    if data.startswith(_PNG_HEAD):
        return "image/png" if _is_whole_png(data) else None
    if data[4:8] == b"ftyp":
        return "image/heic" if _is_heic(data) else None
    return "text/plain" if _is_plain_text(data) else None


def _is_whole_png(data: bytes) -> bool:
    """Chunks from IHDR to IEND and nothing behind: no second file hides at the end (PNG, ISO/IEC 15948, 5.3)."""
    position, first = len(_PNG_HEAD), True
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4])
        kind = data[position + 4 : position + 8]
        if first and kind != b"IHDR":
            return False
        first = False
        position += 12 + length
        if kind == b"IEND":
            return position == len(data)
    return False


def _is_heic(data: bytes) -> bool:
    size = int.from_bytes(data[:4])
    if not 16 <= size <= min(len(data), 1024):
        return False
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, size - 3, 4))}
    return data[8:12] in _HEIC_BRANDS and bool(brands & (_HEIC_BRANDS - {b"mif1", b"msf1"}))


def _is_plain_text(data: bytes) -> bool:
    """UTF-8, or Windows-1250 as old Polish programs write; no control characters, no markup at the start."""
    for encoding in ("utf-8-sig", "cp1250"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        controls = any(ord(char) < 32 and char not in "\t\n\r\f" or ord(char) == 127 for char in text)
        return not controls and not _MARKUP.match(text)
    return False


def _split(name: str | None) -> tuple[str, str]:
    """Last part of a path (of any system), cut into stem and extension in lower case."""
    base = re.split(r"[/\\]", clean_line(name))[-1].strip(". ")
    stem, dot, extension = base.rpartition(".")
    return (stem, extension.lower()) if dot else (base, "")


def _clean_stem(stem: str) -> str:
    """Letters, digits, blank, ``- _ ( )``; anything else, inner dots too, becomes ``_``."""
    kept = "".join(
        char if char.isalnum() or char in " -_()" else "_" for char in unicodedata.normalize("NFC", stem)
    )
    cleaned = re.sub(r"_{2,}", "_", kept)[:NAME_LENGTH].strip(" _-")
    return f"_{cleaned}" if _RESERVED.match(cleaned) else cleaned or "file"


def _is_allowed(extension: str) -> bool:
    return any(extension in extensions for extensions in EXTENSIONS.values())


def _short(name: str | None) -> str:
    return clean_line(name)[:NAME_LENGTH]
