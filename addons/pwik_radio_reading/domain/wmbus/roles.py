"""Which records of a payload mean what: that follows from their heads alone, so it is worked out once for a plan."""

from collections.abc import Callable
from typing import Any, NamedTuple

from .heads import INSTANT, Head
from .vif import BACKWARD

INVERSE_PROFILE = ("inverse_compact_profile",)


class Place(NamedTuple):
    """Where the data of a record begin and end, and how they are read."""

    head: Head
    read: Callable[[bytes], Any]
    start: int
    end: int


class Role(NamedTuple):
    """What is needed of a record whose meaning is known: its storage, and its place without the head."""

    storage: int
    read: Callable[[bytes], Any]
    start: int
    end: int


class Roles(NamedTuple):
    """The records that mean something.

    ``registers``: amounts of now or of a fixed day: no tariff, no direction, no limit; ``moments``: dates and times of now or
    of a storage; ``flags``: error flags; ``backward``: amounts that flowed backwards; ``serials``: numbers of the meter itself;
    ``intervals``, ``profiles``: whether there are any.
    """

    registers: tuple[Role, ...]
    moments: tuple[Role, ...]
    flags: tuple[Role, ...]
    backward: tuple[Role, ...]
    serials: tuple[Role, ...]
    intervals: bool
    profiles: bool


ROLES = ("registers", "moments", "flags", "backward", "serials")  # those that are records


def find_roles(places: tuple[Place, ...]) -> Roles:
    found: dict[str, list[Role]] = {role: [] for role in ROLES}
    for head, read, start, end in places:
        role = _role_of(head)
        if role is not None:
            found[role].append(Role(head.storage, read, start, end))
    heads = [place.head for place in places]
    return Roles(
        **{role: tuple(records) for role, records in found.items()},
        intervals=any(head.meaning.quantity == "storage_interval_month" for head in heads),
        profiles=any(is_profile(head.meaning.quantity, head.qualifiers) for head in heads),
    )


def _role_of(head: Head) -> str | None:
    quantity = head.meaning.quantity
    plain = head.function == INSTANT and not head.tariff and not head.qualifiers
    if quantity == "volume" and not head.subunit:
        if plain:
            return "registers"
        forever = head.function == INSTANT and not head.tariff and not head.storage
        return "backward" if forever and head.qualifiers == (BACKWARD,) else None
    if quantity in ("datetime", "date") and plain:
        return "moments"
    if quantity == "error_flags" and not head.storage:
        return "flags"
    return "serials" if quantity == "fabrication_number" else None


def is_profile(quantity: str, qualifiers: tuple[str, ...]) -> bool:
    return quantity == "volume" and qualifiers == INVERSE_PROFILE
