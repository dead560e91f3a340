"""One at a time: locks that end with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import time
from collections.abc import Iterator

from .say import say


@contextlib.contextmanager
def exclusive(path: pathlib.Path, waiting_for: str) -> Iterator[None]:
    """Hold the lock, waiting for whoever holds it now (and saying so)."""
    with path.open("a+") as handle:
        told = False
        while not try_lock(handle.fileno()):
            if not told:
                told = True
                say(f"... waiting: another ./pwik is {waiting_for} (process {_holder(handle) or 'unknown'})")
            time.sleep(0.3)
        _sign(handle)
        yield


@contextlib.contextmanager
def exclusive_or_holder(path: pathlib.Path) -> Iterator[str | None]:
    """Hold the lock and yield None, or yield who holds it."""
    with path.open("a+") as handle:
        if try_lock(handle.fileno()):
            _sign(handle)
            yield None
        else:
            yield _holder(handle) or "unknown"


def try_lock(descriptor: int, shared: bool = False) -> bool:
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(handle) -> None:
    handle.seek(0)
    handle.truncate()
    handle.write(f"{os.getpid()}\n")
    handle.flush()


def _holder(handle) -> str:
    handle.seek(0)
    return handle.read().strip()
