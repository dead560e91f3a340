"""camt.053 statements (ISO 20022), versions 001.02 and 001.08, each checked by its schema."""

import functools
import pathlib
from datetime import date
from decimal import Decimal

from lxml import etree

from ..errors import BankFileError
from .statement import CENT, Statement, Transaction, account_digits, tidy

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
VERSIONS = ("02", "08")
_SCHEMAS = pathlib.Path(__file__).parent / "schemas"


def read(data: bytes) -> tuple[Statement, ...]:
    """Statements of the document.

    :raises BankFileError: `xml`, `doctype`, `version`, `schema` (with line and reason), `negative_amount`, `truncated`,
        `balance`, `no_account`
    """
    root = _parse(data)
    namespace, _, name = root.tag[1:].partition("}") if root.tag.startswith("{") else ("", "", root.tag)
    version = namespace.removeprefix(_NAMESPACE)
    if name != "Document" or not namespace.startswith(_NAMESPACE) or version not in VERSIONS:
        raise BankFileError("version", found=tidy(namespace or name)[:80])
    for amount in root.iterfind(".//{*}Amt"):
        if (amount.text or "").strip().startswith("-"):
            raise BankFileError("negative_amount", line=amount.sourceline)
    schema = _schema(version)
    if not schema.validate(root):
        error = schema.error_log[0]
        raise BankFileError(
            "schema", line=error.line, reason=error.message.replace(f"{{{namespace}}}", "")[:200]
        )
    return tuple(_statement(one) for one in root.iterfind("{*}BkToCstmrStmt/{*}Stmt"))


def _parse(data: bytes) -> etree._Element:
    """The document without entities, network, document types or huge trees."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or "<!DOCTYPE".encode("utf-16-le") in data:
        raise BankFileError("doctype")
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise BankFileError("xml", line=line, reason=tidy(str(error))[:120]) from error
    if root.getroottree().docinfo.doctype:
        raise BankFileError("doctype")
    return root


@functools.cache
def _schema(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(_SCHEMAS / f"camt.053.001.{version}.xsd")))


def _statement(node: etree._Element) -> Statement:
    balances = {one.findtext("{*}Tp/{*}CdOrPrtry/{*}Cd"): one for one in node.iterfind("{*}Bal")}
    opening = balances.get("OPBD", balances.get("PRCD"))
    closing = balances.get("CLBD")
    if opening is None or closing is None:
        raise BankFileError("truncated", line=node.sourceline)
    account = account_digits(_account(node.find("{*}Acct")))
    if not account:
        raise BankFileError("no_account", line=node.sourceline)
    currency = closing.find("{*}Amt").get("Ccy")
    transactions = []
    for entry in node.iterfind("{*}Ntry"):
        if _status(entry) == "BOOK":
            transactions += _transactions(entry, currency, closing)
    return Statement(
        account=account,
        day=_day(closing.find("{*}Dt")),
        currency=currency,
        number=tidy(
            node.findtext("{*}LglSeqNb") or node.findtext("{*}ElctrncSeqNb") or node.findtext("{*}Id")
        ),
        opening=_signed(opening),
        closing=_signed(closing),
        transactions=tuple(transactions),
    )


def _status(entry: etree._Element) -> str:
    status = entry.find("{*}Sts")  # a code in 001.02, a choice in 001.08
    return (status.findtext("{*}Cd") or status.findtext("{*}Prtry") or status.text or "").strip()


def _account(node: etree._Element | None) -> str:
    if node is None:
        return ""
    return node.findtext("{*}Id/{*}IBAN") or node.findtext("{*}Id/{*}Othr/{*}Id") or ""


def _day(node: etree._Element) -> date:
    return date.fromisoformat((node.findtext("{*}Dt") or node.findtext("{*}DtTm")).strip()[:10])


def _signed(node: etree._Element) -> Decimal:
    """Amount of a balance or an entry: a debit is below zero. A reversal is told by its own direction (ISO 20022, RvslInd)."""
    amount = Decimal(node.findtext("{*}Amt").strip()).quantize(CENT)
    return -amount if node.findtext("{*}CdtDbtInd") == "DBIT" else amount


def _transactions(entry: etree._Element, currency: str, closing: etree._Element) -> list[Transaction]:
    """One for the entry, or one for each payment of which the bank booked the sum."""
    found = entry.find("{*}Amt").get("Ccy")
    if found != currency:
        raise BankFileError("currency", found=found, expected=currency)
    total = _signed(entry)
    day = (
        _day(entry.find("{*}BookgDt"))
        if entry.find("{*}BookgDt") is not None
        else _day(closing.find("{*}Dt"))
    )
    details = entry.findall("{*}NtryDtls/{*}TxDtls")
    parts = [_detail_amount(one, currency) for one in details]
    if len(details) < 2:
        return [_transaction(entry, details[0] if details else None, day, total)]
    if None in parts or sum(parts, Decimal()) != abs(total):
        # the sum of several payers that cannot be taken apart is nobody's: a person looks
        return [_transaction(entry, None, day, total)]
    sign = 1 if total >= 0 else -1
    return [
        _transaction(entry, one, day, sign * part, number)
        for number, (one, part) in enumerate(zip(details, parts, strict=True), 1)
    ]


def _detail_amount(detail: etree._Element, currency: str) -> Decimal | None:
    for path in ("{*}Amt", "{*}AmtDtls/{*}TxAmt/{*}Amt", "{*}AmtDtls/{*}InstdAmt/{*}Amt"):
        node = detail.find(path)
        if node is not None and node.get("Ccy") == currency:
            return Decimal(node.text.strip()).quantize(CENT)
    return None


def _transaction(entry, detail, day: date, amount: Decimal, number: int = 0) -> Transaction:
    def text(path: str) -> str:
        return tidy(detail.findtext(path)) if detail is not None else ""

    came = amount >= 0
    other, ours = ("Dbtr", "Cdtr") if came else ("Cdtr", "Dbtr")
    parties = detail.find("{*}RltdPties") if detail is not None else None
    title = [one.text for one in detail.iterfind("{*}RmtInf/{*}Ustrd")] if detail is not None else []
    account = account_digits(_account(parties.find(f"{{*}}{ours}Acct"))) if parties is not None else ""
    reference = (
        tidy(entry.findtext("{*}AcctSvcrRef")) or text("{*}Refs/{*}AcctSvcrRef") or text("{*}Refs/{*}TxId")
    )
    return Transaction(
        day=day,
        amount=amount,
        title=tidy("".join(filter(None, title)))
        or text("{*}AddtlTxInf")
        or tidy(entry.findtext("{*}AddtlNtryInf")),
        payer=text(f"{{*}}RltdPties/{{*}}{other}/{{*}}Nm")
        or text(f"{{*}}RltdPties/{{*}}{other}/{{*}}Pty/{{*}}Nm"),
        payer_account=account_digits(_account(parties.find(f"{{*}}{other}Acct")))
        if parties is not None
        else "",
        account=account if came and len(account) == 26 else "",
        reference=f"{reference}/{number}" if reference and number else reference,
    )
