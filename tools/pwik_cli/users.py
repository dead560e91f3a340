"""Becoming an unprivileged user where we are root: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pathlib
import pwd
import subprocess
from dataclasses import dataclass

from .process import have
from .say import Problem


@dataclass(frozen=True)
class User:
    name: str
    uid: int
    gid: int
    prefix: tuple[str, ...]

    @property
    def is_us(self) -> bool:
        return not self.prefix


def database_user() -> User:
    """Who runs our own PostgreSQL: ourselves, or, where we are root, `postgres` if it exists, else `nobody`."""
    if os.geteuid() != 0:
        me = pwd.getpwuid(os.geteuid())
        return User(me.pw_name, me.pw_uid, me.pw_gid, ())
    if not have("setpriv"):
        raise Problem(
            "PostgreSQL does not run as root, and setpriv (of util-linux) is not here to change the user.",
            "Install util-linux, run this command as another user, or name a server by PGHOST.",
        )
    return other_user("postgres") or other_user("nobody") or _no_user()


def other_user(name: str) -> User | None:
    """A user whom root can become, or None where there is none of this name."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    prefix = ("setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups", "--")
    return User(name, entry.pw_uid, entry.pw_gid, prefix)


def _no_user() -> User:
    raise Problem("PostgreSQL does not run as root, and there is no user `postgres` or `nobody` here.")


def can_reach(user: User, folder: pathlib.Path) -> bool:
    """Whether the user may walk down to the folder. Asked of the system itself: it knows of ACLs and containers."""
    if user.is_us:
        return True
    command = [*user.prefix, "/bin/sh", "-c", 'cd -- "$1"', "sh", os.fspath(folder)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
