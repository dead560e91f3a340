from ..findings import Finding, Severity
from ..history import Assessment
from .base import Rule


class Zero(Rule):
    """No water at all: worth a note, and after several periods on a contract in force worth a look.

    Periods shorter than ``min_days`` say nothing: a meter that is read by radio every night stands still often.
    """

    code = "V12"
    needs = ("standstill",)
    severity = Severity.INFO
    blocks_billing = False

    def check(self, case: Assessment) -> Finding | None:
        shortest = case.limit(self.code, "min_days")
        if case.use != 0 or case.days < shortest:
            return None
        count = 1
        for period in reversed(case.periods):
            if period.use != 0:
                break
            if period.days >= shortest:
                count += 1
        lasting = count >= case.limit(self.code, "periods") and case.history.contract_active
        return self.finding(Severity.WARNING if lasting else Severity.INFO, periods=count)
