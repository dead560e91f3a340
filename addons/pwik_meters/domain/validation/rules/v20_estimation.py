from itertools import takewhile

from ..findings import Finding
from ..history import Assessment
from .base import Rule


class Estimation(Rule):
    """Estimated again and again: somebody has to look at the meter."""

    code = "V20"
    needs = ("estimate",)

    def check(self, case: Assessment) -> Finding | None:
        if case.reading.source != "estimate":
            return None
        before = sum(1 for _ in takewhile(lambda past: past.is_estimate, reversed(case.history.previous)))
        return self.finding(periods=before + 1) if before + 1 > case.limit(self.code, "periods") else None
