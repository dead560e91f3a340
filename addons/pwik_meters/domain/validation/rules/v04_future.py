from datetime import timedelta

from ..findings import Finding
from ..history import Assessment
from .base import Rule


class Future(Rule):
    """A reading of tomorrow; the allowance covers clocks that differ a little."""

    code = "V04"
    final = True

    def check(self, case: Assessment) -> Finding | None:
        if case.reading.moment <= case.history.now:
            return None
        allowed = timedelta(minutes=float(case.limit(self.code, "minutes")))
        if case.reading.moment <= case.history.now + allowed:
            return None
        return self.finding(day=case.reading.day)
