"""Water: by the main meter, without one by norms (act of 7 June 2001 on collective water supply, art. 27)."""

from collections.abc import Iterator

from ..volume import Volume
from .base import Case, Component


class Water(Component):
    code = "water"
    rank = 10
    service = True
    per_m3 = True

    def charges(self, case: Case) -> Iterator[Volume]:
        for point in case.points:
            yield point.to_bill(point.water)


COMPONENT = Water()
