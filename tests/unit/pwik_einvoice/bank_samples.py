"""Statements and the files that tell of them: what the parsers read back must be what was written."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st
from pwik_einvoice.demo.bank_files import camt, mt940
from pwik_einvoice.domain.bank import Statement, Transaction

__all__ = ["camt", "mt940"]

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
