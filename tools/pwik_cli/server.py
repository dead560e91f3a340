"""Odoo as a child of ours: started, awaited, watched, and put away in order."""

from __future__ import annotations

import collections
import contextlib
import errno
import pathlib
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

from .databases import LOG_LINE, Site
from .process import dies_with_us, end_child
from .say import Problem, say

# The package lacks one of Odoo's files (the background blur of its video calls); nothing here uses it.
HARMLESS = "selfie_segmentation"
PATIENCE = 120.0  # seconds until the first answer


def check_port(port: int) -> None:
    """Raise Problem where the port on 127.0.0.1 is not ours to take."""
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as Odoo does: a port that is just closing will do
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise Problem(
                    f"This user may not serve on port {port}.", "Use one above 1023: PWIK_PORT=8069"
                ) from error
            raise Problem(
                f"Port {port} on 127.0.0.1 is taken by another program.",
                f"Stop that program, or use another port: PWIK_PORT={free_port()} ./pwik run",
            ) from error


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Odoo serving one database on 127.0.0.1."""

    def __init__(
        self, site: Site, database: str, port: int, log: pathlib.Path, *options: str, echo: bool = False
    ) -> None:
        self.site = site
        self.database = database
        self.port = port
        self.log = log
        self.options = options
        self.echo = echo
        self.child: subprocess.Popen | None = None
        self._tail: collections.deque[str] = collections.deque(maxlen=12)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Server:
        try:
            self.start()
            self.await_answer()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        check_port(self.port)
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".old.log"))
        command = self.site.odoo_command(
            "-c", self.site.settings.conf, "-d", self.database, "--no-database-list"
        )
        command += [f"--http-port={self.port}", f"--db-filter=^{self.database}$", *self.options]
        self.child = subprocess.Popen(
            [*dies_with_us(), *command],
            env=self.site.environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._read, args=(self.child.stdout,), daemon=True).start()

    def _read(self, stream) -> None:
        with contextlib.suppress(OSError, ValueError), self.log.open("w", encoding="utf-8") as log:
            for line in stream:
                log.write(line)
                log.flush()
                self._tail.append(line.rstrip())
                if (
                    self.echo
                    and (match := LOG_LINE.match(line))
                    and match[1] != "WARNING"
                    and HARMLESS not in line
                ):
                    say(f"    Odoo: {match[1]} {match[3]}: {match[4]}")
        for _ in stream:  # a full disk ends the log, not the server: the pipe must be emptied all the same
            pass

    def await_answer(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.child.poll() is not None:
                break
            with contextlib.suppress(OSError, urllib.error.URLError):
                with _open(f"{self.base}/web/health", timeout=5) as answer:
                    if answer.status == 200:
                        return
            time.sleep(0.2)
        last = "\n        ".join(self._tail)
        raise Problem(
            f"Odoo did not start to serve. Its last lines:\n        {last}", f"The whole log: {self.log}"
        )

    def stop(self) -> None:
        if self.child is not None:
            end_child(self.child)


def _open(url: str, timeout: float):
    """Open an address of our own without any proxy that the environment names."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=timeout)


def warm(base: str) -> None:
    """Ask for the first pages, so that the assets are built before somebody waits for them."""
    for page in ("/web/login", "/my"):
        with contextlib.suppress(OSError, urllib.error.URLError):
            _open(base + page, timeout=60).close()
