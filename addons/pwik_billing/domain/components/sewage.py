"""Sewage: by a measuring device, without one as much as the water (act of 7 June 2001, art. 27).

Irretrievably used water (garden) is taken off the sewage only, only by an additional meter, and never below 0. Where a device
measures the sewage itself nothing is taken off: that water never reached it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from .. import wording
from ..consumption import Window, measure, total
from ..money import ZERO
from ..volume import PointCase, Volume, flags_of
from .base import Case, Component


class Sewage(Component):
    code = "sewage"
    rank = 20
    service = True
    per_m3 = True

    def charges(self, case: Case) -> Iterator[Volume]:
        for point in case.points:
            yield point.to_bill(_volume(point))


def _volume(point: PointCase) -> Volume:
    if any(device.serves(point.opening, point.period.date_to) for device in point.devices):
        volume = point.measured("sewage", point.devices)
        return replace(volume, how=wording.by_device(volume.how), rules=(*volume.rules, "device"))
    water = point.water
    gardens = [meter for meter in point.gardens if meter.serves(_opening(point, water), point.period.date_to)]
    if gardens:
        return _less_gardens(point, water, gardens)
    return replace(water, component="sewage", how=wording.as_water(water.quantity))


def _opening(point: PointCase, water: Volume) -> date:
    return point.window.opening if water.cumulative else point.opening


def _less_gardens(point: PointCase, water: Volume, gardens: list) -> Volume:
    """``water`` less what the additional meters measured in the same days.

    In an estimated period a garden meter that was not read either takes nothing off yet: its next reading does.
    """
    opening = _opening(point, water)
    billed = point.window.billed if opening == point.window.opening else {}
    window = Window(opening, point.opening, point.period.date_to, point.contract_from, billed)
    estimated = water.method == "estimate"
    pairs = measure(gardens, window, point.rules, measured_only=water.cumulative, partial=estimated)
    garden = total(pairs)
    left = _deducted(water.quantity, garden)
    how = wording.as_water(left)
    if pairs:
        how = wording.minus_garden(water.quantity, pairs, garden, left, point.whole)
    if len(pairs) < len(gardens) and estimated:
        how = f"{how}; {wording.garden_unread()}"
    return replace(
        water,
        component="sewage",
        quantity=left,
        how=how,
        values=(*water.values, *pairs),
        rules=(*water.rules, "deduction"),
        flags=water.flags or flags_of(pairs),
        known=None if water.known is None else _known(point, water.known, gardens),
    )


def _known(
    point: PointCase, water: Callable[[date], Decimal | None], gardens: list
) -> Callable[[date], Decimal | None]:
    def known(day: date) -> Decimal | None:
        measured, pairs = water(day), point.exactly(gardens, day, point.cumulative)
        return None if measured is None or pairs is None else _deducted(measured, total(pairs))

    return known


def _deducted(water: Decimal, garden: Decimal) -> Decimal:
    """Never below 0; where an estimate of the water was too high (``water`` < 0) the sewage follows it down."""
    return water - garden if water < 0 else max(ZERO, water - garden)


COMPONENT = Sewage()
