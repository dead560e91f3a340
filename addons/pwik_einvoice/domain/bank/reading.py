"""Which format a file has, and its statements."""

from ..errors import BankFileError
from . import camt, collect, mt940_file
from .profiles import BankProfile, default_profile
from .statement import Statement
from .text import check_size, decode

FORMATS = ("mt940", "camt053", "collect")


def identify(data: bytes, profile: BankProfile | None = None) -> str:
    """One of `FORMATS` by what the file begins with.

    :raises BankFileError: `empty`, `too_big`, `unknown_format`
    """
    check_size(data)
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<") or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "camt053"
    if head.startswith((b":20:", b"{1:", b":25:")) or b"\n:20:" in head:
        return "mt940"
    marks = (profile or default_profile()).positions.marks
    if head.startswith(marks.get("header", marks["detail"]).encode()):
        return "collect"
    raise BankFileError("unknown_format")


def read_statements(
    data: bytes, profile: BankProfile | None = None, currency: str = "PLN"
) -> tuple[str, tuple[Statement, ...]]:
    """Format and statements of a bank's file, all of them checked or none taken.

    :param currency: of the account; a statement in another one is refused
    :raises BankFileError: its ``code`` says what is wrong, its ``params`` where
    """
    profile = profile or default_profile()
    kind = identify(data, profile)
    if kind == "camt053":
        statements = camt.read(data)
    elif kind == "mt940":
        statements = mt940_file.read(decode(data, profile.encoding), profile)
    else:
        statements = collect.read(decode(data, profile.encoding), profile, currency)
    if not statements:
        raise BankFileError("no_statement")
    for statement in statements:
        if statement.currency != currency:
            raise BankFileError("currency", found=statement.currency, expected=currency)
    return kind, statements
