"""Starting programs: output into a log, failures in plain words, children never left behind."""

from __future__ import annotations

import collections
import contextlib
import errno
import functools
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence

from .say import Problem

Command = Sequence[str | os.PathLike]
TAIL = 15  # lines of a failed program that are shown
PATIENCE = 30.0  # seconds a child gets to end before it is killed


def plain_words(output: str) -> str:
    """The advice for a failure whose cause can be read in the output; '' if none is known."""
    text = output.lower()
    if "no space left on device" in text or "disk quota exceeded" in text:
        return "The disk is full: free some space (about 4 GB are needed) and run the same command again."
    if any(
        sign in text for sign in ("temporary failure resolving", "name resolution", "network is unreachable")
    ):
        return "The network is not reachable: connect it and run the same command again."
    if "could not connect to" in text or "newconnectionerror" in text or "failed to establish a new" in text:
        return "A server did not answer: check the network or the proxy, and run the same command again."
    if "certificate verify failed" in text:
        return "A server's certificate is not known here: install ca-certificates, or name the right bundle by PIP_CERT."
    return ""


@functools.cache
def dies_with_us() -> tuple[str, ...]:
    """A prefix that has the system end a child when we are killed without a chance to do it ourselves."""
    if "--pdeathsig" in (capture(["setpriv", "--help"]) or ""):
        return ("setpriv", "--pdeathsig", "TERM", "--")
    return ()


def end_child(child: subprocess.Popen, first: int = signal.SIGTERM, patience: float = PATIENCE) -> None:
    """End a child and its group in order, then, after `patience` seconds, by force."""
    for sign, seconds in ((first, patience), (signal.SIGKILL, 5.0)):
        if child.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)


def run_logged(
    command: Command,
    log: pathlib.Path,
    what: str,
    *,
    env: Mapping[str, str] | None = None,
    cwd: os.PathLike | None = None,
    stdin: str | None = None,
    on_line: Callable[[str], None] | None = None,
    hint: str = "",
    noise: str = "",
) -> str:
    """Run a program to its end, its output into `log`.

    Returns the last lines of the output. Raises Problem ("`what` failed", with those lines) on a non-zero status. The child
    gets a session of its own: a Ctrl-C reaches us only, and we end the child in order. Lines with `noise` in them go to the log
    alone.
    """
    tail: collections.deque[str] = collections.deque(maxlen=200)
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as sink:
            sink.write(f"\n$ {shlex.join(map(os.fspath, command))}\n")
            child = subprocess.Popen(
                [*dies_with_us(), *command],
                env=env,
                cwd=cwd,
                stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            try:
                if stdin is not None:
                    child.stdin.write(stdin)
                    child.stdin.close()
                for line in child.stdout:
                    sink.write(line)
                    tail.append(line.rstrip())
                    if on_line:
                        on_line(line.rstrip())
                status = child.wait()
            finally:
                end_child(child)
    except FileNotFoundError as error:
        raise Problem(f"{what} failed: {error.filename} is not there.", hint) from error
    except OSError as error:
        raise Problem(f"{what} failed: {error.strerror}.", advice_for(error) or hint) from error
    output = "\n".join(tail)
    if status:
        telling = [line for line in tail if not (noise and noise in line)] or list(tail)
        last = "\n        ".join(telling[-TAIL:])
        raise Problem(
            f"{what} failed (status {status}). Its last lines:\n        {last}",
            "\n      ".join(filter(None, (plain_words(output) or hint, f"The whole log: {log}"))),
        )
    return output


def advice_for(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return plain_words("no space left on device")
    return ""


def capture(command: Command, *, env: Mapping[str, str] | None = None) -> str | None:
    """Standard output of a quick program, or None where it is absent or fails."""
    try:
        done = subprocess.run(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def have(program: str) -> bool:
    return shutil.which(program) is not None


def sudo() -> list[str]:
    """The prefix that makes a command run as root; never a prompt where nobody could answer it."""
    if os.geteuid() == 0:
        return []
    if not have("sudo"):
        raise Problem(
            "Something must be installed by the system's package manager, and this user may not do that.",
            "Run the command as root once, or let an administrator install it.",
        )
    return ["sudo"] if os.isatty(0) else ["sudo", "-n"]
