"""Writers of bank files, made from the formats' descriptions: what the parsers read back must be what was written."""

from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from hypothesis import strategies as st
from pwik_einvoice.domain.bank import Statement, Transaction

ACCOUNT = "61109010140000071219812874"
VIRTUAL = "02999900005730003800000012"
PAYER = "27114020040000300201355387"
DAY = date(2026, 10, 15)

#: What Polish banks let a payer write; no separator of field 86.
LETTERS = "aąbcćdeęfghijklłmnńoóprsśtuwyzźżAĄBCĆDEĘFŁŃÓSŚZŹŻ0123456789/.,"
words = st.text(LETTERS, min_size=1, max_size=12)
titles = st.lists(words, min_size=1, max_size=6).map(" ".join)
amounts = st.integers(1, 99_999_999).map(lambda grosze: Decimal(grosze) / 100)


@st.composite
def statements(draw, collected=False):
    """A statement whose balances fit; `collected`: only incoming payments, on individual accounts."""
    transactions = tuple(
        Transaction(
            day=DAY,
            amount=draw(amounts) * (1 if collected or draw(st.booleans()) else -1),
            title=draw(titles),
            payer=draw(titles)[:60].strip(),
            payer_account=PAYER,
            account=VIRTUAL if collected else "",
            reference=draw(st.from_regex(r"[A-Z0-9]{1,16}", fullmatch=True)),
        )
        for _number in range(draw(st.integers(0, 6)))
    )
    if collected:
        return Statement(ACCOUNT, DAY, "PLN", transactions, "7")
    opening = draw(st.integers(-10_000_000, 10_000_000).map(lambda grosze: Decimal(grosze) / 100))
    closing = opening + sum((one.amount for one in transactions), Decimal())
    return Statement(ACCOUNT, DAY, "PLN", transactions, "7", opening, closing)


def statement(*transactions: Transaction, opening="1000.00") -> Statement:
    start = Decimal(opening)
    return Statement(
        ACCOUNT,
        DAY,
        "PLN",
        transactions,
        "7",
        start,
        start + sum((one.amount for one in transactions), Decimal()),
    )


def payment(amount="420.88", title="FV/2026/00012", **values) -> Transaction:
    values = {"day": DAY, "payer": "ŻANETA ŚWIĘCKA", "payer_account": PAYER, "reference": "REF1", **values}
    return Transaction(amount=Decimal(amount), title=title, **values)


def comma(amount: Decimal) -> str:
    return f"{abs(amount):.2f}".replace(".", ",")


def side(amount: Decimal, debit="D", credit="C") -> str:
    return debit if amount < 0 else credit


def wrap(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)] or [""]


def mt940(*several: Statement, separator="^", newline="\r\n") -> str:
    """Each statement as MT940 with the subfields of Polish banks, lines of at most 65 characters."""
    lines = []
    for one in several:
        day = one.day.strftime("%y%m%d")
        lines += [":20:ST260015", f":25:/PL{one.account}", f":28C:{one.number:0>5}"]
        lines.append(f":60F:{side(one.opening)}{day}{one.currency}{comma(one.opening)}")
        for move in one.transactions:
            entry = move.day.strftime("%m%d")
            lines.append(
                f":61:{move.day:%y%m%d}{entry}{side(move.amount)}N{comma(move.amount)}NTRFNONREF//{move.reference}"
            )
            lines += wrap(f":86:020{separator}00PRZELEW{_details(move, separator)}", 65)
        lines.append(f":62F:{side(one.closing)}{day}{one.currency}{comma(one.closing)}")
        lines += [f":64:{side(one.closing)}{day}{one.currency}{comma(one.closing)}", "-"]
    return newline.join(lines) + newline


def _details(move: Transaction, separator: str) -> str:
    parts = [f"{separator}{20 + at}{piece}" for at, piece in enumerate(wrap(move.title, 27)[:7])]
    parts += [f"{separator}{32 + at}{piece}" for at, piece in enumerate(wrap(move.payer, 35)[:2])]
    return "".join([*parts, f"{separator}38PL{move.payer_account}", f"{separator}63{move.account}"])


def camt(*several: Statement, version="02") -> bytes:
    """A camt.053 document of either version."""
    body = "".join(_camt_statement(one, version) for one in several)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>\n'
        "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-10-15T18:00:00</CreDtTm></GrpHdr>\n"
        f"{body}</BkToCstmrStmt></Document>\n"
    ).encode()


def _camt_statement(one: Statement, version: str) -> str:
    entries = "".join(_camt_entry(move, one.currency, version) for move in one.transactions)
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_camt_amount(amount, one.currency)}"
        f"<Dt><Dt>{one.day}</Dt></Dt></Bal>\n"
        for code, amount in (("OPBD", one.opening), ("CLBD", one.closing))
    )
    return (
        f"<Stmt><Id>S{one.number}</Id><LglSeqNb>{one.number}</LglSeqNb><CreDtTm>2026-10-15T18:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>PL{one.account}</IBAN></Id></Acct>\n{balances}{entries}</Stmt>"
    )


def _camt_amount(amount: Decimal, currency: str) -> str:
    return (
        f'<Amt Ccy="{currency}">{abs(amount):.2f}</Amt><CdtDbtInd>{side(amount, "DBIT", "CRDT")}</CdtDbtInd>'
    )


def _camt_entry(move: Transaction, currency: str, version: str) -> str:
    status = "BOOK" if version == "02" else "<Cd>BOOK</Cd>"
    other, ours = ("Dbtr", "Cdtr") if move.amount >= 0 else ("Cdtr", "Dbtr")
    name = f"<Nm>{escape(move.payer)}</Nm>"
    party = name if version == "02" else f"<Pty>{name}</Pty>"
    parties = {
        other: f"<{other}>{party}</{other}><{other}Acct><Id><IBAN>PL{move.payer_account}</IBAN></Id></{other}Acct>",
        ours: f"<{ours}Acct><Id><IBAN>PL{move.account}</IBAN></Id></{ours}Acct>" if move.account else "",
    }
    return (
        f"<Ntry>{_camt_amount(move.amount, currency)}<Sts>{status}</Sts><BookgDt><Dt>{move.day}</Dt></BookgDt>"
        f"<AcctSvcrRef>{move.reference}</AcctSvcrRef><BkTxCd><Prtry><Cd>020</Cd></Prtry></BkTxCd>"
        f"<NtryDtls><TxDtls><RltdPties>{parties['Dbtr']}{parties['Cdtr']}</RltdPties>"
        f"<RmtInf><Ustrd>{escape(move.title)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )


def collect(one: Statement) -> str:
    """A list of collected payments by the positions of the default profile."""
    lines = [f"H{one.day:%Y%m%d}{one.account}{one.currency}{one.number:<10}"]
    for move in one.transactions:
        lines.append(
            f"D{move.day:%Y%m%d}{move.account:<26}{int(move.amount * 100):012}{move.payer_account:<26}"
            f"{move.payer:<70}{move.title:<140}{move.reference:<20}"
        )
    total = sum((one.amount for one in one.transactions), Decimal())
    lines.append(f"T{len(one.transactions):08}{int(total * 100):015}")
    return "\n".join(lines) + "\n"
