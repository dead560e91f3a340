"""What was heard of a tour so far: plain state, no screen, no clock of its own."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from .dump import Line
from .telegram import addresses
from .tour import Stop, Tour, find

#: Signal classes in dBm, from strong to very weak: the lowest signal that still belongs to the class. The office's campaign
#: calls them the same (``domain/campaign.py`` of its addon).
SIGNAL_STEPS = (-75, -85, -95, -200)


@dataclass(slots=True)
class Heard:
    """One speaker: since when and when last heard, its best signal in dBm, how often."""

    label: str
    stop: Stop | None
    since: datetime
    last: datetime
    best: float | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One telegram that was counted; ``first`` when it was the first of its speaker."""

    ts: datetime
    heard: Heard
    rssi: float | None
    first: bool


@dataclass(slots=True)
class Progress:
    """The state of a tour. Without a tour everybody heard counts, and nobody is missing.

    ``newest`` holds those that count in the order in which they were first heard: it stands still while known overlays repeat
    themselves every few seconds.
    """

    tour: Tour | None = None
    telegrams: int = 0
    damaged: int = 0
    position: int = 0
    last: datetime | None = None
    newest: deque[Heard] = field(default_factory=lambda: deque(maxlen=200))
    speakers: dict[str, Heard] = field(default_factory=dict)
    _index: dict[str, int] = field(default_factory=dict)
    _places: dict[int, Heard] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._index = self.tour.index() if self.tour else {}

    def take(self, line: Line, *, intact: bool = True) -> Entry | None:
        """Count a telegram. A damaged one proves nobody's presence: it gives None."""
        if not intact:
            self.take_damaged()
            return None
        self.telegrams += 1
        self.last = line.ts
        known = addresses(line.telegram)
        address = known[0]
        place = find(self._index, *known) if self._index else None
        stop = self.tour.stops[place] if self.tour and place is not None else None
        heard = self.speakers.get(address.key)
        first = heard is None
        if heard is None:
            label = stop.address if stop else address.key.replace("/", " ")
            heard = self.speakers[address.key] = Heard(label, stop, line.ts, line.ts)
        heard.count += 1
        heard.last = line.ts
        if line.rssi is not None:
            heard.best = line.rssi if heard.best is None else max(heard.best, line.rssi)
        if place is not None:
            if first:
                self.position = place
            self._places[place] = heard
        if first and (stop or not self.tour):
            self.newest.append(heard)
        return Entry(line.ts, heard, line.rssi, first)

    def take_damaged(self) -> None:
        """Count a telegram that proves nobody's presence."""
        self.telegrams += 1
        self.damaged += 1

    @property
    def total(self) -> int:
        """Stops of the tour; without a tour, speakers heard."""
        return len(self.tour.stops) if self.tour else len(self.speakers)

    @property
    def heard(self) -> int:
        """Stops heard; without a tour, speakers heard."""
        return len(self._places) if self.tour else len(self.speakers)

    @property
    def strangers(self) -> int:
        """Speakers that do not belong to the tour."""
        return len(self.speakers) - len(self._places) if self.tour else 0

    @property
    def complete(self) -> bool:
        """Whether every stop of the tour was heard."""
        return self.tour is not None and self.heard == self.total

    def missing(self) -> list[Stop]:
        """Stops not heard, nearest in walking order to the stop that was heard first most recently."""
        if not self.tour:
            return []
        places = [place for place in range(len(self.tour.stops)) if place not in self._places]
        # Where two are equally near, the one ahead comes first.
        places.sort(key=lambda place: (abs(place - self.position), place < self.position))
        return [self.tour.stops[place] for place in places]

    def signals(self) -> tuple[int, ...]:
        """How many of the heard (of the tour, if there is one) fall into each class of :data:`SIGNAL_STEPS`."""
        counts = [0] * len(SIGNAL_STEPS)
        for heard in self._places.values() if self.tour else self.speakers.values():
            if heard.best is not None:
                counts[signal_class(heard.best)] += 1
        return tuple(counts)


def signal_class(rssi: float) -> int:
    """0 (strong) to 3 (very weak)."""
    return next(
        number for number, lowest in enumerate(SIGNAL_STEPS) if rssi >= lowest or lowest == SIGNAL_STEPS[-1]
    )
