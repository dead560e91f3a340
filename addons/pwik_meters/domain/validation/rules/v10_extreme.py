from ...register import flow_limit
from ..findings import Finding
from ..history import Assessment
from .base import Rule


class Extreme(Rule):
    """Many times the usual use, or more than the meter's permanent flow can bring through in that time."""

    code = "V10"
    needs = ("base",)
    mutes = ("V09",)

    def check(self, case: Assessment) -> Finding | None:
        if case.use is None or case.use <= 0:
            return None
        possible = flow_limit(case.history.meter.q3, case.days)
        if case.use > possible:
            return self.finding(use=case.use, limit=possible, why="flow")
        least = case.limit(self.code, "min_over")
        times = case.limit(self.code, "times_median")
        # the median of many periods takes longer than all other rules together
        if case.use <= least or times > 0 and case.usual_reaches(min(case.use / times, case.use - least)):
            return None
        usual = case.usual
        if usual is None:
            return None
        if case.use > times * usual and case.use - usual > least:
            return self.finding(use=case.use, limit=times * usual, why="median")
        return None
