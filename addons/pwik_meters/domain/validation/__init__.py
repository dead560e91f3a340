"""Validation of readings: each rule is a small class in ``rules``, found by lying there."""

from .findings import Finding, Severity
from .history import NOTHING, Assessment, Billed, History, Installation, Meter, Reading
from .limits import DEFAULTS, Limits
from .past import Past, Period, Series
from .rules import RULES, Rule
from .validate import validate

__all__ = [
    "DEFAULTS",
    "NOTHING",
    "RULES",
    "Assessment",
    "Billed",
    "Finding",
    "History",
    "Installation",
    "Limits",
    "Meter",
    "Past",
    "Period",
    "Reading",
    "Rule",
    "Series",
    "Severity",
    "validate",
]
