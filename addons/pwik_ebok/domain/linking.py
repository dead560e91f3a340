"""What proves that a person who signs in may see a customer's data: an invoice in hand, or a code from a letter."""

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

#: Signs of a code: none that is taken for another one on paper or by telephone (0 O, 1 I L, U V).
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTWXYZ"
CODE_LENGTH = 12
CODE_GROUP = 4
NUMBER_LENGTH = 64
_LARGEST = Decimal("999999999.99")


@dataclass(frozen=True, slots=True)
class InvoiceFact:
    """What a person knows who holds the invoice: its number and its gross amount in zlotys."""

    number: str
    gross: Decimal


def normalize_number(text: str | None) -> str:
    """A customer's or an invoice's number as it is compared: capitals, without blanks, any dash a hyphen."""
    plain = unicodedata.normalize("NFKC", text or "")[: NUMBER_LENGTH * 4].upper()
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", plain)
    return re.sub(r"\s+", "", plain)[:NUMBER_LENGTH]


def parse_amount(text: str | None) -> Decimal | None:
    """Zlotys as people copy them from paper (``1 234,56 zł``, ``1.234,56``, ``1234.56``), None when it is no amount."""
    plain = re.sub(r"\s+|zł|PLN", "", unicodedata.normalize("NFKC", text or "")[:40], flags=re.IGNORECASE)
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d{1,2})?", plain, re.ASCII):
        plain = plain.replace(".", "")
    plain = plain.replace(",", ".")
    if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", plain, re.ASCII):
        return None
    try:
        amount = Decimal(plain).quantize(Decimal("0.01"))
    except InvalidOperation:  # pragma: no cover - the pattern above lets nothing else through
        return None
    return amount if amount <= _LARGEST else None


def is_proven(claim: InvoiceFact, invoices: Iterable[InvoiceFact]) -> bool:
    """Whether the claim names one of the invoices, number and amount together.

    Every invoice is compared, so that the time taken does not tell which part was right.
    """
    wanted = f"{normalize_number(claim.number)}|{claim.gross:.2f}".encode()
    found = False
    for invoice in invoices:
        known = f"{normalize_number(invoice.number)}|{invoice.gross:.2f}".encode()
        found |= hmac.compare_digest(wanted, known)
    return found


def make_code() -> str:
    """A new activation code as it is printed, ``ABCD-EFGH-JKMN``: 58 bits by the system's source of randomness."""
    signs = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    return "-".join(signs[at : at + CODE_GROUP] for at in range(0, CODE_LENGTH, CODE_GROUP))


def make_token() -> str:
    """A secret for a link in an e-mail: 256 bits, fit for an address."""
    return secrets.token_urlsafe(32)


def is_token(text: str | None) -> bool:
    """Whether a text may be a token: fit to stand in an address, whatever somebody wrote there."""
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{20,100}", text or ""))


def normalize_code(text: str | None) -> str:
    """A code as it is compared: capitals, without blanks and hyphens."""
    return normalize_number(text).replace("-", "")


def digest(secret: str) -> str:
    """What is kept of a code or a token: its SHA-256. Their own randomness makes a salt needless."""
    return hashlib.sha256(secret.encode()).hexdigest()


def mask_email(address: str | None) -> str:
    """``a…@example.com``: enough for its owner to know it again, too little for anybody else."""
    name, at, host = (address or "").strip().partition("@")
    return f"{name[:1]}…@{host}" if at and name and host else ""
