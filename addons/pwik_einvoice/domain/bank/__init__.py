"""Bank files: statements (MT940, camt.053) and lists of collected payments, and to whom each payment belongs."""

from ..errors import BankFileError
from .matching import Claim, Customer, Match, Matcher, Suggestion
from .profiles import BankProfile, default_profile
from .reading import FORMATS, identify, read_statements
from .statement import Statement, Transaction, identities

__all__ = [
    "FORMATS",
    "BankFileError",
    "BankProfile",
    "Claim",
    "Customer",
    "Match",
    "Matcher",
    "Statement",
    "Suggestion",
    "Transaction",
    "default_profile",
    "identify",
    "identities",
    "read_statements",
]
