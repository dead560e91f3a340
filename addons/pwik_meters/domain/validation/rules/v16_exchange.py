from ..findings import Finding
from ..history import Assessment
from .base import Rule


class Exchange(Rule):
    """Where a meter came or went without its value, the water of that time belongs to nobody."""

    code = "V16"
    final = True

    def check(self, case: Assessment) -> Finding | None:
        here, before = case.history.installation, case.history.predecessor
        if here is None:
            return self.finding(missing="installation", day=case.reading.day)
        if here.start_value is None:
            return self.finding(missing="start", day=here.date_from)
        if before is not None and before.end_value is None:
            return self.finding(missing="end", day=here.date_from)
        return None
