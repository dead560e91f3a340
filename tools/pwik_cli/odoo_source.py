"""Odoo 19: the folder that ODOO_SOURCE names, or Debian's package unpacked below `.local/`, never installed."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
from dataclasses import dataclass

from . import apt_sources, users
from .packages import DOCKER_HINT, is_debian, os_release
from .paths import Settings
from .process import run_logged
from .say import Problem, Step, say, step

SERIES = 19
FROM_SID = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-montserrat",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-ocr-b",
)
# Of the system's own suite: the 7.x that sid carries lacks the files of 4.7, which Odoo's pages name.
FROM_OWN_SUITE = ("fonts-font-awesome",)
#: Odoo's package lacks the background blur of video calls, and each page of the office says so in the browser's console, which
#: is an error to Odoo's own tests. Nothing here makes video calls.
LACKING = pathlib.Path("odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js")
EXPIRED = re.compile(r"is expired|is not valid anymore|Valid-Until", re.IGNORECASE)
WAYS_OUT = (
    "Set ODOO_SOURCE to a folder with Odoo 19 (git clone --depth 1 --branch 19.0 of Odoo Community, for instance), or use "
    "Docker: `docker compose up` takes the official image of Odoo 19 (see CONTRIBUTING.md)."
)


@dataclass(frozen=True)
class Odoo:
    """An Odoo source that can be run: what goes on PYTHONPATH, and its own addons."""

    python_path: pathlib.Path
    addons: tuple[pathlib.Path, ...]
    version: str


def ensure(settings: Settings) -> Odoo:
    """The Odoo to run; fetched where none is named and none is there yet. Raises Problem where it cannot be had."""
    if settings.odoo_source:
        return _named(settings)
    if not settings.odoo.is_dir():
        if not is_debian():
            raise Problem(
                "Odoo 19 is fetched from Debian's archive, and this system is not Debian with apt.",
                DOCKER_HINT,
            )
        _fetch(settings)
    odoo = inspect(settings.odoo / "usr/lib/python3/dist-packages")
    complete(odoo)
    return odoo


def complete(odoo: Odoo) -> None:
    """Lay down what Debian's package lacks and Odoo's pages name."""
    lacking = odoo.python_path / LACKING
    if not lacking.exists():
        lacking.parent.mkdir(parents=True, exist_ok=True)
        lacking.write_text("// Debian's package has no background blur of video calls.\n", encoding="utf-8")


def _named(settings: Settings) -> Odoo:
    source = settings.odoo_source
    for folder in (source, source.parent, source / "usr/lib/python3/dist-packages"):
        if (folder / "odoo" / "release.py").is_file():
            odoo = inspect(folder)
            break
    else:
        raise Problem(f"ODOO_SOURCE is {source}, and there is no odoo/release.py in it.", WAYS_OUT)
    if folder.name.endswith("-packages"):
        # Such a folder holds other packages too, which would hide those of our environment: link Odoo alone.
        link = settings.local / "odoo-link" / "odoo"
        link.parent.mkdir(exist_ok=True)
        if link.is_symlink() or link.exists():
            link.unlink()
        link.symlink_to(folder / "odoo")
        return Odoo(link.parent, (link / "addons",), odoo.version)
    return odoo


def inspect(folder: pathlib.Path) -> Odoo:
    """The Odoo whose package `odoo` lies in the folder. Raises Problem where it is not of our series."""
    try:
        text = (folder / "odoo" / "release.py").read_text(encoding="utf-8")
    except OSError as error:
        raise Problem(f"{folder} holds no whole Odoo.", "Delete that folder and run again.") from error
    match = re.search(r"version_info\s*=\s*\(\s*([^,]+),\s*(\d+)", text)
    version = f"{match[1].strip(chr(39) + chr(34))}.{match[2]}" if match else "unknown"
    if version.split(".")[0].removeprefix("saas~") != str(SERIES):
        raise Problem(f"The Odoo in {folder} is {version}; this project is made for {SERIES}.0.", WAYS_OUT)
    inner, outer = folder / "odoo" / "addons", folder / "addons"
    # A package has all addons inside; a git checkout has only `base` and a few there, and the rest beside.
    return Odoo(folder, (inner,) if (inner / "web").is_dir() else (inner, outer), version)


def _fetch(settings: Settings) -> None:
    codename = os_release().get("VERSION_CODENAME", "")
    source = apt_sources.debian_source(codename)
    folder = settings.local / "apt"
    log = settings.log / "odoo.log"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    fetcher = users.other_user("_apt") if os.geteuid() == 0 else None
    conf = apt_sources.write_private_folder(
        folder, source, [source.suite, "sid"], sandbox=fetcher is None or users.can_reach(fetcher, folder)
    )
    if fetcher and users.can_reach(fetcher, folder):
        os.chown(folder / "debs", fetcher.uid, fetcher.gid)
    with step(f"Package lists of Debian {source.suite} and sid"):
        _update(conf, log)
    packages = [f"{name}/sid" for name in FROM_SID] + [f"{name}/{source.suite}" for name in FROM_OWN_SUITE]
    with step("Odoo 19: download (125 MB)") as progress:
        watch(progress, folder / "debs")
        _download(conf, packages, folder / "debs", log)
    unpacked = settings.local / "odoo.new"
    shutil.rmtree(unpacked, ignore_errors=True)
    with step("Odoo 19: unpack"):
        for archive in sorted((folder / "debs").glob("*.deb")):
            run_logged(["dpkg-deb", "-x", archive, unpacked], log, f"Unpacking {archive.name}")
    inspect(unpacked / "usr/lib/python3/dist-packages")
    unpacked.rename(settings.odoo)
    shutil.rmtree(folder, ignore_errors=True)


def _update(conf: pathlib.Path, log: pathlib.Path) -> None:
    command = ["apt-get", "-c", conf, "update"]
    try:
        run_logged(command, log, "Reading the package lists", env=_english(), hint=WAYS_OUT)
    except Problem as problem:
        if not EXPIRED.search(problem.what):
            raise
        say(
            "    The mirror is a snapshot: its lists have expired. Their signature is checked, their age is not."
        )
        run_logged(
            [*command, "-o", "Acquire::Check-Valid-Until=false"],
            log,
            "Reading the package lists",
            env=_english(),
        )


def _download(conf: pathlib.Path, packages: list[str], folder: pathlib.Path, log: pathlib.Path) -> None:
    try:
        command = ["apt-get", "-c", conf, "download", *packages]
        run_logged(command, log, "Downloading Odoo", cwd=folder, env=_english(), hint=WAYS_OUT)
    except Problem as problem:
        if re.search(
            rf"(Unable to locate package|Release .* for|Version .* for) '?{FROM_SID[0]}", problem.what
        ):
            raise Problem(f"Debian's sid no longer carries {FROM_SID[0]}.", WAYS_OUT) from problem
        raise


def watch(progress: Step, folder: pathlib.Path) -> None:
    """Let the step show how many megabytes lie in the folder."""

    def measure() -> str:
        try:
            return (
                f"{sum(path.stat().st_size for path in folder.rglob('*') if path.is_file()) // 1_000_000} MB"
            )
        except OSError:
            return ""

    progress.measure = measure


def _english() -> dict[str, str]:
    """apt's messages are read above, so they must be in one language."""
    return {**os.environ, "LC_ALL": "C.UTF-8"}
