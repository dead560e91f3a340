"""What was worked out for one payload, for others whose heads are the same bytes at the same places."""

from collections.abc import Iterable
from typing import Generic, TypeVar

_Work = TypeVar("_Work")
_MOST = 4096
_MOST_OF_A_LENGTH = 16


class Plans(Generic[_Work]):
    """Kept by the length of the payload and by its bytes outside of the data. The latest of a length is looked at first."""

    def __init__(self) -> None:
        self._by_length: dict[int, list[tuple[int, int, _Work]]] = {}
        self._count = 0

    def find(self, data: bytes) -> _Work | None:
        known = self._by_length.get(len(data))
        if known is None:
            return None
        number = int.from_bytes(data, "little")
        for mask, fixed, work in known:
            if number & mask == fixed:
                return work
        return None

    def learn(self, data: bytes, free: Iterable[tuple[int, int]], work: _Work) -> None:
        """:param free: where the data stand, which differ from one payload to the next: first and behind the last byte"""
        if self._count >= _MOST:
            self._by_length, self._count = {}, 0
        mask = (1 << 8 * len(data)) - 1
        for start, end in free:
            mask &= ~((1 << 8 * end) - (1 << 8 * start))
        known = self._by_length.get(len(data), [])
        kept = [(mask, int.from_bytes(data, "little") & mask, work), *known[: _MOST_OF_A_LENGTH - 1]]
        self._count += len(kept) - len(known)
        self._by_length[len(data)] = kept
