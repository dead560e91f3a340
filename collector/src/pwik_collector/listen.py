"""Listening: from the dongle to the disk, and on the way to the eye."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TextIO

from . import screen, tour
from .devices import Dongle, Received, dongles
from .dump import DumpWriter, Line
from .errors import TelegramError
from .gps import Gps
from .link import Link
from .progress import Progress
from .telegram import address, is_intact
from .texts import tr


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line; times in seconds, 0 or None for no limit."""

    port: str
    dongle: type[Dongle]
    mode: str | None
    tour: Path | None
    out: Path
    sync: float = 0.0
    plain: bool = False
    gps: str | None = None
    until_complete: bool = False
    duration: float | None = None
    silence: float | None = None


class Listener:
    """One run of ``listen``."""

    def __init__(self, options: Options, out: TextIO):
        self.options = options
        self.out = out
        self.stopped = False
        self.progress = Progress(tour.load(options.tour) if options.tour else None)
        self.writer = DumpWriter(options.out, sync=options.sync)
        for line in self.writer.known:
            self.progress.take(line, intact=is_sound(line))
        self.link = Link(options.port, options.dongle, options.mode)
        self.gps = Gps(options.gps) if options.gps else None
        self._last_telegram = self._begun = time.monotonic()

    def run(self) -> int:
        """Listen until asked to stop. Gives the exit status; the dump is closed in any case."""
        self._say_repair()
        view = screen.make(self.out, plain=self.options.plain)
        try:
            with _signals(self.stop):
                next_picture = 0.0
                while not self._is_over(view):
                    self.step(view)
                    if time.monotonic() >= next_picture:
                        view.show(self._view())
                        next_picture = time.monotonic() + view.interval
                view.show(self._view())
        finally:
            view.close()
            self.link.close()
            if self.gps:
                self.gps.close()
            self.writer.close()
        self._say_sum()
        return 0

    def stop(self) -> None:
        """End after the telegram at hand."""
        self.stopped = True

    def step(self, view: screen.Terminal | screen.Plain) -> None:
        """Take what the dongle has now."""
        for received in self.link.poll():
            self._take(received, view)
        if self.gps:
            self.gps.poll()
        self.writer.flush()

    def _take(self, received: Received, view: screen.Terminal | screen.Plain) -> None:
        try:
            address(received.telegram)
        except TelegramError:
            self.progress.take_damaged()  # says of nobody that he is there; a dump of such lines would not be read again
            return
        line = Line(
            ts=datetime.now(timezone.utc),
            telegram=received.telegram,
            rssi=received.rssi,
            mode=received.mode,
            device=self.options.dongle.code,
            gps=self.gps.position if self.gps else None,
        )
        self.writer.write(line)
        self._last_telegram = time.monotonic()
        entry = self.progress.take(line, intact=received.intact)
        if entry:
            view.note(entry, self.progress)

    def _is_over(self, view: screen.Terminal | screen.Plain) -> bool:
        options, now = self.options, time.monotonic()
        return (
            self.stopped
            or view.quit_asked()
            or (options.until_complete and self.progress.complete)
            or bool(options.duration and now - self._begun >= options.duration)
            or bool(options.silence and now - self._last_telegram >= options.silence)
        )

    def _view(self) -> screen.View:
        return screen.View(
            progress=self.progress,
            device=self.options.dongle.title,
            port=self.options.port,
            state=self.link.state,
            problem=self.link.problem,
            drops=self.link.drops,
            file=self.writer.path.name,
            lines=self.writer.lines,
            size=self.writer.size,
            disk_problem=self.writer.problem,
            waiting=self.writer.waiting,
            now=datetime.now().astimezone(),
        )

    def _say_repair(self) -> None:
        repair = self.writer.repair
        if repair.cut:
            print(
                tr(
                    "The end of {file} was torn; {count} bytes were cut off.",
                    file=self.writer.path,
                    count=repair.cut,
                ),
                file=self.out,
            )
        if repair.bad:
            print(
                tr(
                    "{count} unreadable lines inside {file} were left alone; export leaves them out.",
                    file=self.writer.path,
                    count=repair.bad,
                ),
                file=self.out,
            )
        if repair.lines:
            print(
                tr(
                    "Going on with {file}: {count} telegrams so far.",
                    file=self.writer.path,
                    count=repair.lines,
                ),
                file=self.out,
            )

    def _say_sum(self) -> None:
        print(
            f"{screen.sum_text(self.progress)}. "
            + tr("{count} telegrams in {file}.", count=self.writer.lines, file=self.writer.path),
            file=self.out,
        )
        missing = self.progress.missing()
        for stop in missing[:20]:
            print(f"  {tr('missing')}: {stop.order:g}. {stop.address} ({stop.module})", file=self.out)
        if len(missing) > 20:
            print("  " + tr("and {count} more", count=len(missing) - 20), file=self.out)
        self.out.flush()


def is_sound(line: Line) -> bool:
    """Whether the telegram of a line proves its sender: false for one with a wrong CRC from a dongle that checks none."""
    dongle = dongles().get(line.device)
    if dongle is None or not dongle.keeps_crc:
        return True
    return is_intact(line.telegram) or is_intact(line.telegram, format_b=True)


@contextmanager
def _signals(stop):
    """Let Ctrl-C, a closed terminal and a stopping system end the run in order."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    before = {}
    for name in names:
        number = getattr(signal, name, None)
        if number is not None:
            before[number] = signal.signal(number, lambda *_args: stop())
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def listen(options: Options, out: TextIO = sys.stdout) -> int:
    """Listen as asked. Raises :class:`~pwik_collector.errors.CollectorError` when the files cannot be used."""
    return Listener(options, out).run()
