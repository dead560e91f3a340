"""The databases: a base with Odoo's own modules, and on it the suite with its demo data.

Every database is made under a draft name and renamed when it is whole, so that a name always means a whole database. What it
was made from is noted inside it.
"""

from __future__ import annotations

import configparser
import contextlib
import hashlib
import json
import os
import pathlib
import re
import secrets
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from . import demo
from .layers import core_modules, suite_addons
from .odoo_source import Odoo
from .paths import Settings
from .postgres import NEWEST, OLDEST, Connection
from .process import plain_words, run_logged
from .say import Problem, Step, say, step

RECIPE = "1"  # raised when databases must be made anew although neither Odoo nor an addon has changed
INSIDE = pathlib.Path(__file__).parent / "inside"
# Parts of an addon that leave no trace in the database. (`tools` does: fields with triggers and limits are made there.)
WITHOUT_TRACE = {"tests", "static", "domain", "controllers", "readme", "__pycache__"}
LOADING = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (ERROR|CRITICAL|WARNING) (\S+) (\S+?): (.*)")
DEMO_FAILED = re.compile(r"Module (\S+) demo data failed to install")


@dataclass(frozen=True)
class Site:
    """All that it takes to run Odoo on a database: where its parts are, and how the server is reached."""

    settings: Settings
    odoo: Odoo
    connection: Connection
    drop: pathlib.Path  # where this site's scheduled action finds the collector's dumps

    @property
    def addons(self) -> list[str]:
        return suite_addons(self.settings.addons)

    @property
    def core(self) -> list[str]:
        return core_modules(self.settings.addons, self.addons)

    def environ(self) -> dict[str, str]:
        """The environment of every program that works on the databases."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PG", "ODOO_", "OPENERP_"))
            and name not in ("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")
        }
        cache = self.settings.local / "cache"
        own = {
            "PYTHONPATH": os.fspath(self.odoo.python_path),
            "PYTHONPYCACHEPREFIX": os.fspath(self.settings.bytecode),
            "PWIK_RADIO_KEY": demo.radio_key(self.settings),
            "PWIK_DROP_DIR": os.fspath(self.drop),
            "PWIK_PASSWORDS": os.fspath(self.settings.passwords),
            # Font caches, browser profiles: nothing outside our own folder.
            "XDG_CACHE_HOME": os.fspath(cache),
            "XDG_CONFIG_HOME": os.fspath(cache / "config"),
            "PATH": os.pathsep.join(
                (os.fspath(self.settings.venv / "bin"), os.environ.get("PATH", os.defpath))
            ),
        }
        return {**inherited, **own, **self.connection.environ()}

    def odoo_command(self, *arguments: str | os.PathLike) -> list[str]:
        python = os.fspath(self.settings.venv / "bin/python")
        return [python, "-W", "ignore", "-m", "odoo", *map(os.fspath, arguments)]

    def filestore(self, database: str) -> pathlib.Path:
        return self.settings.data / "filestore" / database


def write_conf(site: Site) -> pathlib.Path:
    """Write `.local/odoo.conf` from config/odoo-development.conf. The connection stays in the environment."""
    settings = site.settings
    parser = configparser.RawConfigParser()
    parser.read(settings.root / "config" / "odoo-development.conf", encoding="utf-8")
    parser["options"]["addons_path"] = ",".join(map(os.fspath, (*site.odoo.addons, settings.addons)))
    parser["options"]["data_dir"] = os.fspath(settings.data)
    settings.data.mkdir(exist_ok=True)
    site.drop.mkdir(exist_ok=True)
    with settings.conf.open("w", encoding="utf-8") as handle:
        parser.write(handle)
    return settings.conf


def ask(site: Site, action: str, **arguments):
    """Have inside/sql.py do something. Raises Problem with PostgreSQL's own words."""
    done = subprocess.run(
        [site.settings.venv / "bin/python", INSIDE / "sql.py"],
        input=json.dumps({"do": action, **arguments}),
        capture_output=True,
        text=True,
        env=site.environ(),
        check=False,
    )
    if done.returncode:
        raise Problem(f"The database helper failed: {done.stderr.strip()[-500:]}")
    answer = json.loads(done.stdout)
    if "error" in answer:
        hint = plain_words(answer["error"])
        if answer.get("code") == "42501":
            hint = "The user of PGUSER must be allowed to create databases (ALTER ROLE ... CREATEDB)."
        raise Problem(f"PostgreSQL at {site.connection.host} says: {answer['error']}", hint)
    return answer["ok"]


def check_server(site: Site) -> None:
    version = ask(site, "version")
    if not OLDEST <= version <= NEWEST:
        raise Problem(f"The server is PostgreSQL {version}; Odoo 19 runs on {OLDEST} to {NEWEST}.")


def run_odoo(
    site: Site, what: str, *arguments: str | os.PathLike, progress: Step | None = None, hint: str = ""
) -> None:
    """Run Odoo to its end. Raises Problem on a non-zero status, or when demo data were left out."""
    left_out: list[str] = []

    def look(line: str) -> None:
        if progress and (match := LOADING.search(line)):
            progress.note(f"module {match[2]} of {match[3]}")
        if match := DEMO_FAILED.search(line):
            left_out.append(match[1])

    log = site.settings.log / "odoo-setup.log"
    run_logged(
        site.odoo_command(*arguments), log, what, env=site.environ(), on_line=look, hint=hint, noise=" INFO "
    )
    if left_out:
        raise Problem(f"{what}: the demo data of {', '.join(left_out)} failed.", f"The reason is in {log}")


def call(site: Site, database: str, target: str, what: str, **arguments) -> None:
    """Call a Python function with an Odoo environment of the database (see inside/call.py)."""
    python = site.settings.venv / "bin/python"
    command = [
        python,
        "-W",
        "ignore",
        INSIDE / "call.py",
        site.settings.conf,
        database,
        target,
        json.dumps(arguments),
    ]
    run_logged(command, site.settings.log / "odoo-setup.log", what, env=site.environ(), noise=" INFO ")


# Copies, names


def clone(site: Site, source: str, target: str) -> None:
    """Copy a database and its files. The files never change, so that links do."""
    drop(site, target)
    ask(site, "clone", source=source, target=target)
    with contextlib.suppress(FileNotFoundError):
        shutil.copytree(site.filestore(source), site.filestore(target), copy_function=os.link)


def drop(site: Site, database: str) -> None:
    ask(site, "drop", database=database)
    shutil.rmtree(site.filestore(database), ignore_errors=True)


def rename(site: Site, source: str, target: str) -> None:
    """Give a database another name; one that has this name already is dropped."""
    drop(site, target)
    ask(site, "rename", source=source, target=target)
    if site.filestore(source).is_dir():
        site.filestore(source).rename(site.filestore(target))


def recover(site: Site, name: str) -> None:
    """Finish a renaming that was broken off: the old database was dropped, or the files were not moved any more."""
    draft = draft_of(name)
    there = ask(site, "databases")
    if name not in there and draft in there and (ask(site, "state", database=draft) or {}).get("addons"):
        rename(site, draft, name)
    elif name in there and draft not in there and site.filestore(draft).is_dir():
        shutil.rmtree(site.filestore(name), ignore_errors=True)
        site.filestore(draft).rename(site.filestore(name))


def draft_of(name: str) -> str:
    return f"{name}_draft"


def make(site: Site, name: str, build: Callable[[str], dict]) -> None:
    """Build a database under a draft name, note what `build` returns in it, and give it its name."""
    draft = draft_of(name)
    drop(site, draft)
    state = build(draft)
    if unsettled := ask(site, "unsettled", database=draft):
        raise Problem(f"These modules were not installed to their end: {', '.join(unsettled)}.")
    ask(site, "set_state", database=draft, value=state)
    rename(site, draft, name)


def state_of(site: Site, name: str) -> dict | None:
    """What ./pwik noted in the database, or None where there is no such database."""
    if name not in ask(site, "databases"):
        return None
    return ask(site, "state", database=name) or {}


# What is in them


def base_key(site: Site) -> str:
    parts = [RECIPE, site.odoo.version, *site.core]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]


def addon_hash(addon: pathlib.Path) -> str:
    """A fingerprint of what an addon puts into a database."""
    digest = hashlib.sha256()
    for path in sorted(addon.rglob("*")):
        relative = path.relative_to(addon)
        if path.is_file() and relative.parts[0] not in WITHOUT_TRACE and path.suffix != ".pyc":
            digest.update(f"{relative}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def suite_state(site: Site) -> dict:
    return {"base": base_key(site), "addons": {n: addon_hash(site.settings.addons / n) for n in site.addons}}


def ensure_base(site: Site) -> str:
    """The database with Odoo's own modules: Polish chart, PLN, pl_PL, no demo data. Returns its name."""
    name = f"{site.settings.database}_base"
    state = {"base": base_key(site)}
    if state_of(site, name) == state:
        return name
    conf = site.settings.conf

    def build(draft: str) -> dict:
        with step("Database: Odoo, Polish") as progress:
            command = ["db", "-c", conf, "init", draft, "--country", "PL", "--language", "pl_PL"]
            run_odoo(
                site,
                "Making the database",
                *command,
                "--password",
                secrets.token_hex(16),
                progress=progress,
            )
            if ask(site, "country", database=draft) != "PL":  # the command's status is 0 whatever happened
                raise Problem(
                    "Making the database failed.", f"See the end of {site.settings.log / 'odoo-setup.log'}"
                )
        with step("Database: Odoo's accounting, portal and what else the suite builds on") as progress:
            run_odoo(site, "Installing Odoo's modules", *_install(site, draft, site.core), progress=progress)
        return state

    make(site, name, build)
    return name


def _install(site: Site, database: str, modules: list[str], how: str = "-i") -> list[str]:
    options = [
        "-c",
        os.fspath(site.settings.conf),
        "-d",
        database,
        how,
        ",".join(modules),
        "--skip-auto-install",
    ]
    return [*options, "--stop-after-init", "--no-http", "--max-cron-threads=0"]


def install_suite(site: Site, database: str, addons: list[str], progress: Step | None = None) -> None:
    """Install addons of the suite with their demo data, and without Odoo's own.

    Odoo loads an addon's demo data only where all modules that it depends on have theirs, and theirs are companies and
    partners from elsewhere that have no place in a water utility's office. So the core modules are marked as having
    demo data while ours are loaded (docs/adr/0004-embedded-database.md).
    """
    installed = ask(site, "modules", database=database)
    without = [name for name, has_demo in installed.items() if not has_demo]
    ask(site, "set_demo", database=database, names=without, value=True)
    run_odoo(
        site, "Installing the suite", *_install(site, database, addons), "--with-demo", progress=progress
    )
    ask(site, "set_demo", database=database, names=without, value=False)
    now = ask(site, "modules", database=database)
    if missing := [name for name in addons if name not in now]:
        raise Problem(f"These addons were not installed: {', '.join(missing)}.")


def ensure_suite(site: Site, name: str) -> None:
    """The database with the suite, its demo data and the played demo. An older one is brought up to date on a copy."""
    recover(site, name)
    state = state_of(site, name)
    wanted = suite_state(site)
    if state is not None and not state.get("addons"):
        raise Problem(
            f"There is a database {name}, and it was not made by ./pwik: nothing in it is touched.",
            "Name another one by PWIK_DB.",
        )
    if state is None:
        _make_suite(site, name)
    elif state["addons"] != wanted["addons"]:
        _upgrade_suite(site, name, state, wanted)


def _make_suite(site: Site, name: str) -> None:
    base = ensure_base(site)

    def build(draft: str) -> dict:
        clone(site, base, draft)
        if site.addons:
            with step("Database: the suite and its demo data") as progress:
                install_suite(site, draft, site.addons, progress)
        with step("Demo: play"):
            folder = os.fspath(site.settings.bank_files)
            call(site, draft, "tools.demo.play:play", "Playing the demo", bank_folder=folder)
        return {**suite_state(site), "passwords": passwords_key(site)}

    make(site, name, build)


def _upgrade_suite(site: Site, name: str, state: dict, wanted: dict) -> None:
    """Bring a database up to date on a copy, so that a failure leaves the old one as it was."""
    changed = [a for a, key in wanted["addons"].items() if a in state["addons"] and state["addons"][a] != key]
    new = [a for a in wanted["addons"] if a not in state["addons"]]

    def build(draft: str) -> dict:
        clone(site, name, draft)
        ask(site, "set_state", database=draft, value={})  # not whole until it is
        with step(f"Database: update of {', '.join(changed + new)}") as progress:
            hint = "The database is as it was. A new one, keeping this one aside: ./pwik db reset"
            if lacking := set(site.core) - set(ask(site, "modules", database=draft)):
                run_odoo(
                    site, "Installing Odoo's modules", *_install(site, draft, sorted(lacking)), hint=hint
                )
            if changed:
                run_odoo(
                    site, "The update", *_install(site, draft, changed, "-u"), progress=progress, hint=hint
                )
            if new:
                install_suite(site, draft, new, progress)
        return {**state, **wanted}

    make(site, name, build)


def passwords_key(site: Site) -> str:
    return hashlib.sha256(json.dumps(demo.passwords(site.settings), sort_keys=True).encode()).hexdigest()[:16]


def ensure_passwords(site: Site, name: str) -> None:
    """Set the passwords again where their file was lost since (or belongs to another checkout)."""
    state = state_of(site, name)
    if state.get("passwords") == passwords_key(site):
        return
    with step("Demo: passwords"):
        call(site, name, "tools.pwik_cli.inside.passwords:set_passwords", "Setting the passwords")
    ask(site, "set_state", database=name, value={**state, "passwords": passwords_key(site)})


def reset(site: Site, name: str) -> None:
    """Put a database aside (one step back is kept), so that the next run makes a new one."""
    if state_of(site, name) is None:
        say(f"    There is no database {name}.")
        return
    rename(site, name, f"{name}_before_reset")
    say(f"    The database {name} is now {name}_before_reset (the one before it is gone).")
    say(f"    Back to it: PWIK_DB={name}_before_reset ./pwik run. A new one: ./pwik run")
