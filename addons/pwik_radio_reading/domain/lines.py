"""Lines of a file of unknown size and honesty, in bounded memory."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from .errors import ArchiveError, BinaryFileError, EmptyFileError

CHUNK = 1 << 16
_STEP = 1 << 10  # so that little is lost where an archive breaks
LONGEST_LINE = 1 << 16  # bytes; a telegram in JSON needs about 700
_KEPT = 256  # bytes of a line that is too long
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\f\r\x1b"))  # those that no text holds
_MOST_CONTROLS = 0.1


class Line(NamedTuple):
    """``text``: without line end; ``too_long``: only its beginning is there."""

    number: int
    text: str
    too_long: bool


class Peeked:
    """A stream whose beginning was looked at: ``head`` is read again by ``read``.

    When an archive breaks inside the head, what came before is still given and the error follows.
    """

    def __init__(self, stream: BinaryIO, size: int = CHUNK):
        self._stream = stream
        self._error: ArchiveError | None = None
        self.head = self._left = self._fill(size)
        if self._error is not None and not self.head:
            raise self._error

    def _fill(self, size: int) -> bytes:
        parts, got = [], 0
        try:
            while got < size and (part := self._stream.read(min(size - got, _STEP))):
                parts.append(part)
                got += len(part)
        except ArchiveError as error:
            self._error = error
        return b"".join(parts)

    def read(self, size: int = -1) -> bytes:
        if self._left:
            part = self._left if size < 0 else self._left[:size]
            self._left = self._left[len(part) :]
            return part
        if self._error is not None:
            raise self._error
        return self._stream.read(size)


def encoding_of(head: bytes) -> tuple[str, int]:
    """Encoding by its byte order mark and the mark's size; UTF-8 without one.

    Raises EmptyFileError, BinaryFileError.
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, len(mark)
    if not head.strip():
        raise EmptyFileError()
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > _MOST_CONTROLS * len(head):
        raise BinaryFileError()
    return "utf-8", 0


def read_lines(stream: Peeked, encoding: str = "utf-8", skip: int = 0) -> Iterator[Line]:
    """All lines that are not blank; bytes that are no text become U+FFFD. ``skip``: bytes of a byte order mark."""
    if encoding == "utf-8":
        return _split(stream, skip, encoding)
    return _split(_Recoded(stream, encoding, skip), 0, "utf-8")


def _split(stream, skip: int, encoding: str) -> Iterator[Line]:
    number, rest, overlong = 0, b"", False
    stream.read(skip) if skip else None
    while chunk := stream.read(CHUNK):
        *whole, rest = (rest + chunk).split(b"\n")
        for raw in whole:
            number += 1
            if (not raw or raw.isspace()) and not overlong:
                continue
            yield _line(number, raw, overlong, encoding)
            overlong = False
        if len(rest) > LONGEST_LINE:
            rest, overlong = rest[:_KEPT], True
        elif overlong:
            rest = rest[:_KEPT]
    if rest:
        yield _line(number + 1, rest, overlong, encoding)


def _line(number: int, raw: bytes, overlong: bool, encoding: str) -> Line:
    if overlong or len(raw) > LONGEST_LINE:
        return Line(number, raw[:_KEPT].decode(encoding, "replace"), True)
    return Line(number, raw.rstrip(b"\r").decode(encoding, "replace"), False)


class _Recoded:
    """UTF-16 as UTF-8, piece by piece."""

    def __init__(self, stream: Peeked, encoding: str, skip: int):
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        stream.read(skip)

    def read(self, size: int = -1) -> bytes:
        while raw := self._stream.read(size):
            text = self._decoder.decode(raw)
            if text:
                return text.encode("utf-8", "replace")
        return self._decoder.decode(b"", True).encode("utf-8", "replace")
