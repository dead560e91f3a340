"""What the person at the computer sees: a full screen on a terminal, plain lines anywhere else.

:func:`render` is pure (a view in, lines out), so the screen can be tested without a terminal.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TextIO

from . import link as line_states
from .progress import Entry, Progress, signal_class
from .texts import tr

_RESET = "\x1b[0m"
_STYLES = {
    "title": "\x1b[7m",
    "good": "\x1b[32m",
    "bad": "\x1b[31;1m",
    "head": "\x1b[1m",
    "dim": "\x1b[2m",
    "": "",
}
_BARS = {True: ("▂▄▆█", "▂▄▆ ", "▂▄  ", "▂   "), False: ("||||", "||| ", "||  ", "|   ")}
_MODULE = 12  # columns of an overlay: three letters, a blank, eight digits
_WIDE = 64  # columns from which the overlay is named beside its address
_FRESH = timedelta(seconds=10)  # for which one that speaks stands out
_DUE_ALARM = 3  # days before the due date from which it is shown as urgent

Styled = tuple[str, str]  # style, text


@dataclass(slots=True)
class View:
    """All that the screen shows."""

    progress: Progress
    device: str
    port: str
    state: str
    problem: str
    drops: int
    file: str
    lines: int
    size: int
    disk_problem: str
    waiting: int
    now: datetime
    scroll: int = 0
    unicode: bool = True


def state_text(state: str) -> str:
    """The state of the dongle in words."""
    return {
        line_states.WAITING: tr("no dongle"),
        line_states.STARTING: tr("starting"),
        line_states.LISTENING: tr("listening"),
        line_states.UNCONFIRMED: tr("no answer"),
    }[state]


def width_of(text: str) -> int:
    """Columns a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def fit(text: str, width: int) -> str:
    """Cut or pad a text to exactly so many columns; what is cut ends in an ellipsis."""
    if width <= 0:
        return ""
    text = unicodedata.normalize("NFC", text)
    if width_of(text) > width:
        while text and width_of(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - width_of(text))


def _sides(left: str, right: str, width: int) -> str:
    room = width - width_of(right)
    return f"{fit(left, room - 1)} {right}" if room >= 13 else fit(left, width)


def _rule(title: str, width: int, unicode: bool) -> Styled:
    dash = "─" if unicode else "-"
    return "head", fit(f"{dash}{dash} {title} " + dash * width, width + 1)[:width]


def _dbm(rssi: float | None) -> str:
    return "" if rssi is None else tr("{value} dBm", value=f"{rssi:.0f}".replace("-", "−"))


def signal_bar(rssi: float | None, unicode: bool = True) -> str:
    """Four columns of bars for a signal in dBm."""
    return "    " if rssi is None else _BARS[unicode][signal_class(rssi)]


def _bar(part: int, whole: int, width: int, unicode: bool) -> str:
    full = width * part // whole if whole else 0
    return ("█" * full + "░" * (width - full)) if unicode else "[" + "#" * full + "." * (width - full) + "]"


def render(view: View, width: int, height: int) -> list[str]:
    """The screen as ``height`` lines of ``width`` columns each, with colours. Useful from 40x10 on."""
    rows = _head(view, width)
    foot = _foot(view, width)
    room = max(2, height - len(rows) - len(foot))
    missing = view.progress.missing()
    upper = room if not view.progress.tour else max(2, room // 2)
    rows += _newest(view, width, upper)
    if view.progress.tour:
        rows += _missing(view, missing, width, room - upper)
    rows = (rows + [("", "")] * height)[: max(0, height - len(foot))] + foot
    return [f"{_STYLES[style]}{fit(text, width)}{_RESET if style else ''}" for style, text in rows[:height]]


def _head(view: View, width: int) -> list[Styled]:
    progress, tour = view.progress, view.progress.tour
    due = ""
    if tour and tour.due:
        left = (tour.due - view.now.date()).days
        due = tr("due {date}", date=f"{tour.due:%d.%m.%Y}")
        if left <= _DUE_ALARM:
            due += " " + (tr("(overdue)") if left < 0 else tr("(days left: {days})", days=left))
    name = tour.name if tour else tr("without a tour")
    last = f"{tr('last')} {progress.last.astimezone():%H:%M:%S}  " if progress.last else ""
    state_style = "good" if view.state == line_states.LISTENING else "bad"
    counts = tr("telegrams {count}", count=progress.telegrams)
    if tour:
        counts += "  " + tr("strangers {count}", count=progress.strangers)
    if progress.damaged:
        counts += "  " + tr("damaged {count}", count=progress.damaged)
    if tour:
        share = tr("heard {heard} of {total}", heard=progress.heard, total=progress.total)
        percent = 100 * progress.heard // progress.total
        room = width - width_of(share) - width_of(counts) - 12
        bar = _bar(progress.heard, progress.total, min(24, room), view.unicode) if room >= 6 else ""
        text = _sides(f" {share}  {bar} {percent} %", f"{counts} ", width)
    else:
        text = _sides(" " + tr("heard {heard}", heard=progress.heard), f"{counts} ", width)
    return [
        ("title", _sides(f" {tr('Radio reading')} · {name}", f"{due} ", width)),
        (
            state_style,
            _sides(
                f" {state_text(view.state)} · {view.device} · {view.port}",
                f"{last}{tr('now')} {view.now.astimezone():%H:%M:%S} ",
                width,
            ),
        ),
        ("good" if progress.complete else "", text),
    ]


def _newest(view: View, width: int, room: int) -> list[Styled]:
    rows = [_rule(tr("Newest first heard"), width, view.unicode)]
    for heard in list(view.progress.newest)[::-1][: room - 1]:
        module = f"{fit(heard.stop.module if heard.stop else '', _MODULE)} " if width >= _WIDE else ""
        right = f"{module}{_dbm(heard.best):>8} {signal_bar(heard.best, view.unicode)} "
        text = _sides(
            f"  {heard.since.astimezone():%H:%M:%S}  {heard.label}", f"{heard.count:>3}×  {right}", width
        )
        rows.append(("good" if view.now - heard.last < _FRESH else "", text))
    if len(rows) == 1:
        rows.append(("dim", "  " + tr("nothing heard yet")))
    return rows + [("", "")] * (room - len(rows))


def _missing(view: View, missing: list, width: int, room: int) -> list[Styled]:
    if not missing:
        done = ("good", "   " + tr("All heard. The tour is done."))
        if view.disk_problem:
            done = ("bad", "   " + tr("All heard, but not all is written yet: do not switch off."))
        return [_rule(tr("Missing: none"), width, view.unicode), done]
    scroll = min(view.scroll, max(0, len(missing) - (room - 1)))
    title = tr("Missing {count}, nearest first", count=len(missing))
    if scroll:
        title += f" · {scroll + 1}–{min(len(missing), scroll + room - 1)}"
    rows = [_rule(title, width, view.unicode)]
    for stop in missing[scroll : scroll + room - 1]:
        rows.append(
            ("", _sides(f" {stop.order:>5g}. {stop.address}", f"{fit(stop.module, _MODULE)} ", width))
        )
    return rows


def _foot(view: View, width: int) -> list[Styled]:
    strong, good, weak, poor = view.progress.signals()
    signal = tr(
        "Signal: strong {strong}  good {good}  weak {weak}  very weak {poor}",
        strong=strong,
        good=good,
        weak=weak,
        poor=poor,
    )
    drops = tr("dongle lost {count}×", count=view.drops) if view.drops else ""
    size = f"{view.size / 1024:.0f} kB" if view.size < 1024 * 1024 else f"{view.size / 1024 / 1024:.1f} MB"
    rows = [_rule(tr("State"), width, view.unicode), ("", _sides(f" {signal}", f"{drops} ", width))]
    if view.disk_problem:
        text = tr(
            "NOT WRITTEN ({count} waiting): {reason}; make room, it goes on by itself",
            count=view.waiting,
            reason=view.disk_problem,
        )
        rows.append(("bad", f" {text}"))
    elif view.problem:
        rows.append(("bad", f" {view.problem}"))
    else:
        text = tr("File {file}: {lines} lines, {size}", file=view.file, lines=view.lines, size=size)
        rows.append(("", f" {text}"))
    rows.append(("dim", " " + tr("q end   ↑ ↓ scroll the missing") if view.unicode else " q"))
    return rows


class Terminal:
    """The full screen: alternate buffer, no cursor, keys one by one; all put back on :meth:`close`."""

    #: seconds between two pictures
    interval = 0.25

    def __init__(self, out: TextIO):
        self.out = out
        self.scroll = 0
        self.unicode = _can_unicode(out)
        self._shown: list[str] = []
        self._size = (0, 0)
        self._restore = _raw_keys()
        if os.name == "nt":
            os.system("")  # switches the console's escape sequences on
        self.out.write("\x1b[?1049h\x1b[?25l\x1b[2J")

    def show(self, view: View) -> None:
        """Draw what changed."""
        width, height = shutil.get_terminal_size()
        view.scroll, view.unicode = self.scroll, self.unicode
        rows = render(view, width, height)
        if (width, height) != self._size:
            self._size, self._shown = (width, height), []
            self.out.write("\x1b[2J")
        for number, row in enumerate(rows):
            if number >= len(self._shown) or self._shown[number] != row:
                self.out.write(f"\x1b[{number + 1};1H{row}")
        self._shown = rows
        self.out.flush()

    def note(self, entry: Entry, progress: Progress) -> None:
        """Nothing to do at each telegram: the screen is drawn by the clock."""

    def quit_asked(self) -> bool:
        """Read the keys pressed; whether one of them was q."""
        for key in _keys():
            if key in "qQ\x03":
                return True
            if key in ("k", "A"):  # A, B: the last letter of the arrow keys' sequences
                self.scroll = max(0, self.scroll - 1)
            elif key in ("j", "B"):
                self.scroll += 1
        return False

    def close(self) -> None:
        """Give the terminal back as it was."""
        self.out.write("\x1b[?25h\x1b[?1049l")
        self.out.flush()
        self._restore()


class Plain:
    """Lines for a log or a pipe: each stop when it is first heard, each change of state, a sum every half minute."""

    interval = 0.0

    def __init__(self, out: TextIO):
        self.out = out
        self._state: tuple[str, str, str] | None = None
        self._next_sum = time.monotonic() + 30

    def show(self, view: View) -> None:
        """Print what changed since the last call."""
        state = (view.state, view.problem, view.disk_problem)
        if state != self._state:
            self._state = state
            detail = "; ".join(filter(None, (view.problem, view.disk_problem)))
            self._print(
                f"{view.device} {view.port}: {state_text(view.state)}" + (f" ({detail})" if detail else "")
            )
        if time.monotonic() >= self._next_sum:
            self._next_sum = time.monotonic() + 30
            self._print(sum_text(view.progress))

    def note(self, entry: Entry, progress: Progress) -> None:
        """Print a speaker when it is first heard."""
        if entry.first:
            stop = entry.heard.stop
            where = (
                f"{stop.address} ({stop.module})"
                if stop
                else f"{entry.heard.label} ({tr('not of this tour')})"
            )
            if not progress.tour:
                where = entry.heard.label
            self._print(" · ".join(filter(None, (sum_text(progress), where, _dbm(entry.rssi)))))

    def quit_asked(self) -> bool:
        """Nobody asks."""
        return False

    def close(self) -> None:
        """Nothing to put back."""

    def _print(self, text: str) -> None:
        print(f"{datetime.now():%H:%M:%S} {text}", file=self.out, flush=True)


def sum_text(progress: Progress) -> str:
    """``heard N of M``, or without a tour ``heard N``."""
    if progress.tour:
        return tr("heard {heard} of {total}", heard=progress.heard, total=progress.total)
    return tr("heard {heard}", heard=progress.heard)


def make(out: TextIO, *, plain: bool) -> Terminal | Plain:
    """The full screen where there is a terminal, else plain lines."""
    if plain or not out.isatty() or os.environ.get("TERM") == "dumb":
        return Plain(out)
    return Terminal(out)


def _can_unicode(out: TextIO) -> bool:
    try:
        "▂█─ł".encode(out.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _raw_keys() -> Callable[[], None]:
    """Let keys come one by one without echo; gives what puts it back."""
    try:
        import termios
        import tty

        fd = sys.stdin.fileno()
        before = termios.tcgetattr(fd)
        tty.setcbreak(fd)
    except (ImportError, OSError, ValueError, AttributeError, *_termios_errors()):
        return lambda: None
    return lambda: termios.tcsetattr(fd, termios.TCSADRAIN, before)


def _termios_errors() -> tuple[type[Exception], ...]:
    try:
        import termios
    except ImportError:
        return ()
    return (termios.error,)


def _keys() -> str:
    """The keys pressed since the last call, without waiting."""
    try:
        if os.name == "nt":
            import msvcrt

            keys = ""
            while msvcrt.kbhit():
                keys += msvcrt.getwch()
            return keys
        import select

        fd = sys.stdin.fileno()
        if os.isatty(fd) and select.select([fd], [], [], 0)[0]:
            return os.read(fd, 64).decode("ascii", "ignore")
    except (OSError, ValueError, AttributeError):
        pass
    return ""
