"""Hosts of their own: network namespaces with an address each, and a PostgreSQL server that they reach over the network."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import psycopg2

from tools.pwik_cli import users
from tools.pwik_cli.postgres import OLDEST, ROLE
from tools.pwik_cli.process import dies_with_us

NET = "10.213.7"  # a private range for the moment of the proof
SERVER = f"{NET}.1"
PORT = 5432
PATIENCE = 60.0


def run(*command, check=True, **more):
    return subprocess.run(
        [str(word) for word in command],
        check=check,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        **more,
    )


def obstacle() -> str:
    """Why no hosts can be made here; empty where they can."""
    if not shutil.which("ip"):
        return "this machine has no `ip` (iproute2)"
    if not binaries():
        return "this machine has no PostgreSQL with its client programs"
    tried = run("ip", "netns", "add", "pwik-try", check=False)
    if tried.returncode:
        return f"no network namespace may be made: {tried.stderr.strip()}"
    run("ip", "netns", "delete", "pwik-try", check=False)
    return ""


def binaries() -> pathlib.Path | None:
    found = [
        path.parent
        for path in pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_basebackup")
        if int(path.parts[-3]) >= OLDEST
    ]
    return max(found, key=lambda path: int(path.parent.name), default=None)


@contextlib.contextmanager
def hosts(count: int):
    """Namespaces `pwik-h1` … on one bridge; yields [(name, address)]. The bridge itself has the address SERVER."""
    made = [(f"pwik-h{number}", f"{NET}.{10 + number}") for number in range(1, count + 1)]
    _clear(made)
    try:
        run("ip", "link", "add", "pwik-br", "type", "bridge")
        run("ip", "address", "add", f"{SERVER}/24", "dev", "pwik-br")
        run("ip", "link", "set", "pwik-br", "up")
        for number, (name, address) in enumerate(made, start=1):
            inside = ("ip", "-n", name)
            run("ip", "netns", "add", name)
            run("ip", "link", "add", f"pwik-v{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
            run("ip", "link", "set", f"pwik-v{number}", "master", "pwik-br", "up")
            run(*inside, "address", "add", f"{address}/24", "dev", "eth0")
            run(*inside, "link", "set", "eth0", "up")
            run(*inside, "link", "set", "lo", "up")
        yield made
    finally:
        _clear(made)


def _clear(made) -> None:
    for name, _address in made:
        run("ip", "netns", "delete", name, check=False)
    run("ip", "link", "delete", "pwik-br", check=False)


class Postgres:
    """A server for the moment of a proof, whose log may be streamed to a replica.

    `address`: on the network; without one it is reached by a socket in a folder that nobody else may enter.
    """

    def __init__(self, address: str = "", port: int = PORT):
        self.address, self.port = address, port
        self.user, self.programs = users.database_user(), binaries()
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="pwik-proof-", dir="/var/tmp"))
        self.home.chmod(0o700)
        if not self.user.is_us:
            os.chown(self.home, self.user.uid, self.user.gid)
        self.data = self.home / "data"
        self.host = address or str(self.home)
        self._child: subprocess.Popen | None = None

    def _call(self, program, *arguments):
        environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        return run(*self.user.prefix, self.programs / program, *arguments, env=environ, cwd="/")

    def make(self) -> None:
        """A new, empty server; whoever reaches it is trusted: nobody else reaches the bridge."""
        self._call(
            "initdb", "-D", self.data, "-U", "owner", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"
        )
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {NET}.0/24 trust\nhost replication all {NET}.0/24 trust\n")
        self.start()
        with self.connect("postgres", "owner") as connection, connection.cursor() as cr:
            cr.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")

    def follow(self, primary: "Postgres") -> None:
        """A hot standby that streams from `primary`."""
        source = f"--dbname=host={primary.host} port={primary.port} user=owner"
        self._call("pg_basebackup", source, "-D", self.data, "--write-recovery-conf", "--checkpoint=fast")
        self.start()

    def start(self) -> None:
        options = {
            "listen_addresses": self.address,
            "port": self.port,
            "unix_socket_directories": self.home,
            "max_connections": 100,
            "shared_buffers": "128MB",
            "wal_level": "replica",
            "hot_standby_feedback": "on",
            # A host without power closes no connection: what it held is let go of after 10 + 3 × 5 s, not after two hours;
            # and, where an answer to it is under way, which the system else sends again for a quarter of an hour, as soon.
            "tcp_keepalives_idle": 10,
            "tcp_keepalives_interval": 5,
            "tcp_keepalives_count": 3,
            "tcp_user_timeout": 25_000,
        }
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self.home / "log").open("ab") as log:
            self._child = subprocess.Popen(
                # As the last before the server: the system forgets the wish when the user changes.
                [
                    *self.user.prefix,
                    *dies_with_us(),
                    str(self.programs / "postgres"),
                    "-D",
                    str(self.data),
                    *words,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(psycopg2.OperationalError):
                self.connect("postgres", "owner").close()
                return
            time.sleep(0.2)
        raise RuntimeError(f"PostgreSQL did not start: {(self.home / 'log').read_text()[-800:]}")

    def lag(self, seconds: float) -> None:
        """A replica shows what the first server wrote no sooner than `seconds` later."""
        with contextlib.closing(self.connect("postgres", "owner")) as connection:
            connection.autocommit = True
            with connection.cursor() as cr:
                cr.execute("ALTER SYSTEM SET recovery_min_apply_delay = %s", [f"{seconds * 1000:.0f}ms"])
                cr.execute("SELECT pg_reload_conf()")

    def connect(self, database, user=ROLE):
        return psycopg2.connect(dbname=database, host=self.host, port=self.port, user=user, connect_timeout=5)

    def take_over(self, environ: dict, source: str, target: str) -> None:
        """A copy of a database of another server, by dump and restore."""
        with tempfile.TemporaryDirectory() as folder:
            dump = f"{folder}/pwik.dump"
            run(
                self.programs / "pg_dump",
                "--format=custom",
                "--no-owner",
                f"--file={dump}",
                source,
                env=environ,
            )
            here = {**environ, "PGHOST": self.host, "PGPORT": str(self.port), "PGUSER": ROLE}
            run(self.programs / "createdb", "--template=template0", "--encoding=UTF8", target, env=here)
            run(
                self.programs / "pg_restore",
                "--no-owner",
                "--exit-on-error",
                f"--dbname={target}",
                dump,
                env=here,
            )

    def remove(self) -> None:
        if self._child:
            self._child.send_signal(signal.SIGINT)  # clients are cut off
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(30)
            if self._child.poll() is None:
                self._child.kill()
                self._child.wait(10)
        shutil.rmtree(self.home, ignore_errors=True)
