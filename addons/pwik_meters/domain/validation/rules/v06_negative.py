from ..findings import Finding
from ..history import Assessment
from .base import Rule


class Negative(Rule):
    """The counter went back: below the value before, or above the one that follows a back-dated reading.

    An equal value is no error. A plausible rollover is V07's.
    """

    code = "V06"
    needs = ("base", "following")
    final = True

    def check(self, case: Assessment) -> Finding | None:
        tolerance = case.limit(self.code, "tolerance")
        value = case.reading.value
        if case.base and not case.rolled_over and value < case.base.value - tolerance:
            return self.finding(value=value, previous=case.base.value, day=case.base.moment.date())
        after = case.history.following
        if after and not after.is_estimate and not after.rolled_over and value > after.value + tolerance:
            return self.finding(value=after.value, previous=value, day=case.reading.day)
        return None
