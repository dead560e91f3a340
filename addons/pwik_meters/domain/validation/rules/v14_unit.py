from decimal import Decimal

from ..findings import Finding
from ..history import Assessment
from .base import Rule

FACTORS = (Decimal(10), Decimal(100), Decimal(1000))


class Unit(Rule):
    """A use that is ten, a hundred or a thousand times the expected one smells of a wrong unit or multiplier."""

    code = "V14"
    needs = ("expected",)
    mutes = ("V09",)

    def check(self, case: Assessment) -> Finding | None:
        if not case.expected or case.use - case.expected <= case.limit(self.code, "min_over"):
            return None
        ratio = case.use / case.expected
        tolerance = case.limit(self.code, "tolerance")
        for factor in FACTORS:
            if abs(ratio / factor - 1) <= tolerance:
                return self.finding(use=case.use, expected=case.expected, factor=int(factor))
        return None
