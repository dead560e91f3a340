from ..findings import Finding
from ..history import Assessment
from .base import Rule


class Inactive(Rule):
    """Water is used although nobody has a contract for it."""

    code = "V13"
    needs = ("no_contract",)

    def check(self, case: Assessment) -> Finding | None:
        if case.history.contract_active or case.use is None or case.use <= case.limit(self.code, "max_use"):
            return None
        return self.finding(use=case.use)
