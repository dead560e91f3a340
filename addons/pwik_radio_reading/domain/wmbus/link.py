"""Data link layer: frame formats A and B of EN 13757-4 (11.3), without checksums, and the wired long frame of EN 13757-2."""

from typing import NamedTuple

from ..errors import BadCrcError, BadLengthError, TruncatedError
from .address import Address
from .crc import crc16

FIRST = 10  # bytes of the first block: L, C, M(2), A(6)
BLOCK = 16  # content bytes of each further block of format A
B_LIMIT = 126  # content bytes of the first two blocks of format B together
SHORTEST = FIRST + 1  # and one CI byte


class Link(NamedTuple):
    """A frame without its checksums. ``frame``: ``A``, ``B``, ``none`` (no checksums) or ``wired``."""

    frame: str
    control: int
    address: Address | None
    body: bytes


def may_be_damaged_b(frame: str, size: int, sizes: frozenset[int]) -> bool:
    """A body of ``size`` where the known ``sizes`` are two bytes less: rather a frame B whose checksum does not fit."""
    return frame == "none" and size not in sizes and size - 2 in sizes


def parse(data: bytes) -> Link:
    """Check the frame and take it apart; ``body`` begins with the CI field.

    A frame B has the same length as one without checksums. Of 65,536 of the latter, one looks like the former, so whoever
    cannot decode a frame B tries ``parse_bare``. Raises TruncatedError, BadLengthError, BadCrcError.
    """
    size = len(data)
    if size < SHORTEST:
        raise TruncatedError(f"{size} bytes are fewer than the shortest frame has")
    if _is_wired(data):
        return _wired(data)
    frame, content = _strip(data, size)
    return Link(frame, content[1], Address.from_link(content[2:FIRST]), content[FIRST:])


def parse_bare(data: bytes) -> Link:
    """A frame that was taken for a frame B, as one without checksums."""
    return Link("none", data[1], Address.from_link(data[2:FIRST]), data[FIRST:])


def _strip(data: bytes, size: int) -> tuple[str, bytes]:
    length = data[0] + 1
    if size == length:
        stripped = _strip_b(data, size)
        if stripped is not None:
            return "B", stripped
        if _is_damaged_a(data, size):
            raise BadCrcError("the length field of a frame A is damaged")
        return "none", data
    if size == size_a(length):
        return "A", _strip_a(data, length)
    if size < length:
        raise TruncatedError(f"{size} bytes, the length field announces {length}")
    raise BadLengthError(f"{size} bytes, the length field announces {length}")


def size_a(length: int) -> int:
    """Bytes of a frame A with ``length`` content bytes (the L field included)."""
    return length + 2 * (1 + -(-max(length - FIRST, 0) // BLOCK))


def _strip_a(data: bytes, length: int) -> bytes:
    if length < SHORTEST:
        raise BadLengthError("the length field is too small")
    parts, start, size = [], 0, FIRST
    left = length
    while left > 0:
        size = min(size, left)
        block = data[start : start + size]
        if crc16(block) != int.from_bytes(data[start + size : start + size + 2], "big"):
            raise BadCrcError(f"checksum of the block at byte {start}")
        parts.append(block)
        start += size + 2
        left -= size
        size = BLOCK
    return b"".join(parts)


def _strip_b(data: bytes, size: int) -> bytes | None:
    """Content of a frame B, whose L field counts the checksums; None when the checksums do not fit."""
    if size < SHORTEST + 2:
        return None
    if size <= B_LIMIT + 2:
        if crc16(data[:-2]) != int.from_bytes(data[-2:], "big"):
            return None
        return data[:-2]
    if size < B_LIMIT + 5 or crc16(data[:B_LIMIT]) != int.from_bytes(data[B_LIMIT : B_LIMIT + 2], "big"):
        return None
    rest = data[B_LIMIT + 2 : -2]
    if crc16(rest) != int.from_bytes(data[-2:], "big"):
        raise BadCrcError("checksum of the last block of a frame B")
    return data[:B_LIMIT] + rest


def _is_damaged_a(data: bytes, size: int) -> bool:
    """A frame A whose L field was hit so that it counts the checksums too: with the right L all blocks fit."""
    if size < FIRST + 2 + 3:
        return False
    length = size - 2 - 2 * -(-(size - FIRST - 2) // (BLOCK + 2))
    if size_a(length) != size:
        return False
    mended = bytes((length - 1,)) + data[1:]
    if crc16(mended[:FIRST]) != mended[FIRST] << 8 | mended[FIRST + 1]:
        return False  # nearly every frame without checksums ends here
    try:
        _strip_a(mended, length)
    except BadCrcError:
        return False
    return True


def _is_wired(data: bytes) -> bool:
    return data[0] == 0x68 == data[3] and data[1] == data[2] and len(data) == data[1] + 6 and data[-1] == 0x16


def _wired(data: bytes) -> Link:
    content = data[4:-2]
    if sum(content) & 0xFF != data[-2]:
        raise BadCrcError("checksum of the wired frame")
    if len(content) < 3:
        raise TruncatedError("no CI field in the wired frame")
    return Link("wired", content[0], None, content[2:])
