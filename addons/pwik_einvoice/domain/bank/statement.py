"""What every bank file becomes: statements of an account with their transactions."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..errors import BankFileError

CENT = Decimal("0.01")
_NRB = re.compile(r"(?<!\d)(?:PL)?((?:\d[ \u00a0]?){25}\d)(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One movement on the account.

    :param day: day of booking
    :param amount: in the currency of the statement, with grosze; above 0 money came, below 0 it went
    :param title: what the payer wrote, one line
    :param account: individual (virtual) account to which the payer sent it, 26 digits, or ""
    :param payer_account: digits of the account from which it came, or ""
    :param reference: the bank's own reference, or ""
    """

    day: date
    amount: Decimal
    title: str = ""
    payer: str = ""
    payer_account: str = ""
    account: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, or a list of collected payments, which knows no balances.

    :param account: digits of the account, without spaces and country
    :param day: day of the closing balance
    :param opening, closing: balances, both or neither
    """

    account: str
    day: date
    currency: str
    transactions: tuple[Transaction, ...]
    number: str = ""
    opening: Decimal | None = None
    closing: Decimal | None = None

    def __post_init__(self) -> None:
        """:raises BankFileError: `balance`: opening and transactions do not make the closing balance"""
        if self.opening is None or self.closing is None:
            return
        reached = self.opening + sum((one.amount for one in self.transactions), Decimal())
        if reached != self.closing:
            raise BankFileError(
                "balance",
                number=self.number or str(self.day),
                opening=self.opening,
                reached=reached,
                closing=self.closing,
            )


def identities(statement: Statement) -> list[str]:
    """A key for each transaction of the statement, the same in every file that tells of it.

    Equal payments of one day (same title, same sum) are told apart by their order, so that a statement that overlaps another
    one gives them the same keys. The key does not depend on the statement's number.
    """
    seen: Counter[str] = Counter()
    keys = []
    for one in statement.transactions:
        parts = (
            statement.account,
            one.day.isoformat(),
            str(one.amount.quantize(CENT)),
            one.reference,
            one.account,
            one.payer_account,
            likeness(one),
        )
        base = "|".join(parts)
        seen[base] += 1
        keys.append(hashlib.sha256(f"{base}|{seen[base]}".encode()).hexdigest())
    return keys


def likeness(transaction: Transaction) -> str:
    """The letters and digits of the title: what two files of one bank agree on however they break lines."""
    return "".join(filter(str.isalnum, transaction.title.casefold()))[:70]


def account_digits(text: str) -> str:
    """An account number as its digits; letters of a country other than Poland stay."""
    return re.sub(r"[\s/-]", "", text or "").upper().removeprefix("PL")


def accounts_in(text: str) -> Iterable[str]:
    """Polish account numbers (26 digits, spaces between them allowed) that stand in a text."""
    return [re.sub(r"\D", "", found) for found in _NRB.findall(text or "")]


def tidy(text: str | None) -> str:
    """One line without doubled spaces and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text or "").split())
