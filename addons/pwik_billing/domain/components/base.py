"""What a charge component is, and the case that it looks at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..document import Line
from ..periods import Period
from ..request import Request
from ..tariff import TariffBook
from ..volume import PointCase, Volume


@dataclass(frozen=True, slots=True)
class Case:
    """One settlement in the making: ``period`` is cut to the contract."""

    request: Request
    period: Period
    book: TariffBook
    points: tuple[PointCase, ...]


class Component:
    """A kind of charge. A module of this folder that has a ``COMPONENT`` of this kind adds it to every settlement.

    ``code``: its name on lines and, for a price per m³, in the tariff. ``rank``: its place among the lines of a point.
    ``service``: it is charged where the contract covers the service of that name. ``per_m3``: its rate is a price per m³.
    """

    code: str
    rank: int
    service: bool = False
    per_m3: bool = False

    def applies(self, case: Case) -> bool:
        return not self.service or self.code in case.request.contract.services

    def charges(self, case: Case) -> Iterable[Volume | Line]:
        """Volumes, which the engine prices by the tariffs in force, or finished lines."""
        raise NotImplementedError
