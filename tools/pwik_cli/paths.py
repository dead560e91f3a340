"""Where things are, and what the environment says about it."""

from __future__ import annotations

import os
import pathlib
from dataclasses import dataclass

from .say import Problem

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """The settings of one call. Every path below `local` is made by us and may be deleted."""

    root: pathlib.Path
    local: pathlib.Path
    port: int
    database: str
    odoo_source: pathlib.Path | None

    @property
    def addons(self) -> pathlib.Path:
        return self.root / "addons"

    @property
    def venv(self) -> pathlib.Path:
        return self.local / "venv"

    @property
    def venv_lint(self) -> pathlib.Path:
        return self.local / "venv-lint"

    @property
    def odoo(self) -> pathlib.Path:
        return self.local / "odoo"

    @property
    def postgres(self) -> pathlib.Path:
        return self.local / "postgres"

    @property
    def data(self) -> pathlib.Path:
        """Odoo's data folder: file store and sessions."""
        return self.local / "data"

    @property
    def bytecode(self) -> pathlib.Path:
        """Where Python keeps what it compiled: not beside the sources, and not anew at each of Odoo's starts."""
        return self.local / "cache" / "python"

    @property
    def log(self) -> pathlib.Path:
        return self.local / "log"

    @property
    def conf(self) -> pathlib.Path:
        return self.local / "odoo.conf"

    @property
    def passwords(self) -> pathlib.Path:
        return self.local / "passwords.json"

    @property
    def screenshots(self) -> pathlib.Path:
        return self.local / "screenshots"

    @property
    def drop(self) -> pathlib.Path:
        """Where dumps of the collector are put; a scheduled action takes them."""
        return self.local / "drop"

    @property
    def bank_files(self) -> pathlib.Path:
        """Statements of the demo's bank, for whoever tries their import."""
        return self.local / "demo-bank"


def read_settings(environ: dict[str, str] | None = None) -> Settings:
    """Read the environment. Raises Problem for a port that is none or a source folder that is not there."""
    environ = dict(os.environ) if environ is None else environ
    port = environ.get("PWIK_PORT") or "8069"
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        raise Problem(f"PWIK_PORT is {port!r}: a port is a number from 1 to 65535.")
    source = environ.get("ODOO_SOURCE")
    return Settings(
        root=ROOT,
        local=pathlib.Path(environ.get("PWIK_LOCAL") or ROOT / ".local").absolute(),
        port=int(port),
        database=environ.get("PWIK_DB") or environ.get("PGDATABASE") or "pwik",
        odoo_source=pathlib.Path(source).expanduser().absolute() if source else None,
    )


def prepare_local(settings: Settings) -> None:
    """Make the folder for everything that we make. Raises Problem where that cannot be."""
    try:
        for folder in (settings.local, settings.log):
            folder.mkdir(parents=True, exist_ok=True)
        probe = settings.local / f".probe-{os.getpid()}"
        probe.write_text("x")
        probe.unlink()
    except OSError as error:
        raise Problem(
            f"Cannot write to {settings.local}: {error.strerror}.",
            "Free some space, or name another folder by PWIK_LOCAL.",
        ) from error
