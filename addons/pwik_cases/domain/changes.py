"""Which data of himself a customer may ask to change, and how each value is written.

The names are those of a request for change, not of database fields: the models map them, and nothing that is missing
here can ever be asked for.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .errors import InputRefused, Problem
from .text import clean_line

LINE_LENGTH = 128
EMAIL_LENGTH = 254  # RFC 5321, 4.5.3.1.3 less the angle brackets

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class ChangeField:
    """A datum that may be changed by request.

    :param normalise: text -> text as stored; raises ``ValueError(code)``
    :param required: may not be emptied
    :param office_only: a customer cannot ask for it in the portal, staff may with a document in the case
    """

    name: str
    normalise: Callable[[str], str]
    required: bool = False
    office_only: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A wanted change: both values as stored, empty text for none."""

    name: str
    old: str
    new: str


def normalise_phone(text: str) -> str:
    """``+48 601 234 567`` for Polish numbers (9 digits), ``+`` and digits (8 to 15, ITU-T E.164) for foreign ones."""
    text = text.lstrip("( ")
    if re.search(r"[^\d\s+()./-]", text, re.ASCII) or "+" in text[1:]:
        raise ValueError("phone_format")
    digits = re.sub(r"\D", "", text, flags=re.ASCII)
    international = text.startswith("+")
    if digits.startswith("00"):
        digits, international = digits[2:], True
    if not international and len(digits) == 11 and digits.startswith("48"):
        international = True
    if not international:
        if len(digits) == 10 and digits.startswith("0"):
            digits = digits[1:]
        digits = "48" + digits
    if digits.startswith("48"):
        if len(digits) != 11 or digits[2] == "0":
            raise ValueError("phone_format")
        return f"+48 {digits[2:5]} {digits[5:8]} {digits[8:]}"
    if not 8 <= len(digits) <= 15 or digits.startswith("0"):
        raise ValueError("phone_format")
    return f"+{digits}"


def normalise_email(text: str) -> str:
    """One plain address, its domain in lower case; no display name, no list (header injection)."""
    local, at, domain = text.rpartition("@")
    labels = domain.split(".")
    if (
        not at
        or len(text) > EMAIL_LENGTH
        or len(local) > 64
        or not _LOCAL.fullmatch(local)
        or len(labels) < 2
        or not all(_DOMAIN_LABEL.fullmatch(label) for label in labels)
        or labels[-1].isdigit()
    ):
        raise ValueError("email_format")
    return f"{local}@{domain.lower()}"


def normalise_zip(text: str) -> str:
    """Polish postal code ``NN-NNN``; the hyphen may be missing or be a blank."""
    match = re.fullmatch(r"(\d{2})[\s-]?(\d{3})", text, re.ASCII)
    if not match:
        raise ValueError("zip_format")
    return f"{match[1]}-{match[2]}"


def normalise_line(text: str) -> str:
    """A line of an address or a name; must hold a letter or a digit."""
    if len(text) > LINE_LENGTH:
        raise ValueError("line_too_long")
    if not any(char.isalnum() for char in text):
        raise ValueError("line_format")
    return text


FIELDS: Mapping[str, ChangeField] = {
    field.name: field
    for field in (
        ChangeField("phone", normalise_phone),
        ChangeField("email", normalise_email),
        ChangeField("street", normalise_line, required=True),
        ChangeField("street2", normalise_line),
        ChangeField("zip", normalise_zip, required=True),
        ChangeField("city", normalise_line, required=True),
        ChangeField("correspondence_street", normalise_line),
        ChangeField("correspondence_street2", normalise_line),
        ChangeField("correspondence_zip", normalise_zip),
        ChangeField("correspondence_city", normalise_line),
        ChangeField("name", normalise_line, required=True, office_only=True),
    )
}


def normalise_value(name: str, value: str | None, *, by_office: bool = False) -> str:
    """The value as it will be stored; empty text where the datum may be removed.

    :raises InputRefused: the field is not on the list, or the value does not fit it
    """
    field = FIELDS.get(name)
    if field is None or (field.office_only and not by_office):
        raise InputRefused([Problem(name, "field_not_allowed")])
    text = clean_line(value)
    if not text:
        if field.required:
            raise InputRefused([Problem(name, "value_required")])
        return ""
    try:
        return field.normalise(text)
    except ValueError as error:
        raise InputRefused([Problem(name, str(error), {"limit": LINE_LENGTH})]) from error


def parse_changes(
    wanted: Mapping[str, str | None],
    current: Mapping[str, str],
    *,
    by_office: bool = False,
) -> tuple[Change, ...]:
    """The changes a request really asks for, in the order of :data:`FIELDS`.

    :param wanted: new values by name; a name that is absent stays as it is
    :param current: values in force by name, empty text for none
    :raises InputRefused: problems by field; ``changes`` / ``nothing_changed`` when every value is as before
    """
    problems: list[Problem] = [Problem(name, "field_not_allowed") for name in wanted if name not in FIELDS]
    changes: list[Change] = []
    for name in FIELDS:
        if name not in wanted:
            continue
        try:
            new = normalise_value(name, wanted[name], by_office=by_office)
        except InputRefused as error:
            # what stands there already is left alone, even if today's rules would refuse it
            if clean_line(wanted[name]) != clean_line(current.get(name)):
                problems.extend(error.problems)
            continue
        if new != (current.get(name) or ""):
            changes.append(Change(name, current.get(name) or "", new))
    problems.extend(_incomplete_correspondence(current, changes, {problem.field for problem in problems}))
    if problems:
        raise InputRefused(problems)
    if not changes:
        raise InputRefused([Problem("changes", "nothing_changed")])
    return tuple(changes)


def _incomplete_correspondence(
    current: Mapping[str, str],
    changes: list[Change],
    refused: set[str],
) -> list[Problem]:
    """A correspondence address is whole or absent: half of one reaches nobody."""
    if not any(change.name.startswith("correspondence_") for change in changes):
        return []
    after = {name: current.get(name) or "" for name in FIELDS if name.startswith("correspondence_")}
    after.update({change.name: change.new for change in changes if change.name in after})
    if not any(after.values()):
        return []
    needed = ("correspondence_street", "correspondence_zip", "correspondence_city")
    return [Problem(name, "value_required") for name in needed if not after[name] and name not in refused]
