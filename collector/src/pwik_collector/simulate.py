"""A dongle that is not there: recorded telegrams, played on a pseudo-terminal in a real dongle's framing.

It behaves as the dongle does: it plays only while a program has the port open and has set it up, and it can be unplugged.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import select
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .devices import Dongle
from .errors import CollectorError, TelegramError
from .telegram import shape
from .texts import os_reason, tr

_RSSI = -70.0
_TICK = 0.05
_SLICE = 0.25  # seconds after which it is looked whether to stop
_LONGEST_GAP = 60.0  # seconds of recorded silence that are played as they were; longer ones are cut


@dataclass(frozen=True, slots=True)
class Recorded:
    """A telegram to play, its signal in dBm, and the seconds to wait before it."""

    telegram: bytes
    rssi: float = _RSSI
    gap: float = 0.0


def load(path: Path, *, interval: float | None = None, speed: float = 1.0) -> list[Recorded]:
    """Telegrams of a file: JSON lines with ``telegram`` (and ``ts``, ``rssi``), or hex lines; ``#`` begins a comment.

    Gaps are the recorded ones divided by ``speed``, or ``interval`` seconds each. Raises :class:`CollectorError`.
    """
    found: list[Recorded] = []
    before: datetime | None = None
    try:
        opener = gzip.open if path.name.endswith(".gz") else open
        with opener(path, "rt", encoding="utf-8") as stream:
            for number, text in enumerate(stream, 1):
                text = text.strip()
                if not text or text.startswith("#"):
                    continue
                telegram, rssi, moment = _parse(text, path, number)
                gap = interval
                if gap is None:
                    gap = (moment - before).total_seconds() if moment and before else 0.1 if found else 0.0
                    gap = min(max(gap, 0.0), _LONGEST_GAP) / speed
                before = moment or before
                found.append(Recorded(telegram, rssi, gap))
    except UnicodeDecodeError as error:
        raise CollectorError(tr("{path} holds no telegrams.", path=path)) from error
    except (OSError, EOFError) as error:
        reason = os_reason(error) if isinstance(error, OSError) else error
        raise CollectorError(tr("Cannot read {path}: {reason}", path=path, reason=reason)) from error
    if not found:
        raise CollectorError(tr("{path} holds no telegrams.", path=path))
    return found


def _parse(text: str, path: Path, number: int) -> tuple[bytes, float, datetime | None]:
    try:
        row = json.loads(text) if text.startswith("{") else {"telegram": text}
        telegram = bytes.fromhex(row["telegram"])
        shape(telegram)
        moment = datetime.fromisoformat(row["ts"].replace("Z", "+00:00")) if row.get("ts") else None
        return telegram, float(row["rssi"]) if row.get("rssi") is not None else _RSSI, moment
    except (ValueError, KeyError, TypeError, AttributeError, TelegramError) as error:
        raise CollectorError(tr("{path}, line {line}: no telegram.", path=path, line=number)) from error


class SimulatedPort:
    """A pseudo-terminal with a simulated dongle behind it, reachable by a link of a fixed name.

    ``plug`` and ``unplug`` do what they say; ``serve`` answers the computer for a while; ``send`` plays a telegram.
    """

    def __init__(self, dongle: type[Dongle], link: Path, *, noise: float = 0.0, seed: int = 1):
        if os.name != "posix":
            raise CollectorError(tr("The simulator needs Linux or macOS."))
        self._dongle = dongle
        self.link = link
        self._noise = noise
        self._random = random.Random(seed)
        self._master = -1
        self.device = dongle.simulated()

    def plug(self) -> str:
        """Make the pseudo-terminal; gives its own name. The link points to it."""
        import pty
        import tty

        self._master, slave = pty.openpty()
        tty.setraw(slave)
        name = os.ttyname(slave)
        os.close(slave)  # from now on the kernel tells whether a program has the port open
        os.set_blocking(self._master, False)
        self.device = self._dongle.simulated()
        if self.link.is_symlink():
            self.link.unlink()
        elif self.link.exists():
            self.unplug()
            raise CollectorError(tr("{path} exists and is no link of a simulator.", path=self.link))
        self.link.symlink_to(name)
        return name

    def unplug(self) -> None:
        """Take the dongle away: the port breaks and its name is gone."""
        if self._master >= 0:
            if self.link.is_symlink():
                self.link.unlink()
            os.close(self._master)
            self._master = -1

    def serve(self, seconds: float) -> bool:
        """Answer the computer for so long; whether the dongle is set up and would play telegrams."""
        end = time.monotonic() + seconds
        while True:
            left = max(0.0, end - time.monotonic())
            poll = select.poll()
            poll.register(self._master, select.POLLIN | select.POLLHUP)
            ready = poll.poll(left * 1000)
            flags = ready[0][1] if ready else 0
            if flags & select.POLLIN:
                self._answer()
            elif (
                flags & select.POLLHUP
            ):  # no program has the port open: forget the set-up, as after a new start
                if self.device.listening:
                    self.device = self._dongle.simulated()
                time.sleep(min(_TICK, left))
            if left <= 0:
                return self.device.listening

    def _answer(self) -> None:
        try:
            self._write(self.device.feed(os.read(self._master, 4096)))
        except OSError:  # closed by the computer meanwhile
            pass

    def send(self, recorded: Recorded) -> None:
        """Play a telegram, with noise before it now and then if asked for."""
        if self._noise and self._random.random() < self._noise:
            self._write(self._random.randbytes(self._random.randint(1, 12)))
        self._write(self.device.frame(recorded.telegram, recorded.rssi))

    def _write(self, data: bytes) -> None:
        """Write all of it, waiting while the computer is slow; give up when it has gone."""
        while data:
            try:
                data = data[os.write(self._master, data) :]
            except BlockingIOError:
                poll = select.poll()
                poll.register(self._master, select.POLLOUT)
                ready = poll.poll(1000)
                if not ready or ready[0][1] & select.POLLHUP:
                    return
            except OSError:
                return


def play(
    port: SimulatedPort,
    telegrams: Iterable[Recorded],
    *,
    loop: bool = False,
    unplug_after: int = 0,
    unplugged: float = 2.0,
    stop: threading.Event | None = None,
    report: Callable[[str], None] = lambda text: None,
) -> int:
    """Play telegrams on a plugged port, each when its gap has passed and a computer listens. Gives how many were played.

    ``unplug_after`` N: after N telegrams the dongle is away for ``unplugged`` seconds, once.
    """
    stop = stop or threading.Event()
    played = 0
    for recorded in _repeated(list(telegrams), loop):
        due = time.monotonic() + recorded.gap
        ready = False
        while not stop.is_set() and not (ready and time.monotonic() >= due):
            ready = port.serve(min(_SLICE, max(0.0, due - time.monotonic()) or (0 if ready else _TICK)))
        if stop.is_set():
            break
        port.send(recorded)
        played += 1
        if played == unplug_after:
            report(tr("Dongle unplugged."))
            _linger(port, _TICK * 4)
            port.unplug()
            stop.wait(unplugged)
            port.plug()
            report(tr("Dongle plugged in again."))
    return played


def _linger(port: SimulatedPort, seconds: float) -> None:
    """Leave the computer time to read what was written: closing the terminal throws it away."""
    port.serve(seconds)


def _repeated(telegrams: list[Recorded], loop: bool) -> Iterator[Recorded]:
    yield from telegrams
    while loop:
        yield from telegrams


def simulate(
    dongle: type[Dongle],
    link: Path,
    telegrams: list[Recorded],
    *,
    loop: bool = False,
    noise: float = 0.0,
    unplug_after: int = 0,
    unplugged: float = 2.0,
    linger: float | None = None,
    stop: threading.Event | None = None,
    report: Callable[[str], None] = lambda text: None,
) -> int:
    """Plug a simulated dongle in, play, and stay plugged in for ``linger`` seconds (None: until stopped)."""
    stop = stop or threading.Event()
    port = SimulatedPort(dongle, link, noise=noise)
    port.plug()
    report(
        tr("Simulated {title} at {link}; waiting for a program that listens.", title=dongle.title, link=link)
    )
    try:
        played = play(
            port,
            telegrams,
            loop=loop,
            unplug_after=unplug_after,
            unplugged=unplugged,
            stop=stop,
            report=report,
        )
        report(tr("{count} telegrams played.", count=played))
        end = None if linger is None else time.monotonic() + linger
        while not stop.is_set() and (end is None or time.monotonic() < end):
            port.serve(_TICK)
    finally:
        port.unplug()
    return played
