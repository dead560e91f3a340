"""Data link layer: frame formats A and B of EN 13757-4 (11.3), without checksums, and the wired long frame of EN 13757-2."""

from typing import NamedTuple

from ..errors import BadCrcError, BadLengthError, TruncatedError
from .address import Address
from .crc import ends_in_checksum

FIRST = 10  # bytes of the first block: L, C, M(2), A(6)
BLOCK = 16  # content bytes of each further block of format A
B_LIMIT = 126  # content bytes of the first two blocks of format B together
CHECKSUM = 2
SHORTEST = FIRST + 1  # and one CI byte
WIRED = 0x68  # first byte of a wired frame, or a length


class Link(NamedTuple):
    """A frame without its checksums. ``frame``: ``A``, ``B``, ``none`` (no checksums) or ``wired``."""

    frame: str
    address: Address | None
    body: bytes


def size_a(length: int) -> int:
    """Bytes of a frame A with ``length`` content bytes (the L field included)."""
    return length + 2 * (1 + -(-max(length - FIRST, 0) // BLOCK))


_A_LENGTHS = {size_a(length): length for length in range(SHORTEST, 257)}


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
    if data[0] == WIRED and _is_wired(data):
        return _wired(data)
    frame, content = _strip(data, size)
    return Link(frame, Address.from_link(content[2:FIRST]), content[FIRST:])


def parse_bare(data: bytes) -> Link:
    """A frame that was taken for a frame B, as one without checksums."""
    return Link("none", Address.from_link(data[2:FIRST]), data[FIRST:])


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


def _strip_a(data: bytes, length: int) -> bytes:
    if length < SHORTEST:
        raise BadLengthError("the length field is too small")
    parts, start, size = [], 0, FIRST
    left = length
    while left > 0:
        size = min(size, left)
        block = data[start : start + size + CHECKSUM]
        if not ends_in_checksum(block):
            raise BadCrcError(f"checksum of the block at byte {start}")
        parts.append(block[:-CHECKSUM])
        start += size + CHECKSUM
        left -= size
        size = BLOCK
    return b"".join(parts)


def _strip_b(data: bytes, size: int) -> bytes | None:
    """Content of a frame B, whose L field counts the checksums; None when the checksums do not fit."""
    if size < SHORTEST + CHECKSUM:
        return None
    if size <= B_LIMIT + CHECKSUM:
        return data[:-CHECKSUM] if ends_in_checksum(data) else None
    first, rest = data[: B_LIMIT + CHECKSUM], data[B_LIMIT + CHECKSUM :]
    if len(rest) <= CHECKSUM or not ends_in_checksum(first):
        return None
    if not ends_in_checksum(rest):
        raise BadCrcError("checksum of the last block of a frame B")
    return first[:-CHECKSUM] + rest[:-CHECKSUM]


def _is_damaged_a(data: bytes, size: int) -> bool:
    """A frame A whose L field was hit so that it counts the checksums too: with the right L all blocks fit."""
    length = _A_LENGTHS.get(size)
    if length is None:
        return False
    head = bytes((length - 1,)) + data[1 : FIRST + CHECKSUM]
    if not ends_in_checksum(head):
        return False  # nearly every frame without checksums ends here
    try:
        _strip_a(head + data[FIRST + CHECKSUM :], length)
    except BadCrcError:
        return False
    return True


def _is_wired(data: bytes) -> bool:
    """Whether what begins like a wired frame is one."""
    return data[3] == WIRED and data[1] == data[2] and len(data) == data[1] + 6 and data[-1] == 0x16


def _wired(data: bytes) -> Link:
    content = data[4:-2]
    if sum(content) & 0xFF != data[-2]:
        raise BadCrcError("checksum of the wired frame")
    if len(content) < 3:
        raise TruncatedError("no CI field in the wired frame")
    return Link("wired", None, content[2:])
