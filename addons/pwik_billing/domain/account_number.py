"""Individual account numbers: one account for each payer, recognised by the bank that holds them all.

A Polish account number (NRB) has 26 digits: 2 check digits, 8 of the bank's branch, 16 that the bank lets the company lay out
(ISO 13616 IBAN with the country PL).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import BadRequest

_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_POLAND = "252100"  # "PL00" as IBAN counts letters: P = 25, L = 21
BRANCH = 8
BODY = 16
PAYER = "P"


def check_digits(body: str) -> str:
    """The two check digits for the 24 digits after them: 98 − (24 digits followed by 252100) mod 97."""
    return f"{98 - int(body + _POLAND) % 97:02}"


def is_valid_account(number: str) -> bool:
    """Whether ``number`` (spaces and a leading PL allowed) is an NRB with the right check digits."""
    digits = re.sub(r"\s", "", number).upper().removeprefix("PL")
    return (
        len(digits) == 26 and _DIGITS.fullmatch(digits) is not None and check_digits(digits[2:]) == digits[:2]
    )


@dataclass(frozen=True, slots=True)
class AccountLayout:
    """How a bank lets the company lay out its accounts.

    ``branch``: 8 digits of the bank's branch (with its own check digit). ``body``: 16 characters, digits that are the same for
    all (usually the receiver) and ``P`` where the payer's number goes, for instance ``40100123PPPPPPPP``. Fewer than 16 digits
    without a ``P`` are the receiver's; the payer's number takes the rest.
    Raises BadRequest where either is malformed.
    """

    branch: str
    body: str

    def __post_init__(self) -> None:
        if len(self.branch) != BRANCH or not _DIGITS.fullmatch(self.branch):
            raise BadRequest(f"a bank branch has {BRANCH} digits, not {self.branch!r}", "branch")
        if branch_check_digit(self.branch[:-1]) != self.branch[-1]:
            raise BadRequest(f"the check digit of bank branch {self.branch} is wrong", "branch")
        body = self.body if PAYER in self.body else self.body.ljust(BODY, PAYER)
        if len(body) != BODY or set(body) - set("0123456789" + PAYER) or PAYER not in body:
            raise BadRequest(f"a layout has {BODY} digits or {PAYER}, not {self.body!r}", "body")
        object.__setattr__(self, "body", body)

    @property
    def capacity(self) -> int:
        """How many payers the layout can tell apart (numbers from 0)."""
        return 10 ** self.body.count(PAYER)

    def number(self, payer: int | str) -> str:
        """The 26 digits of the payer's account (``payer``: a number, or its digits). BadRequest where it does not fit."""
        places = self.body.count(PAYER)
        text = str(payer)
        if not _DIGITS.fullmatch(text) or len(text.lstrip("0")) > places:
            raise BadRequest(f"payer {payer} is no number of up to {places} digits", "payer", payer=payer)
        digits = iter(text.lstrip("0").zfill(places))
        body = self.branch + "".join(next(digits) if place == PAYER else place for place in self.body)
        return check_digits(body) + body

    def payer(self, number: str) -> int | None:
        """The payer to whom ``number`` belongs; None for an account that is not one of this layout."""
        digits = re.sub(r"\s", "", number).upper().removeprefix("PL")
        if not is_valid_account(digits) or digits[2 : 2 + BRANCH] != self.branch:
            return None
        found = ""
        for place, digit in zip(self.body, digits[2 + BRANCH :], strict=True):
            if place == PAYER:
                found += digit
            elif place != digit:
                return None
        return int(found)


def branch_check_digit(seven: str) -> str:
    """The eighth digit of a bank branch's number: weights 3, 9, 7, 1 (National Bank of Poland)."""
    weighed = sum(int(digit) * weight for digit, weight in zip(seven, (3, 9, 7, 1, 3, 9, 7), strict=True))
    return str(-weighed % 10)


def grouped(number: str) -> str:
    """``12 3456 7890 …`` as accounts are printed."""
    return " ".join([number[:2], *(number[at : at + 4] for at in range(2, len(number), 4))])
