"""The virtual environments: found Python, locked requirements, a marker that says when one is whole."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import shutil
import sys
from dataclasses import dataclass

from . import packages
from .paths import Settings
from .process import capture, have, run_logged
from .say import Problem, say, step

OLDEST, NEWEST = (3, 11), (3, 13)
ASK = "import json, sys; print(json.dumps([list(sys.version_info[:2]), sys.executable]))"


@dataclass(frozen=True)
class Python:
    path: pathlib.Path
    version: tuple[int, int]

    @property
    def suits(self) -> bool:
        return OLDEST <= self.version <= NEWEST


def _look_at(program: str) -> Python | None:
    answer = capture([program, "-I", "-c", ASK])
    if answer is None:
        return None
    version, path = json.loads(answer)
    return Python(pathlib.Path(path), (version[0], version[1]))


def find_python() -> Python:
    """The interpreter that makes the environments: ours if it suits, else the first on the PATH that does.

    Raises Problem where no Python from OLDEST to NEWEST is found.
    """
    ours = Python(pathlib.Path(sys.executable), (sys.version_info[0], sys.version_info[1]))
    if ours.suits and sys.prefix == sys.base_prefix:
        return ours
    names = [
        "/usr/bin/python3",
        "python3",
        *(f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)),
    ]
    found = [python for name in names if (python := _look_at(name))]
    for python in found:
        if python.suits:
            return python
    seen = ", ".join(sorted({f"{p.version[0]}.{p.version[1]}" for p in found})) or "none"
    raise Problem(
        f"Odoo 19 and this project need Python 3.{OLDEST[1]} to 3.{NEWEST[1]}; found here: {seen}.",
        "Install one of them and put it on the PATH, or use Docker.",
    )


def system_needs(python: Python) -> list[str]:
    """The system packages without which `python` cannot make an environment, or would lack a library in it."""
    cairo = ["libcairo2"] if python.version >= (3, 13) else []  # see requirements/run.in
    if capture([os.fspath(python.path), "-c", "import ensurepip, venv"]) is not None:
        return cairo
    return [*cairo, "python3-venv"] if python.path.is_relative_to("/usr") else cairo


def fingerprint(python: Python, locks: list[pathlib.Path]) -> str:
    digest = hashlib.sha256(f"{python.path} {python.version}".encode())
    for lock in locks:
        digest.update(lock.read_bytes())
    return digest.hexdigest()


def is_whole(venv: pathlib.Path, name: str, locks: list[pathlib.Path], python: Python) -> bool:
    marker = venv / f".complete-{name}"
    try:
        if marker.read_text().strip() != fingerprint(python, locks):
            return False
    except OSError:
        return False
    return capture([os.fspath(venv / "bin/python"), "-c", "import sys"]) is not None


def _is_for(program: pathlib.Path, python: Python) -> bool:
    """Whether an environment's Python runs, has pip, and is of the version that is wanted."""
    answer = capture([os.fspath(program), "-c", "import pip, sys; print(*sys.version_info[:2])"])
    return answer is not None and tuple(map(int, answer.split())) == python.version


def ensure(
    settings: Settings, venv: pathlib.Path, name: str, title: str, lock_names: tuple[str, ...]
) -> pathlib.Path:
    """Make the environment hold what the lock files say; seconds when it does already. Returns its Python.

    An environment that was never finished is begun anew; one that was whole for older lock files is brought up to date.
    """
    python = find_python()
    locks = [settings.root / "requirements" / lock for lock in lock_names]
    program = venv / "bin/python"
    if is_whole(venv, name, locks, python):
        return program
    packages.ensure(system_needs(python), settings.log / "apt.log")
    log = settings.log / "pip.log"
    if not list(venv.glob(".complete-*")) or not _is_for(program, python):
        if venv.exists():
            say(f"    {venv.name} was left half made, or is another Python's: beginning it anew")
            shutil.rmtree(venv)
        with step(f"Virtual environment (Python {python.version[0]}.{python.version[1]})"):
            run_logged([python.path, "-m", "venv", venv], log, "Making the virtual environment")
    marker = venv / f".complete-{name}"
    marker.unlink(missing_ok=True)
    command = [
        program,
        "-m",
        "pip",
        "install",
        "--no-deps",  # the lock is whole, and leaves out on purpose what overrides.txt names
        "--disable-pip-version-check",
        "--no-input",
        "--no-warn-script-location",
    ]
    for lock in locks:
        command += ["-r", lock]
    with step(title) as progress:

        def show(line: str) -> None:
            if line.startswith(("Collecting ", "Downloading ", "Building ", "Installing ")):
                progress.note(" ".join(line.split()[:2])[:60])

        run_logged(command, log, "pip install", env=pip_environ(settings), on_line=show)
        marker.write_text(fingerprint(python, locks))
    return program


def pip_environ(settings: Settings) -> dict[str, str]:
    """The caller's environment, so that pip's own settings hold, without what leads it to another Python's packages."""
    environ = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET")
    }
    # Nothing outside our own folder, unless the caller has named one.
    environ.setdefault("PIP_CACHE_DIR", str(settings.local / "cache" / "pip"))
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    if not any(k in environ for k in ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")) and os.path.exists(
        bundle
    ):
        # Older pips carry their own list of authorities and do not know those that this system's owner added.
        if not _pip_has_cert(environ):
            environ["PIP_CERT"] = bundle
    return environ


def _pip_has_cert(environ: dict[str, str]) -> bool:
    files = [
        "/etc/pip.conf",
        os.path.expanduser("~/.config/pip/pip.conf"),
        os.path.expanduser("~/.pip/pip.conf"),
    ]
    files.append(environ.get("PIP_CONFIG_FILE", ""))
    for name in filter(None, files):
        try:
            text = pathlib.Path(name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if any(line.strip().startswith("cert") for line in text.splitlines()):
            return True
    return False


def ensure_run(settings: Settings) -> pathlib.Path:
    return ensure(settings, settings.venv, "run", "Python packages", ("run.txt",))


def ensure_test(settings: Settings) -> pathlib.Path:
    ensure_run(settings)
    return ensure(settings, settings.venv, "test", "Python packages for the tests", ("test.txt",))


def ensure_lint(settings: Settings) -> pathlib.Path:
    return ensure(settings, settings.venv_lint, "lint", "Checkers", ("lint.txt",))


def has_module(program: str, module: str) -> bool:
    return have(program) and capture([program, "-c", f"import {module}"]) is not None
