"""To whom a payment belongs, and which of his open items it pays. What is not certain waits for a person.

Money that goes out is looked at the same way round the other side: it pays back what customers have to get, their overpayments
and corrections.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from .statement import Transaction, accounts_in

_RUNS = re.compile(r"[^\W\d_]+|\d+")
_WORD = re.compile(r"[^\s,;:|()]+")
_DOCUMENT = re.compile(r"([A-Z]{2,5})[\W_]{0,3}(20\d\d)[\W_]{0,3}(\d{1,8})(?!\d)", re.IGNORECASE | re.ASCII)
_LABEL = re.compile(
    r"(?:klient\w*|odbiorc\w*|kontrahent\w*|p[łl]atnik\w*|nabywc\w*)[\s.:#]*(?:(?:nr|numer|id)[\s.:#]*)?(\S+)",
    re.IGNORECASE,
)
SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Claim:
    """An open item. ``key``: of the caller; ``number``: of the document; ``amount``: what is left to pay, above 0.

    Of a credit (an overpayment, a correction) ``amount`` is what is left to pay back, above 0 too.
    """

    key: int
    customer: int
    number: str
    due: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Customer:
    """``number``: customer number; ``account``: individual account, 26 digits or ""."""

    key: int
    number: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A customer who may have paid. ``why``: account, document, number, payer, amount; ``claim``: the item that says it."""

    customer: int
    why: str
    claim: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """``customer``: key, or None with the reason (outgoing, conflict, ambiguous, unknown) and suggestions.

    ``how``: account, document, number. ``allocation``: claim → amount, above 0; ``rest`` is overpaid. Of money that went
    out the claims are credits; ``rest`` was paid back without one.
    """

    customer: int | None = None
    how: str = ""
    reason: str = ""
    allocation: tuple[tuple[int, Decimal], ...] = ()
    rest: Decimal = Decimal()
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Hints:
    """What of a payment may name a customer: accounts, words, documents as (prefix, year, number)."""

    accounts: frozenset[str]
    words: frozenset[str]
    documents: frozenset[tuple[str, str, int]]


def hints(transaction: Transaction) -> Hints:
    """What to look up before `Matcher` is asked: few values, whatever the size of the register."""
    accounts = {transaction.account} if transaction.account else set()
    accounts.update(accounts_in(transaction.title))
    words = {word.strip(".-/#") for word in _WORD.findall(transaction.title)}
    return Hints(
        accounts=frozenset(accounts),
        words=frozenset(word for word in words if len(word) >= 3 and any(c.isdigit() for c in word)),
        documents=frozenset(
            (prefix.upper(), year, int(number))
            for prefix, year, number in _DOCUMENT.findall(transaction.title)
        ),
    )


def runs(text: str) -> tuple[str, ...]:
    """Runs of letters and of digits without leading zeros: how documents are compared, however people write them."""
    return tuple(run.lstrip("0") or "0" if run.isdigit() else run.casefold() for run in _RUNS.findall(text))


def names(title: tuple[str, ...], number: tuple[str, ...]) -> bool:
    """Whether the runs of a document's number stand in the runs of a title one after another.

    A number of one run (``123``) names nothing: it may be a flat or a sum.
    """
    size = len(number)
    return size > 1 and any(title[at : at + size] == number for at in range(len(title) - size + 1))


def is_bare(number: tuple[str, ...]) -> bool:
    """Whether a document's number is of figures alone, as earlier systems numbered: payers write months like that."""
    return all(run.isdigit() for run in number)


class Matcher:
    """Answers for the payments of one packet.

    :param customers: those whom the hints of the packet may mean
    :param claims: the open items of these customers, and those whose amount equals a payment
    :param documents: numbers of documents (paid ones too) with their customer
    :param payers: account from which a payment came → customers to whom people assigned payments from there
    :param credits: what these customers have to get, and what equals a payment that went out
    """

    def __init__(
        self,
        customers: Iterable[Customer],
        claims: Iterable[Claim],
        documents: Iterable[tuple[str, int]] = (),
        payers: Mapping[str, Iterable[int]] | None = None,
        credits: Iterable[Claim] = (),
    ) -> None:
        customers, documents, credits = tuple(customers), tuple(documents), tuple(credits)
        # who is paid back has no individual account: his own is among the payers'
        self.back = (
            Matcher([replace(one, account="") for one in customers], credits, documents, payers)
            if credits
            else None
        )
        self.by_account = {one.account: one.key for one in customers if one.account}
        self.by_number = {one.number.casefold(): one.key for one in customers if one.number}
        self.claims: dict[int, list[Claim]] = {}
        for claim in sorted(claims, key=lambda one: (one.due, one.key)):
            self.claims.setdefault(claim.customer, []).append(claim)
        # by its first run: a file of thousands of payments names as many documents
        self.documents: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        numbers = [*documents, *((one.number, key) for key, found in self.claims.items() for one in found)]
        for number, key in dict.fromkeys(numbers):
            if parts := runs(number):
                self.documents.setdefault(parts[0], []).append((parts, key))
        self.owing: dict[Decimal, list[tuple[int, int]]] = {}
        for key, found in self.claims.items():
            for one in found:
                self.owing.setdefault(one.amount, []).append((key, one.key))
        self.payers = {account: tuple(found) for account, found in (payers or {}).items()}

    def match(self, transaction: Transaction) -> Match:
        """The certain answer, or the reason why a person must look."""
        if transaction.amount <= 0:
            return self._match_back(transaction)
        found = self._by_account(transaction), self._by_document(transaction), self._by_number(transaction)
        named = [
            (how, keys) for how, keys in zip(("account", "document", "number"), found, strict=True) if keys
        ]
        everyone = set().union(*(keys for _how, keys in named)) if named else set()
        if len(everyone) == 1:
            customer = everyone.pop()
            allocation, rest = self.allocate(customer, transaction)
            return Match(customer, named[0][0], allocation=allocation, rest=rest)
        suggestions = [Suggestion(key, how) for how, keys in named for key in sorted(keys)]
        suggestions += [Suggestion(key, "document") for key in sorted(self._perhaps_by_document(transaction))]
        reason = ("ambiguous" if len(named) == 1 else "conflict") if everyone else "unknown"
        return Match(reason=reason, suggestions=self._suggest(transaction, suggestions))

    def _match_back(self, transaction: Transaction) -> Match:
        """Certain where one customer is named who has that much to get; the rest are fees and transfers of our own."""
        if self.back is None:
            return Match(reason="outgoing")
        turned = _turn(transaction)
        found = self.back.match(turned)
        if found.customer and not found.rest:
            return found
        return Match(reason="outgoing", suggestions=self.back.suggest(turned, found))

    def suggest(self, transaction: Transaction, match: Match) -> tuple[Suggestion, ...]:
        """Who may have paid (or was paid back), for a person: a certain answer goes before what else points to somebody."""
        if transaction.amount < 0:
            return self.back.suggest(_turn(transaction), match) if self.back else match.suggestions
        first = [Suggestion(match.customer, match.how)] if match.customer else []
        return self._suggest(transaction, [*first, *match.suggestions])

    def allocate(
        self, customer: int, transaction: Transaction
    ) -> tuple[tuple[tuple[int, Decimal], ...], Decimal]:
        """The documents that the title names, then the oldest; and what is left over (Civil Code, art. 451)."""
        if transaction.amount < 0:
            turned = _turn(transaction)
            return self.back.allocate(customer, turned) if self.back else ((), turned.amount)
        title = runs(transaction.title)
        claims = self.claims.get(customer, [])
        named = [one for one in claims if names(title, runs(one.number))]
        left, allocation = transaction.amount, []
        for claim in [*named, *(one for one in claims if one not in named)]:
            part = min(left, claim.amount)
            if part <= 0:
                break
            allocation.append((claim.key, part))
            left -= part
        return tuple(allocation), left

    def pay(self, customer: int, allocation: Iterable[tuple[int, Decimal]], *, back: bool = False) -> None:
        """The customer paid these, or was paid ``back``: what comes next in the packet finds what is left open."""
        if back:
            if self.back:
                self.back.pay(customer, allocation)
            return
        paid = dict(allocation)
        rest = []
        for claim in self.claims.get(customer, []):
            left = claim.amount - paid.get(claim.key, Decimal())
            if left > 0:
                rest.append(replace(claim, amount=left))
        self.claims[customer] = rest

    def _by_account(self, transaction: Transaction) -> set[int]:
        if transaction.account in self.by_account:
            return {self.by_account[transaction.account]}
        return {self.by_account[one] for one in accounts_in(transaction.title) if one in self.by_account}

    def _by_document(self, transaction: Transaction) -> set[int]:
        """A number with letters in it, paid or not; one of figures alone (10/2025) only where the sum is the customer's too."""
        return {
            key
            for number, key in self._named_documents(transaction)
            if not is_bare(number) or self._owes(key, transaction.amount)
        }

    def _perhaps_by_document(self, transaction: Transaction) -> set[int]:
        """Customers of documents with such a number, which may as well be a month and a year."""
        return {key for number, key in self._named_documents(transaction) if is_bare(number)}

    def _named_documents(self, transaction: Transaction) -> list[tuple[tuple[str, ...], int]]:
        title = runs(transaction.title)
        candidates = [one for run in dict.fromkeys(title) for one in self.documents.get(run, ())]
        return [(number, key) for number, key in candidates if names(title, number)]

    def _by_number(self, transaction: Transaction) -> set[int]:
        """A number that the title calls a customer's; a bare one only where the sum is the customer's as well."""
        found = set()
        for word in _LABEL.findall(transaction.title):
            key = self.by_number.get(word.strip(".,;:-/#").casefold())
            if key is not None:
                found.add(key)
        if found:
            return found
        for word in hints(transaction).words:
            key = self.by_number.get(word.casefold())
            if key is not None and self._owes(key, transaction.amount):
                found.add(key)
        return found

    def _owes(self, customer: int, amount: Decimal) -> bool:
        claims = self.claims.get(customer, [])
        return any(one.amount == amount for one in claims) or sum(one.amount for one in claims) == amount

    def _suggest(self, transaction: Transaction, first: list[Suggestion]) -> tuple[Suggestion, ...]:
        """Certain hints first, then who paid from this account before, bare numbers, and who owes just this sum."""
        found = list(first)
        found += [Suggestion(key, "payer") for key in self.payers.get(transaction.payer_account, ())]
        for word in sorted(hints(transaction).words):
            if word.casefold() in self.by_number:
                found.append(Suggestion(self.by_number[word.casefold()], "number"))
        found += [Suggestion(key, "amount", claim) for key, claim in self.owing.get(transaction.amount, ())]
        seen, unique = set(), []
        for one in found:
            if one.customer not in seen:
                seen.add(one.customer)
                unique.append(one)
        return tuple(unique[:SUGGESTIONS])


def _turn(transaction: Transaction) -> Transaction:
    """Money that went out, as seen by who got it."""
    return replace(transaction, amount=-transaction.amount, account="")
