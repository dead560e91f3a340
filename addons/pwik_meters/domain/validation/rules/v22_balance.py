from ..findings import Finding, Severity
from ..history import Assessment
from .base import Rule


class Balance(Rule):
    """A main meter cannot measure less than all the meters behind it together."""

    code = "V22"
    needs = ("sub_use",)
    severity = Severity.WARNING

    def check(self, case: Assessment) -> Finding | None:
        behind = case.history.sub_use
        if behind is None or case.use is None or case.use >= behind * (1 - case.limit(self.code, "share")):
            return None
        return self.finding(use=case.use, behind=behind)
