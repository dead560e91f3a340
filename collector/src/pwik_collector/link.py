"""The line to a dongle on one port: opens it, sets the dongle up, and does so again after it was unplugged."""

from __future__ import annotations

import time

import serial

from .devices import Dongle, Ready, Received, Refused, Send
from .texts import tr

_BACKOFF = (0.3, 5.0)  # seconds between tries to open the port: first, longest
_READ = 0.1  # seconds a poll may wait for bytes
_QUIET = 0.3  # seconds after which half a message is given up
_CONFIRM = 2.0  # seconds a dongle has to confirm its set-up
_TRIES = 3
_WATCHDOG = 120.0  # seconds of silence after which the dongle is set up again

WAITING, STARTING, LISTENING, UNCONFIRMED = "waiting", "starting", "listening", "unconfirmed"


class Link:
    """One dongle on one port. :meth:`poll` is to be called all the time; it never raises for a missing dongle."""

    def __init__(self, port: str, dongle: type[Dongle], mode: str | None = None):
        self.port = port
        self.state = WAITING
        self.problem = ""
        self.drops = 0
        self._make = dongle
        self._mode = mode
        self.dongle = dongle(mode)
        self._serial: serial.SerialBase | None = None
        self._open_at = 0.0
        self._backoff = _BACKOFF[0]
        self._last_bytes = self._started = 0.0
        self._tries = 0

    def poll(self) -> list[Received]:
        """Wait a moment for bytes and give the telegrams that are complete."""
        if self._serial is None and not self._open():
            return []
        assert self._serial is not None
        try:
            data = self._serial.read(max(1, self._serial.in_waiting))
            now = time.monotonic()
            if data:
                self._last_bytes = now
                return self._handle(self.dongle.feed(data))
            events = self.dongle.idle() if self.dongle.pending and now - self._last_bytes > _QUIET else []
            self._keep_alive(now)
            return self._handle(events)
        except (serial.SerialException, OSError) as error:
            self._lost(error)
            return []

    def _open(self) -> bool:
        now = time.monotonic()
        if now < self._open_at:
            time.sleep(min(_READ, self._open_at - now))
            return False
        try:
            self._serial = serial.serial_for_url(
                self.port, baudrate=self._make.baudrate, timeout=_READ, write_timeout=2.0, exclusive=True
            )
            self.dongle = self._make(self._mode)
            self._tries = 0
            self._last_bytes = now
            self._start(now)
        except (serial.SerialException, OSError, ValueError) as error:
            self._lost(error)
            return False
        return True

    def _start(self, now: float) -> None:
        """Write the set-up commands."""
        assert self._serial is not None
        self._tries += 1
        self._started = now
        if self.state not in (LISTENING, UNCONFIRMED):
            self.state = STARTING
        for command in self.dongle.startup():
            self._serial.write(command)

    def _keep_alive(self, now: float) -> None:
        if self.state == STARTING and now - self._started > _CONFIRM:
            if self._tries < _TRIES:
                self._start(now)
            else:
                self.state = UNCONFIRMED
                self.problem = tr("The dongle does not answer; is it really {title}?", title=self._make.title)
        elif now - max(self._last_bytes, self._started) > _WATCHDOG:
            self._start(now)

    def _handle(self, events: list) -> list[Received]:
        received = []
        for event in events:
            if isinstance(event, Received):
                received.append(event)
            if isinstance(event, (Received, Ready)):
                self.state, self.problem = LISTENING, ""
                self._backoff = _BACKOFF[0]
            elif isinstance(event, Refused):
                self.state = UNCONFIRMED
                self.problem = tr(
                    "The dongle refuses radio mode {mode}; try another --mode.", mode=self.dongle.mode
                )
            elif isinstance(event, Send) and self._serial is not None:
                self._serial.write(event.data)
        return received

    def _lost(self, error: Exception) -> None:
        """The port is not there or broke away: try again later, ever more slowly."""
        if self._serial is not None and self.state != WAITING:
            self.drops += 1
        self.close()
        self.state = WAITING
        self.problem = _reason(error, self.port)
        self._open_at = time.monotonic() + self._backoff
        self._backoff = min(self._backoff * 1.6, _BACKOFF[1])

    def close(self) -> None:
        """Let go of the port."""
        port, self._serial = self._serial, None
        if port is not None:
            try:
                port.close()
            except (serial.SerialException, OSError):
                pass


def _reason(error: Exception, port: str) -> str:
    number = getattr(error, "errno", None)
    text = str(error)
    if number == 13 or "Permission denied" in text:
        return tr("No permission for {port}: join the group dialout and sign in anew.", port=port)
    if number == 2 or "No such file" in text or "FileNotFoundError" in text:
        return tr("No dongle at {port}: plug it in.", port=port)
    if number == 16 or "exclusively lock" in text or "busy" in text:
        return tr("Another program uses {port}.", port=port)
    return tr("The connection to {port} broke; waiting for the dongle.", port=port)
