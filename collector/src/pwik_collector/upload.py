"""Handing exported dumps to the server, once each, over Odoo's JSON-2 API with an API key.

``POST <url>/json/2/<model>/<method>`` with ``Authorization: bearer <key>``, ``X-Odoo-Database`` and the method's named
arguments as a JSON object. What was taken is noted by its sha256 in a ledger beside the files; the server knows dumps by
their sha256 as well, so an upload whose answer was lost can safely be repeated.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import os
import random
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from . import __version__
from .dump import sync_folder
from .errors import UploadError
from .export import SUFFIX
from .texts import clean, os_reason, tr

MODEL, METHOD = "pwik.radio.dump", "upload"
LEDGER = ".pwik-uploaded.jsonl"
_LARGEST = 90 * 1024 * 1024  # the server's body limit is 128 MiB, base64 takes a third more
_TIMEOUT = 120.0
_ATTEMPTS = 6
_BACKOFF = (1.0, 60.0)
_TRANSIENT = frozenset((408, 425, 429, 500, 502, 503, 504))
_ANSWER = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """Where to upload to. ``key`` is the API key; it is in no message and no representation."""

    url: str
    database: str
    key: str

    def __repr__(self) -> str:
        return f"Server({self.url!r}, {self.database!r})"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What became of a file: the server's record and state, and whether it was known before."""

    path: Path
    sha256: str
    id: int
    state: str
    duplicate: bool
    already_noted: bool = False


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to another place and turn POST into GET."""

    def redirect_request(self, *_args, **_kwargs):
        return None


def check_url(url: str, *, allow_http: bool = False) -> str:
    """The base address without a trailing slash. Raises :class:`UploadError` for one that would send the key in the clear."""
    parts = urllib.parse.urlsplit(url)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.username
        or parts.query
        or parts.fragment
    ):
        raise UploadError(tr("{url} is no web address like https://example.org.", url=clean(url)))
    if parts.scheme == "http" and not allow_http and not _is_local(parts.hostname):
        raise UploadError(
            tr("The key would travel unencrypted: use https, or --allow-http in your own network.")
        )
    return url.rstrip("/")


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_key(file: Path | None, environment: Mapping[str, str] = os.environ) -> str:
    """The API key from a file, else from ``PWIK_API_KEY``; never from the command line, where others see it."""
    if file is None:
        key = environment.get("PWIK_API_KEY", "").strip()
        if not key:
            raise UploadError(tr("No API key: set PWIK_API_KEY or give --key-file."))
    else:
        try:
            if os.name == "posix" and file.stat().st_mode & 0o077:
                raise UploadError(tr("Others may read the key file {path}; run: chmod 600 {path}", path=file))
            key = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UploadError(tr("Cannot read the key file {path}.", path=file)) from error
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise UploadError(tr("The API key is empty or has characters that no key has."))
    return key


class Client:
    """A caller of methods on the server, with patience: what may pass is tried again, ever more slowly."""

    def __init__(
        self,
        server: Server,
        *,
        attempts: int = _ATTEMPTS,
        timeout: float = _TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
        report: Callable[[str], None] = lambda text: None,
    ):
        self.server = server
        self._attempts = attempts
        self._timeout = timeout
        self._sleep = sleep
        self._report = report
        self._opener = urllib.request.build_opener(_NoRedirect)

    def call(self, model: str, method: str, **arguments: object) -> object:
        """Call a method with named arguments and give its result. Raises :class:`UploadError`."""
        for attempt in range(1, self._attempts + 1):
            try:
                return self._call_once(model, method, arguments)
            except UploadError as error:
                if error.permanent or attempt == self._attempts:
                    raise
                pause = min(_BACKOFF[0] * 2 ** (attempt - 1), _BACKOFF[1])
                pause = max(pause * random.uniform(0.7, 1.3), min(error.retry_after or 0, _BACKOFF[1]))
                self._report(
                    tr(
                        "{reason} Trying again in {seconds} s ({attempt} of {attempts}).",
                        reason=error,
                        seconds=f"{pause:.0f}",
                        attempt=attempt,
                        attempts=self._attempts,
                    )
                )
                self._sleep(pause)
        raise AssertionError("unreachable")

    def _call_once(self, model: str, method: str, arguments: Mapping[str, object]) -> object:
        body = {**arguments, "context": {"lang": "pl_PL"}}
        request = urllib.request.Request(
            f"{self.server.url}/json/2/{model}/{method}",
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"bearer {self.server.key}",
                "Content-Type": "application/json",
                "X-Odoo-Database": self.server.database,
                "User-Agent": f"pwik-collector/{__version__}",
            },
            method="POST",
        )
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return json.loads(response.read(_ANSWER))
        except urllib.error.HTTPError as error:
            with error:
                raise _http_error(error) from None
        except (OSError, urllib.error.URLError) as error:
            reason = getattr(error, "reason", error)
            words = os_reason(reason) if isinstance(reason, OSError) else clean(str(reason))
            raise UploadError(
                tr("The server cannot be reached ({reason}).", reason=words), permanent=False
            ) from None
        except ValueError as error:
            raise UploadError(tr("The answer is not that of an Odoo server; check the address.")) from error


def _http_error(error: urllib.error.HTTPError) -> UploadError:
    """Turn an error answer into words; Odoo's JSON-2 sends ``{"name", "message", ...}``."""
    try:
        message = clean(str(json.loads(error.read(_ANSWER))["message"]))[:300]
    except (ValueError, KeyError, TypeError, OSError):
        message = HTTPStatus(error.code).phrase if error.code in HTTPStatus._value2member_map_ else ""
    if error.code == 401:
        text = tr(
            "The server refuses the key: it is wrong, was removed or ran out."
            " Make a new one in Odoo (Radio reading › Collector)."
        )
    elif error.code == 403:
        text = tr("The user of this key may not upload dumps ({message}).", message=message)
    elif error.code == 404:
        text = tr("No such database or method on the server; check address and database.")
    elif error.code == 413:
        text = tr("The file is too large for the server.")
    elif 300 <= error.code < 400:
        text = tr("The server points elsewhere; give its final address as --url.")
    else:
        text = tr("The server answers {code}: {message}", code=error.code, message=message)
    wait = error.headers.get("Retry-After", "") if error.headers else ""
    return UploadError(
        text, permanent=error.code not in _TRANSIENT, retry_after=float(wait) if wait.isdigit() else None
    )


class Ledger:
    """What a server took already: lines of JSON in the folder of the files, by sha256, address and database."""

    def __init__(self, folder: Path, server: Server):
        self._path = folder / LEDGER
        self._where = {"url": server.url, "database": server.database}
        self._known: dict[str, dict] = {}
        if self._path.exists():
            for raw in self._path.read_bytes().splitlines():
                try:
                    row = json.loads(raw)
                    if all(row.get(name) == value for name, value in self._where.items()):
                        self._known[row["sha256"]] = row
                except (ValueError, KeyError, TypeError, AttributeError):
                    continue  # a line torn by a power cut: the upload is repeated, which does no harm

    def get(self, sha256: str) -> dict | None:
        """The note of a content that was taken, None for a new one."""
        return self._known.get(sha256)

    def add(self, done: Uploaded) -> None:
        """Note a content as taken; on disk on return."""
        row = {
            "sha256": done.sha256,
            "file": done.path.name,
            "id": done.id,
            "state": done.state,
            **self._where,
        }
        new = not self._path.exists()
        with open(self._path, "ab+") as stream:
            stream.seek(0, os.SEEK_END)
            if stream.tell():
                stream.seek(-1, os.SEEK_END)
                if stream.read(1) != b"\n":
                    stream.write(b"\n")
            stream.write(json.dumps(row).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        if new:
            sync_folder(self._path.parent)
        self._known[done.sha256] = row


def state_text(state: str) -> str:
    """What the server does with a dump, in words; a state that it has since learned goes by its own name."""
    return {
        "new": tr("waits to be processed"),
        "in_progress": tr("is being processed"),
        "done": tr("processed"),
        "error": tr("cannot be read"),
    }.get(state, state)


def upload(path: Path, client: Client) -> Uploaded:
    """Hand one exported dump to the server unless it has it. Raises :class:`UploadError`."""
    if not path.name.endswith(SUFFIX):
        raise UploadError(tr("{path} is no exported dump (*.jsonl.gz); run export first.", path=path))
    try:
        if path.stat().st_size > _LARGEST:
            raise UploadError(tr("The file is too large for the server."))
        content = path.read_bytes()
    except OSError as error:
        raise UploadError(tr("Cannot read {path}: {reason}", path=path, reason=os_reason(error))) from error
    sha256 = hashlib.sha256(content).hexdigest()
    ledger = Ledger(path.parent, client.server)
    note = ledger.get(sha256)
    if note:
        return Uploaded(
            path, sha256, note.get("id") or 0, str(note.get("state") or ""), True, already_noted=True
        )
    answer = client.call(MODEL, METHOD, filename=path.name, content=base64.b64encode(content).decode())
    if not isinstance(answer, dict) or not isinstance(answer.get("id"), int):
        raise UploadError(tr("The answer is not that of an Odoo server; check the address."))
    done = Uploaded(
        path, sha256, answer["id"], clean(str(answer.get("state") or "")), bool(answer.get("duplicate"))
    )
    ledger.add(done)
    return done


def check_login(client: Client, login: str) -> None:
    """Make sure that the key is this login's, so that nobody uploads under another's name. Raises :class:`UploadError`."""
    context = client.call("res.users", "context_get")
    uid = context.get("uid") if isinstance(context, dict) else None
    rows = client.call("res.users", "read", ids=[uid], fields=["login"]) if uid else []
    found = rows[0].get("login") if isinstance(rows, list) and rows and isinstance(rows[0], dict) else None
    if found != login:
        raise UploadError(tr("The API key does not belong to {login}.", login=clean(login)))
