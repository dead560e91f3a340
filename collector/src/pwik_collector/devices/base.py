"""What all dongles have in common: bytes in, events out, nothing else (sans-io).

A dongle's file in this folder defines a subclass of :class:`Dongle` (our side of the line), a subclass of
:class:`Simulated` (the dongle's side, for tests and the demo) and names the first as ``DONGLE``. Nothing more is needed
for it to be found.
"""

from __future__ import annotations

import binascii
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Received:
    """A telegram: bytes from L on, signal in dBm, radio mode, and whether its CRCs (if it still has them) are right."""

    telegram: bytes
    rssi: float | None
    mode: str
    intact: bool = True


@dataclass(frozen=True, slots=True)
class Ready:
    """The dongle confirmed that it listens in the mode that was asked for."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The dongle refused the mode; ``code`` is its own answer."""

    code: str


@dataclass(frozen=True, slots=True)
class Send:
    """The parser wants these bytes written to the dongle."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Ignored:
    """A sound message that does not matter here."""


Event = Received | Ready | Refused | Send | Ignored

#: What a step of a parser gives: bytes used up and the event. ``(0, None)``: more bytes needed; ``(n, None)``: noise.
Step = tuple[int, Event | None]
MORE: Step = (0, None)
NOISE: Step = (1, None)


class Dongle(ABC):
    """One dongle's protocol, seen from the computer. Subclasses give the data and :meth:`_step`."""

    code: ClassVar[str]
    title: ClassVar[str]
    baudrate: ClassVar[int]
    #: radio modes the dongle can be set to: our name → the dongle's own code
    modes: ClassVar[Mapping[str, int | str]]
    default_mode: ClassVar[str]
    simulated: ClassVar[type[Simulated]]
    #: whether telegrams arrive with their CRCs, unchecked
    keeps_crc: ClassVar[bool] = False

    def __init__(self, mode: str | None = None):
        self.mode = mode or self.default_mode
        if self.mode not in self.modes:
            raise ValueError(f"{self.code} has no mode {self.mode}")
        self.skipped = 0
        self._buffer = bytearray()

    @property
    def mode_label(self) -> str:
        """The mode as written into the dump: ``T1``, ``C1`` or ``C1+T1`` where the dongle does not tell which."""
        return "C1+T1" if self.mode == "c1t1" else self.mode.upper()

    @abstractmethod
    def startup(self) -> list[bytes]:
        """What to write to the dongle so that it begins to listen."""

    @abstractmethod
    def _step(self, buffer: bytearray) -> Step:
        """Look at the start of the buffer and take one message, one byte of noise, or wait."""

    def feed(self, data: bytes) -> list[Event]:
        """Take bytes as they come, cut anywhere; give the events that are complete with them."""
        self._buffer += data
        return self._drain()

    def idle(self) -> list[Event]:
        """The line has been quiet: what is half there will not be completed, so look for messages behind its start."""
        events: list[Event] = []
        while self._buffer:
            del self._buffer[:1]
            self.skipped += 1
            events += self._drain()
        return events

    @property
    def pending(self) -> bool:
        """Whether a message is half there."""
        return bool(self._buffer)

    def _drain(self) -> list[Event]:
        events: list[Event] = []
        while self._buffer:
            used, event = self._step(self._buffer)
            if not used:
                break
            if event is None:
                self.skipped += used
            else:
                if not isinstance(event, Ignored):
                    events.append(event)
            del self._buffer[:used]
        return events


class Simulated(ABC):
    """The dongle's own side of the protocol: answers to commands, frames telegrams."""

    def __init__(self) -> None:
        self.listening = False
        self._buffer = bytearray()

    @abstractmethod
    def feed(self, data: bytes) -> bytes:
        """Take what the computer writes, give the answer; sets ``listening`` once a mode was set."""

    @abstractmethod
    def frame(self, telegram: bytes, rssi: float) -> bytes:
        """A telegram (any shape, from L on) with a signal in dBm, in the dongle's framing."""


def signed(byte: int) -> int:
    """An unsigned byte read as a signed one."""
    return byte - 256 if byte > 127 else byte


_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def crc_x25(data: bytes | bytearray) -> int:
    """CRC-16/X.25 (ISO 13239), which both IMST dongles put behind their messages, low byte first."""
    # It is the CRC of binascii with the bits of each byte, and of the result, the other way round.
    crc = binascii.crc_hqx(bytes(data).translate(_MIRRORED), 0xFFFF)
    return (_MIRRORED[crc & 0xFF] << 8 | _MIRRORED[crc >> 8]) ^ 0xFFFF
