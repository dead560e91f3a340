"""Packages of the operating system: asked for once, only those that are absent."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Mapping

from . import lock
from .process import capture, have, run_logged, sudo
from .say import Problem, step

FOR_RUN = ("ca-certificates",)
# The browser; what the program that steers it needs; a second hand to check our signatures with.
FOR_TESTS = ("chromium", "libatomic1", "xmlsec1")
DOCKER_HINT = (
    "Use Docker (`docker compose up`, see CONTRIBUTING.md), or name an Odoo 19 folder by ODOO_SOURCE."
)


def os_release(path: pathlib.Path = pathlib.Path("/etc/os-release")) -> dict[str, str]:
    """The fields of os-release; empty where there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {key: value.strip().strip("\"'") for key, value in pairs}


def is_debian() -> bool:
    return os_release().get("ID") == "debian" and have("apt-get") and have("dpkg-deb")


def absent(packages: Iterable[str]) -> list[str]:
    """Which of the packages are not installed."""
    out = []
    for package in packages:
        # A virtual package (where a library became its own …t64) shows up under its provider's name only.
        query = "${Package} ${db:Status-Status} ${Provides}\n"
        found = (
            capture(["dpkg-query", "-W", "-f", query, package])
            or capture(["dpkg-query", "-W", "-f", query])
            or ""
        )
        if not any(_installed(line, package) for line in found.splitlines()):
            out.append(package)
    return out


def _installed(line: str, package: str) -> bool:
    name, _, rest = line.partition(" ")
    status, _, provides = rest.partition(" ")
    provided = {part.split()[0] for part in provides.split(",") if part.strip()}
    return status == "installed" and (name == package or package in provided)


def ensure(packages: Iterable[str], log: pathlib.Path) -> None:
    """Install what is absent, in one call. Raises Problem where this system or this user cannot."""
    packages = list(packages)
    if not have("dpkg-query"):
        # Another system: its own package manager has brought the libraries, or their user will say so when they lack.
        return
    if not absent(packages):
        return
    # The checkers may be prepared beside the tests, and apt waits for nobody.
    with lock.exclusive(log.with_suffix(".lock"), "installing system packages"):
        if missing := absent(packages):
            _install(missing, log)


def _install(missing: list[str], log: pathlib.Path) -> None:
    if not have("apt-get"):
        raise Problem(f"These packages are needed and absent: {' '.join(missing)}.", DOCKER_HINT)
    prefix = sudo()
    by_hand = f"By hand: sudo apt-get update && sudo apt-get install {' '.join(missing)}"
    # sudo drops the environment; env carries over what apt must know, and nothing else.
    prefix = [*prefix, "env", *_carried(os.environ), "DEBIAN_FRONTEND=noninteractive"]
    install = [*prefix, "apt-get", "install", "--yes", "--no-install-recommends", *missing]
    if os.isatty(0) and prefix[0] == "sudo":
        # The password is asked before the progress line starts to redraw itself over the question.
        import subprocess

        subprocess.run(["sudo", "-v"], check=False)
    with step(f"System packages: {' '.join(missing)}"):
        try:
            run_logged(install, log, "apt-get install", hint=by_hand)
        except Problem:  # most often: lists that are absent or old
            run_logged([*prefix, "apt-get", "update"], log, "apt-get update", hint=by_hand)
            run_logged(install, log, "apt-get install", hint=by_hand)


def _carried(environ: Mapping[str, str]) -> list[str]:
    return [
        f"{name}={environ[name]}" for name in ("http_proxy", "https_proxy", "no_proxy") if name in environ
    ]
