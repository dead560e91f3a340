"""Amber (now Würth) AMB8465-M, 9600 8N1.

Messages: ``FF command length payload xor``. Received telegrams come in one of two ways, as the module is configured:
as command 03, whose length is the telegram's L (the payload begins with C), or bare, ``L C M ...``. Where the module
is configured to append the RSSI it is the last byte and the length counts it. Modules differ in both, so the
configuration is asked for first (parameter 45 of the module's memory is RSSI_Enable), and a command 03 whose
length leaves the RSSI out, or whose payload repeats L, is understood as well. Until the answer is there, telegrams are
held back: their last byte might be either. dBm = signed / 2 - 74.
"""

from __future__ import annotations

from functools import reduce
from operator import xor

from ..telegram import MIN_L, looks_like_start, without_crc
from .base import MORE, NOISE, Dongle, Event, Ignored, Ready, Received, Refused, Simulated, Step, signed

_START = 0xFF
_DATA, _SET_MODE, _GET = 0x03, 0x04, 0x0A
_CONFIRM = 0x80
_RSSI_ENABLE = 0x45
_MOST_HELD = 8
_CONFIRMATIONS = frozenset(
    _CONFIRM | command for command in (0x00, 0x02, 0x04, 0x05, 0x09, 0x0A, 0x0B, 0x0C, 0x0D)
)


def _checked(body: bytes) -> bytes:
    return body + bytes((reduce(xor, body),))


def _dbm(byte: int) -> float:
    return signed(byte) / 2 - 74


class Amb8465(Dongle):
    """Our side of the line."""

    code = "amb8465"
    title = "Würth AMB8465"
    baudrate = 9600
    modes = {"t1": 0x08, "c1": 0x0E, "c1t1": 0x09}
    default_mode = "c1t1"

    def __init__(self, mode: str | None = None):
        super().__init__(mode)
        self._rssi_appended: bool | None = None  # not known yet
        self._held: list[bytes] = []

    def startup(self) -> list[bytes]:
        """Ask for the 80 (hex) bytes of configuration, then set the mode until the next reset."""
        return [
            _checked(bytes((_START, _GET, 0x02, 0x00, 0x80))),
            _checked(bytes((_START, _SET_MODE, 0x01, int(self.modes[self.mode])))),
        ]

    def _step(self, buffer: bytearray) -> Step:
        if buffer[0] == _START:
            return self._command(buffer)
        if buffer[0] < MIN_L:
            return NOISE
        if len(buffer) < 4:
            return MORE
        if not looks_like_start(bytes(buffer[1:4])):
            return NOISE
        total = buffer[0] + 1
        if len(buffer) < total:
            return MORE
        return total, self._undecided(bytes(buffer[1:total]))

    def feed(self, data: bytes) -> list[Event]:
        """As :meth:`Dongle.feed`; with the configuration come the telegrams that waited for it."""
        events = super().feed(data)
        if self._held and (self._rssi_appended is not None or len(self._held) >= _MOST_HELD):
            events = self._release() + events
        return events

    def idle(self) -> list[Event]:
        """As :meth:`Dongle.idle`; a module that does not tell is taken to be as it left the factory, without RSSI."""
        return super().idle() + self._release()

    @property
    def pending(self) -> bool:
        """Whether a message is half there or telegrams wait for the configuration."""
        return bool(self._buffer or self._held)

    def _release(self) -> list[Event]:
        if self._held and self._rssi_appended is None:
            self._rssi_appended = False
        held, self._held = self._held, []
        return [self._telegram(body, bool(self._rssi_appended)) for body in held]

    def _undecided(self, body: bytes) -> Event:
        if self._rssi_appended is None:
            self._held.append(body)
            return Ignored()
        return self._telegram(body, self._rssi_appended)

    def _command(self, buffer: bytearray) -> Step:
        if len(buffer) < 2:
            return MORE
        if buffer[1] != _DATA and buffer[1] not in _CONFIRMATIONS:
            return NOISE
        if len(buffer) < 3:
            return MORE
        total = buffer[2] + 4
        # A length that leaves out the RSSI makes the message one byte longer than it says: the check byte decides.
        for size in (total, total + 1) if buffer[1] == _DATA else (total,):
            if len(buffer) < size:
                return MORE
            if not reduce(xor, buffer[:size]):
                return size, self._event(bytes(buffer[:size]))
        return NOISE

    def _event(self, frame: bytes) -> Event:
        command, length, body = frame[1], frame[2], frame[3:-1]
        if command == _DATA:
            if length < MIN_L:
                return Ignored()
            if len(body) > length:
                return self._telegram(body, True)
            repeats = not looks_like_start(body[:3]) and looks_like_start(body[1:4])
            if repeats and len(body) - body[0] in (1, 2):
                return self._telegram(body[1:], len(body) - body[0] == 2)
            return self._undecided(body)
        if command == _CONFIRM | _SET_MODE:
            return Ready() if body[:1] == b"\x00" else Refused(body.hex())
        if command == _CONFIRM | _GET and len(body) > 2 and body[0] <= _RSSI_ENABLE < body[0] + len(body) - 2:
            self._rssi_appended = body[2 + _RSSI_ENABLE - body[0]] == 1
        return Ignored()

    def _telegram(self, body: bytes, rssi_appended: bool) -> Event:
        rssi = _dbm(body[-1]) if rssi_appended else None
        body = body[:-1] if rssi_appended else body
        if len(body) < MIN_L:
            # an acknowledgement ends before the CI field: with its RSSI byte it is as long as a telegram
            return Ignored()
        return Received(bytes((len(body),)) + body, rssi, self.mode_label)


class SimulatedAmb8465(Simulated):
    """The dongle's side, with command output and RSSI switched on."""

    def feed(self, data: bytes) -> bytes:
        self._buffer += data
        answer = b""
        while len(self._buffer) >= 4:
            total = 4 + self._buffer[2]
            if self._buffer[0] != _START:
                del self._buffer[:1]
            elif len(self._buffer) < total:
                break
            else:
                answer += self._answer(self._buffer[1])
                del self._buffer[:total]
        return answer

    def _answer(self, command: int) -> bytes:
        if command == _GET:
            memory = bytearray(0x78)
            memory[0x05] = memory[_RSSI_ENABLE] = 1
            return _checked(bytes((_START, _CONFIRM | _GET, len(memory) + 2, 0x00, len(memory))) + memory)
        if command == _SET_MODE:
            self.listening = True
            return _checked(bytes((_START, _CONFIRM | _SET_MODE, 0x01, 0x00)))
        return b""

    def frame(self, telegram: bytes, rssi: float) -> bytes:
        level = min(127, max(-128, round((rssi + 74) * 2))) & 0xFF
        body = without_crc(telegram)[1:] + bytes((level,))
        return _checked(bytes((_START, _DATA, len(body))) + body)


Amb8465.simulated = SimulatedAmb8465
DONGLE = Amb8465
