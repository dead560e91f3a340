"""Documents beside a table: a ZIP whose files the rows name. Nothing is unpacked to a disk, and each read is bounded."""

import zipfile
import zlib
from typing import BinaryIO

from .problems import CellError, FileError

LARGEST_FILE = 20 * 1024 * 1024
MOST_FILES = 200_000
_BROKEN = (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, OSError, ValueError)


class Archive:
    """Files by name, as the rows write it: the whole path, or the bare name where only one folder has it."""

    def __init__(self, source: BinaryIO):
        """:raise FileError: no ZIP, or one with more than ``MOST_FILES`` files"""
        try:
            self._zip = zipfile.ZipFile(source)
        except _BROKEN:
            raise FileError("archive_damaged") from None
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(infos) > MOST_FILES:
            raise FileError("archive_big", most=MOST_FILES)
        self._by_name: dict[str, list[zipfile.ZipInfo]] = {}
        for info in infos:
            name = _get_name(info)
            if _is_safe(name):
                for known_as in {name.casefold(), name.rpartition("/")[2].casefold()}:
                    self._by_name.setdefault(known_as, []).append(info)

    def read(self, name: str) -> bytes:
        """Content of the file ``name``.

        :raise CellError: ``file_path`` (climbs out of the archive), ``file_missing``, ``file_ambiguous``, ``file_big``,
            ``file_encrypted``, ``file_damaged``
        """
        if not _is_safe(name):
            raise CellError("file_path", value=name)
        infos = self._by_name.get(name.casefold(), [])
        if not infos:
            raise CellError("file_missing", value=name)
        if len(infos) > 1:
            raise CellError("file_ambiguous", value=name)
        if infos[0].flag_bits & 0x1:
            raise CellError("file_encrypted", value=name)
        return self._read_bounded(infos[0], name)

    def _read_bounded(self, info: zipfile.ZipInfo, name: str) -> bytes:
        """The size that the directory tells is the sender's word: what comes out is counted."""
        try:
            with self._zip.open(info) as opened:
                content = opened.read(LARGEST_FILE + 1)
        except _BROKEN:
            raise CellError("file_damaged", value=name) from None
        if len(content) > LARGEST_FILE:
            raise CellError("file_big", value=name, most=LARGEST_FILE // 1024 // 1024)
        return content

    def read_pdf(self, name: str) -> bytes:
        """As ``read``, and the content itself says that it is a PDF (ISO 32000-1, 7.5.2 and 7.5.5), whatever its name.

        :raise CellError: also ``file_no_pdf``
        """
        content = self.read(name)
        if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-1024:]:
            raise CellError("file_no_pdf", value=name)
        return content


def _get_name(info: zipfile.ZipInfo) -> str:
    """Windows in Polish writes names in CP852 without saying so; ``zipfile`` takes them for CP437."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("cp852")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def _is_safe(name: str) -> bool:
    return not (
        name.startswith("/") or "\\" in name or ":" in name or "\x00" in name or ".." in name.split("/")
    )
