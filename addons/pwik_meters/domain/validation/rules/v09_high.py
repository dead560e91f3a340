from ..findings import Finding, Severity
from ..history import Assessment
from .base import Rule


class High(Rule):
    """Clearly more than expected, in share and in cubic metres."""

    code = "V09"
    needs = ("expected",)
    severity = Severity.WARNING

    def check(self, case: Assessment) -> Finding | None:
        if case.expected is None:
            return None
        over = case.use - case.expected
        if (
            over <= case.limit(self.code, "min_over")
            or over <= case.limit(self.code, "share") * case.expected
        ):
            return None
        return self.finding(use=case.use, expected=case.expected)
