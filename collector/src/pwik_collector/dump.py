"""The dump file: one JSON line a telegram, on disk before the next one is taken.

A line is ``{"ts": UTC ISO time, "rssi": dBm or null, "mode", "device", "gps"?: [lat, lon], "telegram": hex}``. Lines are
only ever appended, each by one write and (by default) one fsync, so that a power cut can cost at most the line that was
being written. When the file is opened again, such a torn end is cut off.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO

from .errors import DumpError, TelegramError
from .telegram import MIN_L, Address, address
from .texts import os_reason, tr

_LONGEST_LINE = 4096
_QUEUE = 100_000  # lines kept in memory while the disk refuses them
_RETRY = 1.0  # seconds between tries to write after the disk refused


@dataclass(frozen=True, slots=True)
class Line:
    """One telegram with when, how strong and through what it was heard; ``gps`` is (latitude, longitude) in degrees."""

    ts: datetime
    telegram: bytes
    rssi: float | None
    mode: str
    device: str
    gps: tuple[float, float] | None = None

    @property
    def address(self) -> Address:
        """Who sent it."""
        return address(self.telegram)

    def encode(self) -> bytes:
        """The line as it stands in the file, with its newline."""
        row: dict[str, object] = {
            "ts": self.ts.astimezone(timezone.utc).isoformat(timespec="milliseconds"),
            "rssi": self.rssi,
            "mode": self.mode,
            "device": self.device,
        }
        if self.gps:
            row["gps"] = list(self.gps)
        row["telegram"] = self.telegram.hex().upper()
        return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def decode(raw: bytes) -> Line:
    """Read one line of a dump. Raises :class:`DumpError` for what no collector wrote."""
    try:
        row = json.loads(raw)
        ts = datetime.fromisoformat(row["ts"].replace("Z", "+00:00"))
        telegram = bytes.fromhex(row["telegram"])
        rssi, gps = row.get("rssi"), row.get("gps")
        if ts.tzinfo is None or len(telegram) <= MIN_L or not isinstance(rssi, (int, float, type(None))):
            raise ValueError(raw)
        address(telegram)
        place = (float(gps[0]), float(gps[1])) if gps else None
        return Line(ts, telegram, rssi, str(row.get("mode") or ""), str(row.get("device") or ""), place)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        TelegramError,
    ) as error:
        raise DumpError(tr("not a line of a dump")) from error


@dataclass(frozen=True, slots=True)
class Row:
    """A line as found in a file: its number, where it ends, and the telegram, or None where it is no good."""

    number: int
    end: int
    line: Line | None


def read(stream: BinaryIO) -> Iterator[Row]:
    """All lines of a dump, good and bad, blank ones left out. Never takes more than some kilobytes at a time."""
    number = 0
    end = 0
    while raw := stream.readline(_LONGEST_LINE):
        number += 1
        end += len(raw)
        whole = raw.endswith(b"\n")
        while raw and not raw.endswith(b"\n"):  # an overlong line: skip over its rest
            raw = stream.readline(_LONGEST_LINE)
            end += len(raw)
            whole = False
        if whole and not raw.strip():
            continue
        try:
            yield Row(number, end, decode(raw) if whole else None)
        except DumpError:
            yield Row(number, end, None)


@dataclass(frozen=True, slots=True)
class Repair:
    """What opening an existing file found: its good lines, the bytes cut off at its end, bad lines left in it."""

    lines: int = 0
    cut: int = 0
    bad: int = 0


class DumpWriter:
    """Appends lines to a dump file, one process at a time.

    ``sync`` is the longest time in seconds that a line may be without fsync; 0 syncs each one. When the disk refuses (full),
    lines wait in memory, ``problem`` says why, and :meth:`flush` tries again.
    """

    def __init__(self, path: Path, *, sync: float = 0.0):
        self.path = path
        self.sync = sync
        self.lines = 0
        self.problem = ""
        self._waiting: deque[bytes] = deque(maxlen=_QUEUE)
        self._dirty_since: float | None = None
        self._try_at = 0.0
        new = not path.exists()
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o640)
        except OSError as error:
            raise DumpError(
                tr("Cannot write {path}: {reason}", path=path, reason=os_reason(error))
            ) from error
        try:
            lock(self._fd, path)
            if new:
                sync_folder(path.parent)
            self.repair, self.known = self._repair()
        except BaseException:
            os.close(self._fd)
            raise
        self.lines = self.repair.lines

    def _repair(self) -> tuple[Repair, list[Line]]:
        """Cut off a torn end, give the lines that are there. A file that is no dump at all is refused, not cut."""
        known: list[Line] = []
        good_end = bad = bad_here = 0
        with open(os.dup(self._fd), "rb") as stream:
            for row in read(stream):
                if row.line is None:
                    bad_here += 1
                    continue
                known.append(row.line)
                good_end, bad, bad_here = row.end, bad + bad_here, 0
        size = os.fstat(self._fd).st_size
        cut = size - good_end
        if cut and not known and not self._is_torn_start(cut):
            raise DumpError(tr("{path} is no dump file; nothing was changed in it.", path=self.path))
        if cut:
            os.ftruncate(self._fd, good_end)
            os.fsync(self._fd)
        self._end = good_end
        return Repair(len(known), cut, bad), known

    def _is_torn_start(self, size: int) -> bool:
        """Whether a file without any good line may be our own first line, cut short, or the zeros a power cut leaves."""
        head = os.pread(self._fd, min(size, _LONGEST_LINE), 0) if hasattr(os, "pread") else b""
        begin = b'{"ts":"'
        text = head.rstrip(b"\0")
        return size <= _LONGEST_LINE and text.count(b"\n") <= 1 and text[: len(begin)] == begin[: len(text)]

    def write(self, line: Line) -> None:
        """Append a line; it is on disk on return unless ``sync`` allows it to wait or ``problem`` is set."""
        self._waiting.append(line.encode())
        self.flush()

    def flush(self, *, force: bool = False) -> None:
        """Write what waits and sync what is due. Never raises for a refusing disk: see ``problem``."""
        now = time.monotonic()
        if self.problem and now < self._try_at and not force:
            return
        try:
            while self._waiting:
                self._append(self._waiting[0])
                self._waiting.popleft()
                self.lines += 1
                if self._dirty_since is None:
                    self._dirty_since = now
                if not self.sync:
                    self._fsync()
            if self._dirty_since is not None and (force or now - self._dirty_since >= self.sync):
                self._fsync()
            self.problem = ""
        except OSError as error:
            self.problem = os_reason(error)
            self._try_at = now + _RETRY

    def _append(self, data: bytes) -> None:
        """Write a whole line at the end, or leave the file as it was."""
        os.lseek(self._fd, self._end, os.SEEK_SET)
        written = 0
        try:
            while written < len(data):
                written += os.write(self._fd, data[written:])
        except OSError:
            if written:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._fd, self._end)
            raise
        self._end += len(data)

    def _fsync(self) -> None:
        os.fsync(self._fd)
        self._dirty_since = None

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return self._end

    @property
    def waiting(self) -> int:
        """Lines that the disk did not take yet."""
        return len(self._waiting)

    def close(self) -> None:
        """Sync and let go of the file. Raises :class:`DumpError` when lines are left that the disk did not take."""
        self.flush(force=True)
        os.close(self._fd)
        if self._waiting:
            raise DumpError(
                tr(
                    "{count} telegrams could not be written to {path}: {reason}",
                    count=len(self._waiting),
                    path=self.path,
                    reason=self.problem,
                )
            )


def lock(fd: int, path: Path) -> None:
    """Take the file for this process alone, until it is closed. Raises :class:`DumpError` when another has it."""
    try:
        import fcntl
    except ImportError:  # Windows: no such lock; two listeners there fail on the serial port already
        return
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise DumpError(
            tr("{path} is in use by another collector. End that one first.", path=path)
        ) from error


def sync_folder(folder: Path) -> None:
    """Bring a folder's own entries to disk, so that a new or renamed file is still there after a power cut."""
    with contextlib.suppress(OSError):
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
