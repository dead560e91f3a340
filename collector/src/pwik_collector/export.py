"""Closing a tour: the dump checked, compressed and put in place under its final name in one step.

The name holds the tour, the time of the first telegram and the check sum of the content. The same dump always gives the same
bytes, so a repeated export, and whoever takes it in, sees at once that it is the same.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from .dump import DumpWriter, read, sync_folder
from .errors import DumpError
from .texts import os_reason, tr

SUFFIX = ".jsonl.gz"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export made: the file, its telegrams and speakers, and the lines left out as unreadable."""

    path: Path
    sha256: str
    lines: int
    speakers: int
    bad: int


def export(source: Path, folder: Path, *, name: str | None = None, keep: bool = False) -> Exported:
    """Compress a dump into ``folder`` as ``<name>_<time>_<sha256[:12]>.jsonl.gz``; then close the source unless ``keep``.

    A closed source stays beside as ``<source>.closed-<sha256[:12]>``, so that nothing goes on to be written into it.
    Raises :class:`DumpError` when there is nothing to export, a collector still writes to it, or the folder refuses.
    """
    if not source.is_file():
        raise DumpError(tr("There is no dump file {path}.", path=source))
    writer = DumpWriter(source)  # takes the lock and cuts a torn end
    try:
        if not writer.lines:
            raise DumpError(tr("{path} holds no telegrams.", path=source))
        made = _compress(source, folder, name or source.name.split(".")[0], writer.known[0].ts)
    except OSError as error:
        raise DumpError(
            tr("Cannot write to {path}: {reason}", path=folder, reason=os_reason(error))
        ) from error
    finally:
        writer.close()
    if not keep:
        os.replace(source, source.with_name(f"{source.name}.closed-{made.sha256[:12]}"))
        sync_folder(source.parent)
    return made


def _compress(source: Path, folder: Path, name: str, first: datetime) -> Exported:
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{source.name}.{os.getpid()}.part"
    lines = bad = 0
    speakers = set()
    try:
        with open(source, "rb") as raw, open(part, "wb") as target:
            # No file name and no time in the header: the same dump gives the same bytes.
            with gzip.GzipFile(filename="", mode="wb", fileobj=target, mtime=0) as packed:
                for row in read(raw):
                    if row.line is None:
                        bad += 1
                        continue
                    packed.write(row.line.encode())
                    lines += 1
                    speakers.add(row.line.address.key)
            target.flush()
            os.fsync(target.fileno())
        sha256 = hashlib.sha256(part.read_bytes()).hexdigest()
        moment = first.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        final = folder / f"{safe_name(name)}_{moment}_{sha256[:12]}{SUFFIX}"
        os.replace(part, final)
        sync_folder(folder)
    finally:
        part.unlink(missing_ok=True)
    return Exported(final, sha256, lines, len(speakers), bad)


def safe_name(name: str) -> str:
    """A name that is safe as part of a file name everywhere; never empty, never hidden."""
    return re.sub(r"[^0-9A-Za-z_-]+", "-", name).strip("-")[:60] or "tour"
