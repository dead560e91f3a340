from ...register import capacity
from ..findings import Finding, Severity
from ..history import Assessment
from .base import Rule


class Rollover(Rule):
    """From near the top of the register to near zero, at a flow which the meter can measure."""

    code = "V07"
    needs = ("rollover",)
    severity = Severity.WARNING

    def check(self, case: Assessment) -> Finding | None:
        if not case.rolled_over:
            return None
        return self.finding(
            value=case.reading.value,
            previous=case.base.value,
            use=case.use,
            range=capacity(case.history.meter.digits),
        )
