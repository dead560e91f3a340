"""What a rule says about a reading."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """Code and facts; the model layer turns them into a sentence in the user's language.

    :param blocks_billing: the reading waits for a person before it may be invoiced
    :param final: a person cannot accept the reading as it is, only correct or reject it
    :param params: values for the sentence (Decimal in m³, date, int, str)
    """

    code: str
    severity: Severity
    blocks_billing: bool
    final: bool = False
    params: Mapping[str, object] = field(default_factory=dict)
