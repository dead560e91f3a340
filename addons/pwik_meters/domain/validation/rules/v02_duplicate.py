from ..findings import Finding, Severity
from ..history import Assessment
from .base import Rule


class Duplicate(Rule):
    """The same value of the same register at the same moment is there already."""

    code = "V02"
    needs = ("same_moment",)
    severity = Severity.INFO
    blocks_billing = False

    def check(self, case: Assessment) -> Finding | None:
        same = [past for past in case.history.same_moment if past.value == case.reading.value]
        return self.finding(source=same[0].source) if same else None
