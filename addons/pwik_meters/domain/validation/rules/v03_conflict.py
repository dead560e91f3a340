from ..findings import Finding
from ..history import Assessment
from .base import Rule


class Conflict(Rule):
    """The register cannot show two values at one moment."""

    code = "V03"
    needs = ("same_moment",)

    def check(self, case: Assessment) -> Finding | None:
        other = [past for past in case.history.same_moment if past.value != case.reading.value]
        return (
            self.finding(value=case.reading.value, other=other[0].value, source=other[0].source)
            if other
            else None
        )
