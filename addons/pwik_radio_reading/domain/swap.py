"""Meters or overlays that were mistaken for each other: either series continues the other one (rule V15)."""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal

SLACK = Decimal("0.01")  # m³ by which a register may run back (rule V06)


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that does not continue the series of the meter it was taken for.

    :param base: last sound value of that meter, m³
    :param value: the value in question, m³
    :param days: time between both
    """

    key: Hashable
    base: Decimal
    value: Decimal
    days: Decimal

    def could_show(self, value: Decimal, most_a_day: Decimal, least: Decimal) -> bool:
        """Whether this meter may well show ``value`` now: no less than before, and no unusual use."""
        return -SLACK <= value - self.base <= max(least, most_a_day * self.days)


def find_swaps(
    misfits: Iterable[Misfit], *, most_a_day: Decimal, least: Decimal
) -> list[tuple[Hashable, Hashable]]:
    """Pairs of which each value continues the other's series and not its own.

    Who fits several others is left out: it cannot be told whose place he has. ``most_a_day``: m³ a day that a meter may have
    used, ``least``: m³ that it may have used in however short a time.

    :return: pairs of keys, each key at most once
    """
    ordered = sorted(misfits, key=lambda one: one.base)
    bases = [one.base for one in ordered]
    reach = max(least, most_a_day * max((one.days for one in ordered), default=Decimal(0)))
    partners: dict[int, list[int]] = {}
    for place, one in enumerate(ordered):
        if one.could_show(one.value, most_a_day, least):
            continue
        # whoever may show this value began at or below it, and not further below than the longest time allows
        for other in range(bisect_left(bases, one.value - reach), bisect_right(bases, one.value + SLACK)):
            if (
                other != place
                and ordered[other].could_show(one.value, most_a_day, least)
                and one.could_show(ordered[other].value, most_a_day, least)
                and not ordered[other].could_show(ordered[other].value, most_a_day, least)
            ):
                partners.setdefault(place, []).append(other)
    return [
        (ordered[place].key, ordered[others[0]].key)
        for place, others in partners.items()
        if len(others) == 1 and place < others[0] and partners.get(others[0]) == [place]
    ]
