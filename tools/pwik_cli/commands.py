"""What `./pwik run`, `stop`, `shell`, `db reset` do."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

from . import databases, demo, lock, postgres
from .databases import Site
from .paths import Settings
from .say import Problem, Stopped, say, step
from .server import Server, check_port, warm
from .site import preparation, prepared


@contextlib.contextmanager
def only_run(settings: Settings):
    """Hold the place of the one `./pwik run` of this checkout. Raises Problem where it is taken."""
    with lock.exclusive_or_holder(settings.local / "run.lock") as holder:
        if holder:
            raise Problem(
                f"./pwik run is running here already (process {holder}).",
                "Its addresses are on its screen; ./pwik stop ends it.",
            )
        yield


def run(settings: Settings, serve: bool = True) -> int:
    """Prepare what is absent, then serve until we are asked to stop."""
    with only_run(settings):
        if serve:
            check_port(settings.port)  # before minutes are spent on what could not be served
        with prepared(settings) as site:
            with preparation(settings):
                databases.ensure_suite(site, settings.database)
                databases.ensure_passwords(site, settings.database)
            if not serve:
                say("ok  Everything is ready: ./pwik run serves it.")
                return 0
            _serve(site)
    return 0


def _serve(site: Site) -> None:
    settings = site.settings
    log = settings.log / "odoo.log"
    server = Server(site, settings.database, settings.port, log, echo=True)
    with step("Odoo: start"):
        server.start()
        try:
            server.await_answer()
            warm(server.base)
        except BaseException:
            server.stop()
            raise
    try:
        there = set(databases.ask(site, "logins", database=settings.database))
        print(f"\n{demo.table(settings, server.base, there)}\n", flush=True)
        say(f"Dumps of the collector go to {settings.drop}")
        if settings.bank_files.is_dir():
            say(f"Statements of the demo's bank, to be imported: {settings.bank_files}")
        say(f"Log: {log}. Ctrl-C stops everything.")
        with contextlib.suppress(Stopped):
            _watch(site, server)
    finally:
        with step("Odoo: stop"):
            server.stop()


def _watch(site: Site, server: Server) -> None:
    """Wait until Odoo ends; start our own PostgreSQL again if it was killed meanwhile."""
    cluster = None if postgres.named_server(dict(os.environ)) else postgres.Cluster(site.settings)
    while server.child.poll() is None:
        time.sleep(1)
        if cluster and not cluster.pid():
            say("    The database was gone: starting it again")
            cluster.revive()
    raise Problem(f"Odoo has ended by itself (status {server.child.returncode}).", f"Its log: {server.log}")


def stop(settings: Settings) -> int:
    """End `./pwik run` of this checkout, and a database that a killed one has left behind."""
    with lock.exclusive_or_holder(settings.local / "run.lock") as holder:
        if holder is None:
            say("    ./pwik run is not running here.")
    if holder and holder.isdigit():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(holder), signal.SIGTERM)
        with (
            step(f"Stop ./pwik run (process {holder})"),
            lock.exclusive(settings.local / "run.lock", "stopping"),
        ):
            pass
    if not postgres.named_server(dict(os.environ)) and settings.postgres.exists():
        postgres.Cluster(settings).stop_if_unused()
    return 0


def shell(settings: Settings, database: str | None) -> int:
    """Odoo's shell on the database: on a terminal interactive, else the script on standard input."""
    with prepared(settings) as site:
        name = database or settings.database
        if databases.state_of(site, name) is None:
            raise Problem(f"There is no database {name}.", "./pwik run makes it.")
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the shell's
        command = site.odoo_command("shell", "-c", settings.conf, "-d", name, "--no-http", "--log-level=warn")
        return subprocess.call(command, env=site.environ(), cwd=settings.root)


def reset(settings: Settings, yes: bool, whole_cluster: bool) -> int:
    """Put the demo database aside, or delete our own PostgreSQL with all that is in it."""
    with only_run(settings):
        what = "all databases of this checkout" if whole_cluster else f"the database {settings.database}"
        if not yes and sys.stdin.isatty():
            say(f"This puts away {what}. Type yes to go on:")
            if sys.stdin.readline().strip().lower() not in ("yes", "y", "tak", "t"):
                say("Nothing was done.")
                return 1
        if whole_cluster:
            if postgres.named_server(dict(os.environ)):
                raise Problem("PGHOST names a server that is not ours: nothing is deleted there.")
            if not yes and not sys.stdin.isatty():
                raise Problem(
                    "This deletes all databases of this checkout.", "Say so: ./pwik db reset --cluster --yes"
                )
            postgres.Cluster(settings).remove()
            say("ok  Deleted: ./pwik run makes new ones.")
            return 0
        with prepared(settings) as site:
            databases.reset(site, settings.database)
    return 0
