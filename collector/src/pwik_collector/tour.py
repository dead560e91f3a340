"""The tour file: which overlays are to be heard, in which order, at which address. It holds no keys.

JSON: ``{"tour": id, "name": text, "due": "YYYY-MM-DD" or null, "stops": [{"order", "address", "module", ...}]}``; ``module`` is
``MFR/ID/VERSION`` (version optional) or an id alone. What else a stop holds is ignored, but for keys: a file with keys is
refused, because it must not lie on this computer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .errors import TourError
from .telegram import Address
from .texts import clean, os_reason, tr

_LARGEST = 64 * 1024 * 1024
_MODULE = re.compile(r"(?:([A-Z]{3})/)?([0-9A-F]{1,8})(?:/[0-9A-Z]{1,3}){0,2}")
_SECRET = re.compile(r"(^|_)(key|aes|secret|klucz|password|haslo)(_|$)|aeskey", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stop:
    """One overlay of a tour; ``manufacturer`` is empty when the tour names only the id."""

    order: float
    address: str
    manufacturer: str
    id: str

    @property
    def module(self) -> str:
        """The overlay as people read it."""
        return f"{self.manufacturer} {self.id}".strip()


@dataclass(frozen=True, slots=True)
class Tour:
    """A tour with its stops in walking order."""

    id: str
    name: str
    due: date | None
    stops: tuple[Stop, ...]

    def index(self) -> dict[str, int]:
        """Overlay → place in ``stops``; an overlay is ``MFR/ID``, or ``ID`` alone where the tour gives no maker."""
        return {
            f"{stop.manufacturer}/{stop.id}" if stop.manufacturer else stop.id: place
            for place, stop in enumerate(self.stops)
        }


def find(index: Mapping[str, int], *addresses: Address) -> int | None:
    """The place in the tour of a speaker with these addresses, None for a stranger. What names the maker goes before."""
    for known in (*(address.key for address in addresses), *(address.id for address in addresses)):
        if known in index:
            return index[known]
    return None


def load(path: Path) -> Tour:
    """Read and check a tour file. Raises :class:`TourError` with the place of the mistake."""
    try:
        if path.stat().st_size > _LARGEST:
            raise TourError(tr("Tour file {path} is too large.", path=path))
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise TourError(
            tr("Cannot read the tour file {path}: {reason}", path=path, reason=os_reason(error))
        ) from error
    except UnicodeDecodeError as error:
        raise TourError(tr("Tour file {path} is no text in UTF-8.", path=path)) from error
    except (ValueError, RecursionError) as error:
        place = getattr(error, "lineno", "?")
        raise TourError(
            tr("Tour file {path} is no valid JSON (line {line}).", path=path, line=place)
        ) from error
    return parse(data)


def parse(data: object) -> Tour:
    """Make a tour of the decoded JSON. Raises :class:`TourError`."""
    if not isinstance(data, dict):
        raise TourError(tr("The tour file must hold one object with “tour” and “stops”."))
    _refuse_secrets(data, tr("the tour"))
    ident = data.get("tour")
    if isinstance(ident, bool) or not isinstance(ident, (str, int)) or ident == "":
        raise TourError(tr("The tour file lacks “tour” (the id of the tour)."))
    rows = data.get("stops")
    if not isinstance(rows, list) or not rows:
        raise TourError(tr("The tour file has no stops (“stops”)."))
    stops = [_stop(row, number) for number, row in enumerate(rows, 1)]
    seen: dict[tuple[str, str], int] = {}
    for number, stop in enumerate(stops, 1):
        before = seen.setdefault((stop.manufacturer, stop.id), number)
        if before != number:
            raise TourError(
                tr(
                    "Overlay {module} stands twice in the tour: stops {first} and {second}.",
                    module=stop.module,
                    first=before,
                    second=number,
                )
            )
    return Tour(
        id=clean(str(ident)),
        name=clean(str(data.get("name") or ident)),
        due=_due(data.get("due")),
        stops=tuple(sorted(stops, key=lambda stop: stop.order)),
    )


def _stop(row: object, number: int) -> Stop:
    if not isinstance(row, dict):
        raise TourError(tr("Stop {number}: must be an object.", number=number))
    _refuse_secrets(row, tr("stop {number}", number=number))
    order = row.get("order", number)
    if isinstance(order, bool) or not isinstance(order, (int, float)) or order != order:
        raise TourError(tr("Stop {number}: “order” must be a number.", number=number))
    if not isinstance(row.get("address"), str) or not row["address"].strip():
        raise TourError(tr("Stop {number}: the address is missing.", number=number))
    module = row.get("module")
    text = (
        str(module).strip().upper() if isinstance(module, (str, int)) and not isinstance(module, bool) else ""
    )
    match = _MODULE.fullmatch(text)
    if not match:
        raise TourError(
            tr(
                "Stop {number}: “module” must be MFR/ID/VERSION or an id, for example APA/12345678/14.",
                number=number,
            )
        )
    return Stop(order, clean(row["address"].strip()), match[1] or "", match[2].zfill(8))


def _due(value: object) -> date | None:
    if value in (None, "", False):
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise TourError(tr("“due” of the tour must be a date like 2026-04-30.")) from error


def _refuse_secrets(row: Mapping[str, object], where: str) -> None:
    for name, value in row.items():
        if _SECRET.search(str(name)) and value:
            raise TourError(
                tr(
                    "The tour file holds keys (“{name}” in {where}). Keys must stay on the server: get the tour file anew.",
                    name=clean(str(name)),
                    where=where,
                )
            )
