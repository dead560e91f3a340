"""What people type for a register value."""

import re
from decimal import Decimal

from .errors import DomainError

NUMBER = re.compile(r"^\d{1,9}([.,]\d{1,3})?\Z", re.ASCII)


class EntryError(DomainError):
    """The text is no register value."""


def parse_value(text: str | None) -> Decimal | None:
    """Register value in m³ as people type it: ``1 234,5`` or ``1234.5``; None for an empty text.

    :raise EntryError: letters, a sign, more than 9 whole digits or 3 decimals
    """
    text = re.sub(r"\s", "", text or "")
    if not text:
        return None
    if not NUMBER.match(text):
        raise EntryError(text)
    return Decimal(text.replace(",", "."))
