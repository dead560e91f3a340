from ..findings import Finding
from ..history import Assessment
from .base import Rule


class OpenError(Rule):
    """An earlier reading waits with an error: what it becomes decides what this one means."""

    code = "V21"
    needs = ("open_error",)

    def check(self, case: Assessment) -> Finding | None:
        return self.finding() if case.history.open_error else None
