"""What the person at the terminal reads: progress, problems, and what to do about them.

Everything goes to standard error, so that standard output stays free for results.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator

HEARTBEAT = 20.0  # seconds between signs of life where there is no terminal to redraw


class Problem(Exception):
    """Something that the person must know: what happened, and what to do."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class Stopped(Exception):
    """The person, or the system, asked us to stop."""


def say(text: str = "") -> None:
    print(text, file=sys.stderr, flush=True)


def tell_problem(problem: Problem) -> None:
    say(f"\npwik: {problem.what}")
    if problem.hint:
        say(f"      {problem.hint}")


class Step:
    """A long step on the screen; `note` shows how far it is."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.started = time.monotonic()
        self.measure: Callable[[], str] = lambda: self._note
        self._note = ""
        self._done = threading.Event()
        self._terminal = sys.stderr.isatty()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def note(self, text: str) -> None:
        self._note = text

    def begin(self) -> None:
        if not self._terminal:
            say(f"... {self.title}")
        self._thread.start()

    def end(self, mark: str) -> None:
        self._done.set()
        self._thread.join()
        seconds = time.monotonic() - self.started
        if self._terminal:
            sys.stderr.write("\r\033[K")
        if self._terminal or seconds >= 1 or mark != "ok ":
            say(f"{mark} {self.title} ({seconds:.0f} s)")

    def _line(self) -> str:
        text = self.measure()
        note = f": {text}" if text else ""
        return f"... {self.title}{note} ({time.monotonic() - self.started:.0f} s)"

    def _tick(self) -> None:
        while not self._done.wait(0.5 if self._terminal else HEARTBEAT):
            if self._terminal:
                sys.stderr.write(f"\r\033[K{self._line()[:118]}")
                sys.stderr.flush()
            else:
                say(self._line())


@contextlib.contextmanager
def step(title: str) -> Iterator[Step]:
    """Show a long step: a line that lives on a terminal, a line now and then elsewhere."""
    progress = Step(title)
    progress.begin()
    try:
        yield progress
    except BaseException:
        progress.end("!! ")
        raise
    progress.end("ok ")
