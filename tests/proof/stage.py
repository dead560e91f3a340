"""What a proof plays on: a clone of the test database, Odoo with two workers on it, and a supervisor."""

import collections
import contextlib
import datetime as dt
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import zlib

import psutil
import psycopg2
import requests

from tools.pwik_cli import databases, odoo_source, postgres
from tools.pwik_cli.databases import INSIDE, Site
from tools.pwik_cli.paths import read_settings
from tools.pwik_cli.postgres import OWNER, Connection
from tools.pwik_cli.say import Problem
from tools.pwik_cli.server import Server, free_port

HERE = pathlib.Path(__file__).parent
TOKEN = re.compile(r'csrf_token: "([^"]+)"|name="csrf_token"[^>]*value="([^"]+)"')
PATIENCE = 120.0
NOT_OURS = "the PostgreSQL server is not ours alone (PGHOST, or a ./pwik run of this checkout)"


def current_site() -> Site:
    """The site that the caller's environment describes (see tools/pwik_cli/proving.py)."""
    settings = read_settings()
    connection = Connection(os.environ["PGHOST"], int(os.environ["PGPORT"]), os.environ["PGUSER"])
    return SiteWithWorkers(
        settings, odoo_source.ensure(settings), connection, pathlib.Path(os.environ["PWIK_DROP_DIR"])
    )


class SiteWithWorkers(Site):
    """Odoo started by a file: its master starts the process for long polling by the name of the program once more."""

    def odoo_command(self, *arguments):
        python = os.fspath(self.settings.venv / "bin/python")
        return [python, "-W", "ignore", os.fspath(HERE / "odoo_bin.py"), *map(os.fspath, arguments)]


class Supervised:
    """Odoo with workers and a supervisor, as compose or systemd has it: when it ends by itself it is started again."""

    def __init__(
        self,
        site: Site,
        database: str,
        *options: str,
        workers: int = 2,
        crons: int = 2,
        address: str = "127.0.0.1",
    ):
        self.site, self.database, self.address = site, database, address
        self.port = free_port()
        self.options = (
            *(f"--workers={workers}", f"--max-cron-threads={crons}", f"--gevent-port={free_port()}"),
            f"--http-interface={address}",
            *options,
        )
        self.restarts = 0
        self._ending = threading.Event()
        self._server: Server | None = None
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    @property
    def base(self) -> str:
        return f"http://{self.address}:{self.port}"

    @property
    def log(self) -> pathlib.Path:
        return self.site.settings.log / f"odoo-proof-{self.address}.log"

    def __enter__(self):
        self._watcher.start()
        try:
            self.await_page()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc):
        self._ending.set()
        if self._server and self._server.child:
            self._server.stop()
        self._watcher.join(60)

    def _watch(self):
        # The thread that starts a child lives as long as it: the system ends the child with the thread.
        while not self._ending.is_set():
            self._server = Server(self.site, self.database, self.port, self.log, *self.options)
            try:
                self._server.start()
            except Problem:  # the port of the one that was killed is just closing
                time.sleep(0.5)
                continue
            while self._server.child.poll() is None and not self._ending.wait(0.1):
                pass
            if not self._ending.is_set():
                self.restarts += 1
                time.sleep(0.5)

    def processes(self) -> list[psutil.Process]:
        """The master and its workers, as far as they live."""
        try:
            master = psutil.Process(self._server.child.pid)
            return [master, *master.children(recursive=True)]
        except (psutil.Error, AttributeError):
            return []

    def memory(self) -> int:
        """Bytes that the largest of the processes holds in memory."""
        sizes = [0]
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                sizes.append(process.memory_info().rss)
        return max(sizes)

    def kill(self) -> None:
        """kill -9 for the master and all workers at once: the power cut of a server."""
        child = self._server.child
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait(30)

    def perish(self) -> None:
        """Killed for good: nobody starts it again."""
        self._ending.set()
        self.kill()

    def await_page(self, patience: float = PATIENCE) -> float:
        """Wait for a page that needs the database. Returns the seconds that took; raises TimeoutError."""
        begin = time.monotonic()
        with requests.Session() as session:
            session.trust_env = False
            while time.monotonic() - begin < patience:
                with contextlib.suppress(requests.RequestException):
                    if session.get(f"{self.base}/web/login", timeout=5).status_code == 200:
                        return time.monotonic() - begin
                time.sleep(0.2)
        raise TimeoutError(f"no page within {patience:.0f} s; log: {self.log}")


class Client(requests.Session):
    """A browser without a screen: signed in as `login`, or a guest."""

    def __init__(self, base: str, login: str | None = None, password: str | None = None):
        super().__init__()
        self.trust_env = False
        self.base = base
        if login:
            self.sign_in(login, password)

    def url(self, path: str) -> str:
        return path if path.startswith("http") else self.base + path

    def sign_in(self, login, password):
        answer = self.post(
            self.url("/web/login"),
            data={"login": login, "password": password, "csrf_token": self.token("/web/login")},
            timeout=60,
        )
        if "/web/login" in answer.url:
            raise RuntimeError(f"{login} could not sign in")

    def token(self, path: str) -> str:
        """The token against forged requests that a page carries."""
        match = TOKEN.search(self.get(self.url(path), timeout=60).text)
        return next(filter(None, match.groups())) if match else ""

    def call(self, model: str, method: str, *args, **kwargs):
        """What a browser calls by RPC. Raises RuntimeError with the server's message."""
        answer = self.rpc(model, method, *args, **kwargs)
        if "error" in answer:
            raise RuntimeError(answer["error"].get("data", {}).get("message") or answer["error"]["message"])
        return answer.get("result")  # left out where a method returns nothing

    def rpc(self, model: str, method: str, *args, **kwargs) -> dict:
        body = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        return self.post(
            self.url(f"/web/dataset/call_kw/{model}/{method}"),
            json={"jsonrpc": "2.0", "method": "call", "params": body},
            timeout=120,
        ).json()


#: What a world is made of, beside the template and its own module.
SOURCES = ("tests/proof/radio.py", "tests/proof/billing.py", "tests/wmbus_encoder/*.py", "tools/demo/*.py")


def world_key(root: pathlib.Path, target: str) -> str:
    """A fingerprint of what makes a world; one of another day would lack the demo's present."""
    digest = hashlib.sha256(dt.date.today().isoformat().encode())
    for pattern in (f"tests/proof/{target.partition(':')[0]}.py", *SOURCES):
        for path in sorted(root.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class Stage:
    """The place of one proof. The database that it plays on is dropped at the end."""

    def __init__(self, template: str, *, own_cluster: bool):
        self.template, self.own_cluster = template, own_cluster
        self.site = current_site()
        self.database = f"{template}_proof"
        self._made: set[str] = set()
        self.server: Supervised | None = None
        self._clients: dict[tuple, Client] = {}

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        for name in sorted(self._made):
            databases.drop(self.site, name)

    # Databases

    def fresh(self, source: str | None = None, name: str | None = None) -> str:
        """A clone of the template, or of `source`, as the database that is played on. Returns its name."""
        self.database = name or f"{self.template}_proof"
        databases.clone(self.site, source or self.template, self.database)
        self._made.add(self.database)
        if self.own_cluster:
            self._checkpoint()
        shutil.rmtree(self.site.drop, ignore_errors=True)
        self.site.drop.mkdir(parents=True)
        return self.database

    def _checkpoint(self) -> None:
        """All written out: a crash right after a clone was made takes back numbers of its sequences (PostgreSQL 15)."""
        where = {**self._where(), "user": OWNER}
        with contextlib.closing(psycopg2.connect(dbname="postgres", **where)) as connection:
            connection.autocommit = True
            with connection.cursor() as cr:
                cr.execute("CHECKPOINT")

    def adopt(self, name: str) -> None:
        """Play on the database `name` from here on, which is made by the proof itself; it is dropped at the end."""
        databases.drop(self.site, name)
        self.database = name
        self._made.add(name)

    def copy_files(self, source: str, target: pathlib.Path) -> None:
        """The file store of the database `source` at `target`; the files never change, so that links do."""
        shutil.rmtree(target, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.copytree(self.site.filestore(source), target, copy_function=os.link)

    def drop_files(self, name: str) -> None:
        shutil.rmtree(self.site.filestore(name), ignore_errors=True)

    def world(self, target: str, **arguments) -> str:
        """A fresh database on which `make(target)` was called. The world is kept for all proofs that ask for the same."""
        asked = repr((target, *sorted(arguments.items())))
        name = f"{self.template}_world_{zlib.crc32(asked.encode()):08x}"
        state = {
            "world": asked,
            "template": databases.state_of(self.site, self.template),
            "made_of": world_key(self.site.settings.root, target),
        }
        if databases.state_of(self.site, name) != state:

            def build(draft):
                self.fresh(name=draft)
                self.make(target, **arguments)
                self._made.discard(draft)
                return state

            databases.make(self.site, name, build)
        return self.fresh(name)

    def make(self, target: str, **arguments):
        """Call `module:function` of tests/proof with an Odoo environment of the database. Returns what it returns."""
        command = [
            *(self.site.settings.venv / "bin/python", "-W", "ignore", INSIDE / "call.py"),
            *(self.site.settings.conf, self.database, f"tests.proof.{target}", json.dumps(arguments)),
        ]
        done = subprocess.run(command, env=self.site.environ(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{target}: {done.stderr.strip()[-1500:]}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def ask(self, *targets: str) -> list:
        """What each `module:function` of tests/proof returns; one process for all."""
        return self.make("inside:several", targets=targets)

    def sql(self, query: str, *parameters) -> list[tuple]:
        """Rows of a query (or none), in a transaction of its own."""
        with contextlib.closing(self.connect()) as connection, connection, connection.cursor() as cr:
            cr.execute(query, parameters or None)
            # A query without columns has rows too: its description is empty, not absent.
            return cr.fetchall() if cr.description is not None else []

    def notify(self, channel: str) -> None:
        """Tell Odoo's processes of the stage's database, as Odoo itself does."""
        with contextlib.closing(psycopg2.connect(dbname="postgres", **self._where())) as connection:
            with connection, connection.cursor() as cr:
                cr.execute("SELECT pg_notify(%s, %s)", [channel, self.database])

    def connect(self):
        return psycopg2.connect(dbname=self.database, connect_timeout=10, **self._where())

    def _where(self):
        connection = self.site.connection
        return {"host": connection.host, "port": connection.port, "user": connection.user}

    # Servers

    @contextlib.contextmanager
    def serve(self, *options: str, **counts: int):
        """Odoo on the database for the block."""
        with Supervised(self.site, self.database, *options, **counts) as self.server:
            yield self.server

    def client(self, login: str | None = None) -> Client:
        passwords = json.loads(self.site.settings.passwords.read_text(encoding="utf-8"))
        return Client(self.server.base, login, login and passwords[login])

    def client_of(self, login: str) -> Client:
        """The client of `login` on the present server, signed in once."""
        key = (self.server.base, login)
        if key not in self._clients:
            self._clients[key] = self.client(login)
        return self._clients[key]

    # PostgreSQL

    def crash_database(self, pause: float) -> None:
        """End our own PostgreSQL without a checkpoint (it recovers from its log), and start it again after `pause` seconds."""
        cluster = postgres.Cluster(self.site.settings)
        pid = cluster.pid()
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + 30
        while cluster.pid() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(pause)
        cluster.revive()

    # Waiting and watching

    @contextlib.contextmanager
    def watching(self, query: str, pause: float = 0.1):
        """Ask again and again while the block runs; yields a Counter of what the first column was."""
        seen, end = collections.Counter(), threading.Event()

        def look():
            while not end.wait(pause):
                with contextlib.suppress(psycopg2.Error):
                    seen.update(first for first, *_rest in self.sql(query))

        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        try:
            yield seen
        finally:
            end.set()
            watcher.join(10)

    @staticmethod
    def wait(condition, patience: float = PATIENCE, pause: float = 0.2) -> bool:
        """Whether `condition()` came true in time; a database that is away meanwhile is waited for too."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            with contextlib.suppress(psycopg2.OperationalError, requests.RequestException):
                if condition():
                    return True
            time.sleep(pause)
        return False


def tell(text: str) -> None:
    print(f"      {text}", file=sys.stderr, flush=True)
