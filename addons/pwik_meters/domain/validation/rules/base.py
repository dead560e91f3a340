"""What a rule is."""

from typing import ClassVar

from ..findings import Finding, Severity
from ..history import Assessment


class Rule:
    """One rule: ``check`` looks at an assessment and answers with a finding or None. Rules hold no state."""

    code: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR
    blocks_billing: ClassVar[bool] = True
    # A final finding cannot be accepted by a person, the reading has to be corrected or rejected.
    final: ClassVar[bool] = False
    # Codes which say nothing more once this rule has spoken.
    mutes: ClassVar[tuple[str, ...]] = ()

    # Facts (``Assessment.facts``) without all of which the rule has nothing to say and is not asked; empty: always asked.
    # Of twenty rules half a dozen concern an ordinary reading.
    needs: ClassVar[tuple[str, ...]] = ()

    def check(self, case: Assessment) -> Finding | None:
        raise NotImplementedError

    def finding(
        self, severity: Severity | None = None, blocks: bool | None = None, **params: object
    ) -> Finding:
        return Finding(
            self.code,
            self.severity if severity is None else severity,
            self.blocks_billing if blocks is None else blocks,
            self.final,
            params,
        )
