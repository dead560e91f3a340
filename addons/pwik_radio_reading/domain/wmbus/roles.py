"""Which records of a payload mean what: that follows from their heads alone, so it is worked out once for a plan."""

from collections.abc import Callable
from typing import Any, NamedTuple

from .heads import INSTANT, Head

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
    of a storage; ``flags``: error flags; ``intervals``, ``profiles``: whether there are any.
    """

    registers: tuple[Role, ...]
    moments: tuple[Role, ...]
    flags: tuple[Role, ...]
    intervals: bool
    profiles: bool


def find_roles(places: tuple[Place, ...]) -> Roles:
    registers, moments, flags = [], [], []
    for head, read, start, end in places:
        role, quantity = Role(head.storage, read, start, end), head.meaning.quantity
        plain = head.function == INSTANT and not head.tariff and not head.qualifiers
        if quantity == "volume" and plain and not head.subunit:
            registers.append(role)
        elif quantity in ("datetime", "date") and plain:
            moments.append(role)
        elif quantity == "error_flags" and not head.storage:
            flags.append(role)
    quantities = {place.head.meaning.quantity for place in places}
    return Roles(
        tuple(registers),
        tuple(moments),
        tuple(flags),
        "storage_interval_month" in quantities,
        any(is_profile(place.head.meaning.quantity, place.head.qualifiers) for place in places),
    )


def is_profile(quantity: str, qualifiers: tuple[str, ...]) -> bool:
    return quantity == "volume" and qualifiers == INVERSE_PROFILE
