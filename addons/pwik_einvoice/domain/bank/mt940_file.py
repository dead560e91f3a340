"""MT940 statements (SWIFT standard, category 9), with the structured field 86 of Polish banks.

The library mt-940 takes the fields apart; what a bank puts into field 86 is read by its profile.
"""

import re
from decimal import Decimal

import mt940

from ..errors import BankFileError
from .profiles import BankProfile
from .statement import CENT, Statement, Transaction, account_digits, accounts_in, tidy

_OPTIONS = mt940.Options.all()
# Field 86 is ours: the library knows one separator only.
_PROCESSORS = {"post_transaction_details": []}
_STRUCTURE = re.compile(r"^\s*(?:\d{3})?\s*([\^<~?])(\d\d)")
_NEGATIVE = re.compile(r"^:6[0-9][A-Z]?:.{0,14}R?[DC][A-Z]?\s*-", re.MULTILINE)
_ENVELOPE = re.compile(r"^\{[^\n]*?\{4:\s*", re.MULTILINE)
# The library drops the spaces at the end of a line; in field 86 one of them parts two words.
_LAST_SPACE = re.compile(r"^((?::86:|[^:\n-])[^\n]*?) +$", re.MULTILINE)
_SPACE = "\ue000"
# A part of a subfield that is shorter than a bank's line ends there; a longer one goes on in the next subfield.
_PART = 27


def read(text: str, profile: BankProfile) -> tuple[Statement, ...]:
    """Statements of the text.

    :raises BankFileError: `truncated` (no closing balance), `syntax`, `negative_amount`, `balance`, `no_account`
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"^-\}.*$", "", _ENVELOPE.sub("", text), flags=re.MULTILINE)
    text = _LAST_SPACE.sub(rf"\1{_SPACE}", text)
    if _NEGATIVE.search(text):
        line = text[: _NEGATIVE.search(text).start()].count("\n") + 1
        raise BankFileError("negative_amount", line=line)
    blocks = [block for block in re.split(r"(?m)^(?=:20:)", text) if block.strip()]
    if not blocks or not blocks[0].lstrip().startswith(":20:"):
        raise BankFileError("syntax", line=1, text=text.strip()[:40])
    statements, line = [], 1
    for block in blocks:
        statements.append(_statement(block, line, profile))
        line += block.count("\n")
    return tuple(statements)


def _statement(block: str, line: int, profile: BankProfile) -> Statement:
    closing_at = re.search(r"(?m)^:62[FM]?:[^\n]*", block)
    if not closing_at:
        raise BankFileError("truncated", line=line + block.rstrip().count("\n"))
    # What follows the closing balance (available balance, a note on the whole statement) is not a payment's field 86.
    block = block[: closing_at.end()]
    transactions = mt940.models.Transactions(processors=_PROCESSORS, options=_OPTIONS)
    try:
        transactions.parse(block)
    except (RuntimeError, ValueError, ArithmeticError, TypeError, KeyError) as error:
        raise BankFileError("syntax", line=line, text=_culprit(error)) from error
    data = transactions.data
    opening, closing = _balance(data, "opening"), _balance(data, "closing")
    account = account_digits(data.get("account_identification") or "")
    if not account:
        raise BankFileError("no_account", line=line)
    if opening is None or closing is None:
        raise BankFileError("truncated", line=line)
    if len(transactions) != len(re.findall(r"(?m)^:61:", block)):
        raise BankFileError("syntax", line=line, text=":61:")
    return Statement(
        account=account,
        day=closing.date,
        currency=closing.amount.currency,
        number=tidy(data.get("statement_number") or data.get("transaction_reference")),
        opening=opening.amount.amount.quantize(CENT),
        closing=closing.amount.amount.quantize(CENT),
        transactions=tuple(_transaction(one.data, profile) for one in transactions),
    )


def _culprit(error: Exception) -> str:
    """The text at which the library stopped, for the person who looks for it in the file."""
    last = error.args[-1] if error.args else error
    return tidy(str(last))[:80]


def _balance(data: dict, which: str):
    for kind in ("final", "intermediate"):
        if f"{kind}_{which}_balance" in data:
            return data[f"{kind}_{which}_balance"]
    return data.get(f"{which}_balance")


def _transaction(data: dict, profile: BankProfile) -> Transaction:
    amount: Decimal = data["amount"].amount
    details = (data.get("transaction_details") or "").replace(_SPACE, " ")
    parts = _by_words(details, profile) if profile.words else _by_subfields(details, profile)
    reference = tidy(data.get("bank_reference"))
    own = tidy(data.get("customer_reference"))
    return Transaction(
        day=data.get("entry_date") or data["date"],
        amount=amount.quantize(CENT),
        reference=reference or ("" if own in ("NONREF", "NOTPROVIDED") else own),
        **parts,
    )


def _by_subfields(details: str, profile: BankProfile) -> dict[str, str]:
    found = _STRUCTURE.match(details)
    if not found:
        title = tidy(details)
        return {"title": title}
    pieces = re.split(re.escape(found[1]) + r"(\d\d)", details.replace("\n", ""))
    subfields: dict[str, str] = {}
    for code, value in zip(pieces[1::2], pieces[2::2], strict=True):
        subfields[code] = subfields.get(code, "") + value

    def first(name: str) -> str:
        for group in profile.subfields(name):
            parts = [subfields[code] for code in group if code in subfields]
            value = "".join(part if len(part) >= _PART else f"{part} " for part in parts)
            if value.strip():
                return tidy(value)
        return ""

    account = account_digits(first("account"))
    return {
        "title": first("title"),
        "payer": first("name"),
        "payer_account": account_digits(first("payer_account")),
        "account": account if len(account) == 26 else "",
    }


def _by_words(details: str, profile: BankProfile) -> dict[str, str]:
    """Field 86 as words: each label is followed by its value up to the next label."""
    text = tidy(details)
    places = sorted((text.find(label), label, name) for name, label in profile.words.items() if label in text)
    parts = {"title": text if not any(name == "title" for _at, _label, name in places) else ""}
    for index, (at, label, name) in enumerate(places):
        end = places[index + 1][0] if index + 1 < len(places) else len(text)
        if name in ("title", "payer", "payer_account", "account"):
            parts[name] = text[at + len(label) : end].strip(" ;,")
    for name in ("payer_account", "account"):
        if name in parts:
            parts[name] = next(iter(accounts_in(parts[name])), "")
    return parts
