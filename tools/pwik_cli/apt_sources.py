"""Reads the system's own package sources and derives a private apt folder from them.

Nothing below /etc/apt is changed: the private folder takes the mirror, the keyring and (as apt does by itself) the proxy
from there, and adds the suite that carries Odoo. Signatures are always checked.
"""

from __future__ import annotations

import pathlib
import re
from dataclasses import dataclass

from .say import Problem

ETC_APT = pathlib.Path("/etc/apt")
ARCHIVE_KEYRING = "debian-archive-keyring"


@dataclass(frozen=True)
class Source:
    """One binary source of the system. `signed_by` is the option's text: paths, a fingerprint or a whole key."""

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""

    @property
    def likeness(self) -> int:
        """How much this looks like a mirror of Debian's own archive (0: not at all)."""
        if "main" not in self.components or re.search(r"-security|debian-security", self.uri + self.suite):
            return 0
        host = self.uri.split("//", 1)[-1].split("/", 1)[0]
        return (
            4 * (host == "debian.org" or host.endswith(".debian.org"))
            + 2 * (self.uri.rstrip("/").endswith("/debian"))
            + 2 * (ARCHIVE_KEYRING in self.signed_by)
        )


def parse_deb822(text: str) -> list[Source]:
    """The enabled binary sources of a `.sources` file."""
    out: list[Source] = []
    for stanza in re.split(r"\n(?:[ \t]*\n)+", text):
        fields: dict[str, str] = {}
        key = ""
        for line in stanza.splitlines():
            if line.startswith("#"):
                continue
            if line[:1] in (" ", "\t") and key:
                fields[key] += "\n" + line
            elif ":" in line:
                key, _, value = line.partition(":")
                key = key.strip().lower()
                fields[key] = value.strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in (
            "no",
            "false",
        ):
            continue
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                components = tuple(fields.get("components", "").split())
                out.append(Source(uri, suite, components, fields.get("signed-by", "")))
    return out


def parse_list(text: str) -> list[Source]:
    """The binary sources of a classic `.list` file."""
    out = []
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*([^#]*)", line)
        if match:
            options = dict(option.partition("=")[::2] for option in (match[1] or "").split())
            out.append(
                Source(
                    match[2],
                    match[3],
                    tuple(match[4].split()),
                    options.get("signed-by", "").replace(",", " "),
                )
            )
    return out


def system_sources(etc: pathlib.Path = ETC_APT) -> list[Source]:
    """All binary sources of the system, in apt's order."""
    out: list[Source] = []
    parts = etc / "sources.list.d"
    files = [etc / "sources.list", *(sorted(parts.iterdir()) if parts.is_dir() else ())]
    for path in files:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        out += parse_deb822(text) if path.suffix == ".sources" else parse_list(text)
    return out


def debian_source(codename: str, etc: pathlib.Path = ETC_APT) -> Source:
    """The source from which this system gets Debian itself. Raises Problem where none looks like it."""
    suites = {codename, "stable", "oldstable", "testing"}
    candidates = [s for s in system_sources(etc) if s.suite in suites and s.likeness]
    if not candidates:
        raise Problem(
            f"None of the sources below {etc} looks like a mirror of Debian's {codename or 'archive'}.",
            "Name an Odoo 19 folder by ODOO_SOURCE, or use Docker (see CONTRIBUTING.md).",
        )
    return max(candidates, key=lambda source: source.likeness)


def write_private_folder(
    folder: pathlib.Path, source: Source, suites: list[str], sandbox: bool
) -> pathlib.Path:
    """Write the private apt folder for some suites of the source's mirror. Returns the file for `apt-get -c`.

    `sandbox`: whether apt's own unprivileged user can reach the folder; where it cannot, apt fetches as who we are.
    """
    for name in ("lists/partial", "archives/partial", "debs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    lines = ["Types: deb", f"URIs: {source.uri}", f"Suites: {' '.join(suites)}", "Components: main"]
    if source.signed_by:
        lines.append(f"Signed-By: {source.signed_by}")
    sources = folder / "debian.sources"
    sources.write_text("\n".join(lines) + "\n", encoding="utf-8")
    conf = folder / "apt.conf"
    conf.write_text(
        f"""\
// Read after the system's own settings, so that its proxy holds, and then only this folder is used.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Default-Release;
Dir::Etc::sourcelist "{sources}";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "{folder}/lists";
Dir::Cache::archives "{folder}/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Retries "3";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
APT::Get::AllowUnauthenticated "false";
APT::Update::Error-Mode "any";
"""
        + ("" if sandbox else 'APT::Sandbox::User "root";\n'),
        encoding="utf-8",
    )
    return conf
