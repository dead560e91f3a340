"""Which addresses lie in an area that is written as people write it: a street, and perhaps its numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PREFIX = re.compile(r"^(ulica|ul\.?|aleja|aleje|al\.?|plac|pl\.?|osiedle|os\.?)\s+")
_ADDRESS = re.compile(r"^(?P<street>.*?)\s+(?P<number>\d+\s*[a-z]?)(\s*(/|\\|m\.?|lok\.?)\s*\d+\s*[a-z]?)?$")
_RANGE = re.compile(
    r"^(\d+)\s*([a-z]?)(?:\s*[-\u2013]\s*(\d+)\s*([a-z]?))?(?:\s+(odd|even|nieparzyste|parzyste))?$"
)
_PARITY = {"odd": 1, "nieparzyste": 1, "even": 0, "parzyste": 0}
_MOST = 100_000


class NumbersRefused(ValueError):
    """House numbers that cannot be read; ``part`` is what was not understood."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


@dataclass(frozen=True, slots=True)
class HouseRange:
    """House numbers from ``first`` to ``last``, each a number and a letter; ``parity``: 1 odd ones only, 0 even, None all."""

    first: tuple[int, str]
    last: tuple[int, str]
    parity: int | None = None

    def holds(self, number: tuple[int, str]) -> bool:
        """A number without a letter at the end of a range takes in its letters: 1-15 holds 15a."""
        if self.parity is not None and number[0] % 2 != self.parity:
            return False
        last = (self.last[0], self.last[1] or "zz")
        return self.first <= number <= last if self.first != self.last else self._is_same(number)

    def _is_same(self, number: tuple[int, str]) -> bool:
        return number[0] == self.first[0] and (not self.first[1] or number[1] == self.first[1])


def parse_numbers(text: str | None) -> tuple[HouseRange, ...]:
    """``"1-15 odd, 20, 22a"`` as ranges; nothing written means the whole street: an empty tuple.

    Polish ``parzyste`` and ``nieparzyste`` are understood as well.

    :raises NumbersRefused: a part is no number and no range, or runs backwards
    """
    ranges = []
    for part in (text or "").lower().split(","):
        if not part.strip():
            continue
        match = _RANGE.match(part.strip())
        if not match:
            raise NumbersRefused(part.strip())
        first = (int(match[1]), match[2])
        last = (int(match[3]), match[4]) if match[3] else first
        if last < first or last[0] > _MOST:
            raise NumbersRefused(part.strip())
        ranges.append(HouseRange(first, last, _PARITY.get(match[5])))
    return tuple(ranges)


def split_address(text: str | None) -> tuple[str, tuple[int, str] | None]:
    """``"ul. Długa 12a/3"`` as ``("długa", (12, "a"))``: street without its kind, house number without the flat."""
    line = re.sub(r"\s+", " ", text or "").strip().lower()
    match = _ADDRESS.match(line)
    street = match["street"] if match else line
    if not match:
        return normal_street(street), None
    digits = re.match(r"(\d+)\s*([a-z]?)", match["number"])
    return normal_street(street), (int(digits[1]), digits[2])


def normal_street(text: str | None) -> str:
    """A street's name as it is compared: lower case, single blanks, without the word for its kind."""
    line = re.sub(r"\s+", " ", text or "").strip().lower()
    return _PREFIX.sub("", line).strip()


def lies_on(address: str | None, street: str, numbers: tuple[HouseRange, ...]) -> bool:
    """Whether an address lies on the street, within the numbers if there are any."""
    name, number = split_address(address)
    if name != normal_street(street):
        return False
    return not numbers or (number is not None and any(one.holds(number) for one in numbers))
