"""gzip and zip around a dump, unpacked piece by piece and within limits; names inside are never used as paths."""

import gzip
import io
import lzma
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from .errors import ArchiveError, ArchiveLimitError, EmptyFileError
from .lines import Peeked

GZIP, ZIP, ZIP_EMPTY = b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"
_IN_MEMORY = 1 << 24
_XLSX_PART = "xl/workbook.xml"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NAME = 120
# Bytes of an archive's directory for each member that is allowed; a plain one takes about a hundred.
_ENTRY = 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """``size``: bytes of all members together; ``ratio``: unpacked to packed, once ``free`` bytes are out."""

    size: int = 1 << 30
    ratio: int = 200
    free: int = 1 << 20
    nesting: int = 3
    members: int = 1000


@dataclass(slots=True)
class Member:
    """A file that is no archive. ``name``: for display; ``workbook``: the seekable file when it is an XLSX."""

    name: str
    stream: Peeked
    workbook: BinaryIO | None = None


class _Budget:
    """Counts what comes out of all archives of one dump against what went in."""

    def __init__(self, limits: Limits, packed: int):
        self.limits, self.packed = limits, max(packed, 1)
        self.unpacked = self.members = 0

    def take(self, count: int) -> None:
        self.unpacked += count
        over = self.unpacked > self.limits.free and self.unpacked > self.packed * self.limits.ratio
        if self.unpacked > self.limits.size or over:
            raise ArchiveLimitError()

    def enter(self) -> None:
        self.members += 1
        if self.members > self.limits.members:
            raise ArchiveLimitError(f"more than {self.limits.members} files in the archive")


class _Counted:
    """A stream out of an archive: counted, its errors translated."""

    def __init__(self, stream: BinaryIO, budget: _Budget):
        self._stream, self._budget = stream, budget

    def read(self, size: int = -1) -> bytes:
        with translated():
            data = self._stream.read(size)
        self._budget.take(len(data))
        return data


@contextmanager
def translated() -> Iterator[None]:
    """Whatever a damaged archive raises, as ArchiveError."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        LookupError,
        OverflowError,
        struct.error,
    ) as error:
        raise ArchiveError(f"the archive is damaged or encrypted: {type(error).__name__}") from error


def open_members(source: bytes | BinaryIO, limits: Limits | None = None) -> Iterator[Member]:
    """Files of a dump, one after another; each must be read before the next is asked for.

    ``source``: content, or a seekable binary stream. A workbook (XLSX) counts as a file, not as an archive.
    Raises EmptyFileError, ArchiveError, ArchiveLimitError.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes | bytearray | memoryview) else source
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if not size:
        raise EmptyFileError()
    limits = limits or Limits()
    yield from _walk("", stream, _Budget(limits, size), limits.nesting)


def _walk(name: str, stream: BinaryIO, budget: _Budget, depth: int) -> Iterator[Member]:
    peeked = Peeked(stream)
    if peeked.head.startswith((ZIP, ZIP_EMPTY)):
        yield from _walk_zip(name, _seekable(peeked, stream), budget, depth)
    elif peeked.head.startswith(GZIP):
        _enter(depth)
        budget.enter()
        with gzip.GzipFile(fileobj=peeked, mode="rb") as packed:
            yield from _walk(name, _Counted(packed, budget), budget, depth - 1)
    else:
        yield Member(name, peeked)


def _enter(depth: int) -> None:
    if depth <= 0:
        raise ArchiveLimitError("archives inside archives, too deep")


class _Opening:
    """A zip while it is opened: the library reads its directory in one piece and makes an object of each entry in it.

    What the archive says of its number of entries is not to be trusted, nor asked by the library.
    """

    def __init__(self, stream: BinaryIO, most: int):
        self._stream, self.most = stream, most

    def __getattr__(self, name: str):
        return getattr(self._stream, name)

    def read(self, size: int = -1) -> bytes:
        if self.most is None:
            return self._stream.read(size)
        data = self._stream.read(self.most + 1 if size < 0 else min(size, self.most + 1))
        if len(data) > self.most:
            raise ArchiveLimitError("too many files in the archive")
        return data


def _open_zip(stream: BinaryIO, members: int) -> zipfile.ZipFile:
    """Raises ArchiveError, and ArchiveLimitError before the directory of too many members takes memory."""
    opening = _Opening(stream, max(members, 64) * _ENTRY)  # the comment at its end has up to 64 KB
    with translated():
        archive = zipfile.ZipFile(opening)
    opening.most = None
    return archive


def _walk_zip(name: str, stream: BinaryIO, budget: _Budget, depth: int) -> Iterator[Member]:
    with _open_zip(stream, budget.limits.members) as archive:
        entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
        if any(entry.filename == _XLSX_PART for entry in entries):
            stream.seek(0)
            yield Member(name, Peeked(stream), workbook=stream)
            return
        _enter(depth)
        for entry in entries:
            budget.enter()
            if entry.compress_type not in _METHODS or entry.flag_bits & 1:
                raise ArchiveError("the archive is encrypted or packed by an unusual method")
            with translated():
                packed = archive.open(entry)
            with packed:
                yield from _walk(_label(entry.filename), _Counted(packed, budget), budget, depth - 1)


def _label(filename: str) -> str:
    """Last part of a name, for display only."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in last)[:_NAME]


def _seekable(peeked: Peeked, stream: BinaryIO) -> BinaryIO:
    """A zip must be seekable: the stream itself, or a copy of what comes out of another archive."""
    if not isinstance(stream, _Counted):
        stream.seek(0)
        return stream
    copy = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)
    while chunk := peeked.read(1 << 16):
        copy.write(chunk)
    copy.seek(0)
    return copy
