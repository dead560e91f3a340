from ..findings import Finding, Severity
from ..history import Assessment
from .base import Rule


class Low(Rule):
    """Clearly less than expected, in share and in cubic metres; never holds a bill back."""

    code = "V11"
    needs = ("expected",)
    severity = Severity.WARNING
    blocks_billing = False

    def check(self, case: Assessment) -> Finding | None:
        if case.expected is None or case.use < 0:
            return None
        under = case.expected - case.use
        if (
            under <= case.limit(self.code, "min_under")
            or under <= case.limit(self.code, "share") * case.expected
        ):
            return None
        return self.finding(use=case.use, expected=case.expected)
