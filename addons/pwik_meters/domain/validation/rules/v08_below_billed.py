from ..findings import Finding
from ..history import Assessment
from .base import Rule


class BelowBilled(Rule):
    """Below what was invoiced already: the invoice would have to be corrected."""

    code = "V08"
    needs = ("last_billed",)

    def check(self, case: Assessment) -> Finding | None:
        billed = case.history.last_billed
        if not billed or case.reading.value >= billed.value or case.rolled_over or billed.rolled_over:
            return None
        if billed.is_after(case.reading, case.history.following):
            return None
        return self.finding(value=case.reading.value, billed=billed.value, day=billed.day)
