"""The one entry to validation."""

from collections.abc import Sequence
from functools import lru_cache

from .findings import Finding
from .history import History, Reading, assess
from .limits import Limits
from .rules import RULES, Rule


def validate(
    reading: Reading, history: History, limits: Limits, rules: Sequence[Rule] = RULES
) -> tuple[Finding, ...]:
    """Put a reading to all rules.

    :param rules: in the order in which they speak; another room appends its own (anything with ``code``, ``mutes`` and
        ``check(assessment) -> Finding | None``, optionally ``needs``)
    :return: findings in the order of the rules, empty when nothing is wrong
    """
    case = assess(reading, history, limits)
    asked = _choose(tuple(rules), case.facts())
    findings = [finding for rule in asked if (finding := rule.check(case)) is not None]
    if len(findings) > 1:
        found = {finding.code for finding in findings}
        muted = {code for rule in rules if rule.code in found for code in rule.mutes}
        findings = [finding for finding in findings if finding.code not in muted]
    return tuple(findings)


@lru_cache(maxsize=1000)
def _choose(rules: tuple[Rule, ...], facts: tuple[str, ...]) -> tuple[Rule, ...]:
    """Those rules that may have something to say."""
    present = set(facts)
    return tuple(
        rule for rule in rules if not (needs := getattr(rule, "needs", ())) or present.intersection(needs)
    )
