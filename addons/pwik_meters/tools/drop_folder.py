"""The drop folder: takes finished regular files and nothing else, whatever somebody puts there.

All access goes through descriptors of the folder and of its two subfolders, so that neither a link nor a rename of a parent
leads outside. Nothing is opened that is not a regular file; a FIFO would hang whoever reads it.
"""

import contextlib
import os
import stat
import time
from dataclasses import dataclass, field

ARCHIVE, REJECT = "archive", "reject"
UNFINISHED = (".part", ".tmp", ".partial", ".filepart", ".crdownload", "~")


class DropError(Exception):
    """Base of the drop folder's errors."""


class NotFinished(DropError):
    """The file is still being written or is gone: look again at the next run."""


class Refused(DropError):
    """The entry will never be read. ``code``: ``link``, ``special``, ``directory`` or ``too_large``."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def _identity(info):
    """What tells a file from another one that was put in its place, or its content from what was written over it."""
    return info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns


def _short(name):
    """255 bytes is what a file name may have; a stamp, a number and ".txt" need room."""
    return os.fsdecode(os.fsencode(name)[-200:])


@dataclass(slots=True)
class DropFolder:
    """A drop folder that is open; use as a context manager.

    :param path: the configured folder
    :param min_age: seconds for which a file must not have changed
    :param max_size: bytes
    """

    path: str
    min_age: float
    max_size: int
    _root: int = -1
    _fetched: dict[str, tuple] = field(default_factory=dict)

    def __enter__(self):
        self._root = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return self

    def __exit__(self, *_exc):
        os.close(self._root)

    def names(self):
        """Names that may be taken, oldest change first; hidden and unfinished ones are left out."""
        entries = []
        for name in os.listdir(self._root):
            if name in (ARCHIVE, REJECT) or name.startswith(".") or name.lower().endswith(UNFINISHED):
                continue
            try:
                entries.append((os.stat(name, dir_fd=self._root, follow_symlinks=False).st_ctime_ns, name))
            except FileNotFoundError:
                continue
        return [name for _changed, name in sorted(entries)]

    def fetch(self, name):
        """The whole content of a finished regular file.

        :raises NotFinished: too young, changed or gone while it was read
        :raises Refused: no regular file of one name, or too large
        """
        try:
            self._check(os.stat(name, dir_fd=self._root, follow_symlinks=False))
            # O_NONBLOCK: a FIFO that took the file's place since would block; O_NOFOLLOW: so would a link lead away
            file = os.open(
                name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self._root
            )
        except FileNotFoundError:
            raise NotFinished("gone") from None
        with open(file, "rb") as stream:
            before = os.fstat(stream.fileno())
            self._check(before)
            data = stream.read(self.max_size + 1)
            after = os.fstat(stream.fileno())
        if len(data) > self.max_size:
            raise Refused("too_large")
        if len(data) != before.st_size or (before.st_mtime_ns, before.st_size) != (
            after.st_mtime_ns,
            after.st_size,
        ):
            raise NotFinished("it changed while it was read")
        self._fetched[name] = _identity(before)
        return data

    def _check(self, info):
        if stat.S_ISLNK(info.st_mode) or info.st_nlink > 1 and stat.S_ISREG(info.st_mode):
            raise Refused("link")
        if stat.S_ISDIR(info.st_mode):
            raise Refused("directory")
        if not stat.S_ISREG(info.st_mode):
            raise Refused("special")
        # The time of the last change of the entry itself: unlike mtime, no copying program sets it back
        if time.time() - info.st_ctime < self.min_age:
            raise NotFinished("too young")
        if info.st_size > self.max_size:
            raise Refused("too_large")

    def archive(self, name, note=None):
        """Move a taken file to the archive folder, with a note beside it when there is one to make."""
        return self._move(name, ARCHIVE, note)

    def reject(self, name, note):
        """Move a file that cannot be taken to the reject folder, the reason beside it."""
        return self._move(name, REJECT, note)

    def report(self, name, note):
        """Only write the reason into the reject folder, once; the entry stays where it is."""
        folder = self._subfolder(REJECT)
        try:
            self._write(folder, f"{_short(name)}.txt", note)
        except FileExistsError:
            return False
        finally:
            os.close(folder)
        return True

    def _subfolder(self, name):
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o750, dir_fd=self._root)
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._root)

    def _move(self, name, subfolder, note):
        """:return: the name in the subfolder, or None when somebody else moved the file first, or put another one in its place
        since it was read: that one comes with the next run."""
        folder = self._subfolder(subfolder)
        try:
            if self._is_another(name):
                return None
            target = self._free_name(folder, name)
            try:
                os.rename(name, target, src_dir_fd=self._root, dst_dir_fd=folder)
            except FileNotFoundError:
                return None
            if note:
                self._write(folder, f"{target}.txt", note)
            return target
        finally:
            os.close(folder)

    def _is_another(self, name):
        known = self._fetched.get(name)
        if known is None:
            return False
        try:
            return known != _identity(os.stat(name, dir_fd=self._root, follow_symlinks=False))
        except FileNotFoundError:
            return True

    @staticmethod
    def _free_name(folder, name):
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        short = _short(name)
        taken = set(os.listdir(folder))
        candidate, number = f"{stamp}_{short}", 1
        while {candidate, f"{candidate}.txt"} & taken:
            number += 1
            candidate = f"{stamp}-{number}_{short}"
        return candidate

    @staticmethod
    def _write(folder, name, text):
        file = os.open(
            name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640, dir_fd=folder
        )
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(text.rstrip("\n") + "\n")
