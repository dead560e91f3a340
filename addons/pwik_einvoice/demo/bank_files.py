"""Writers of bank files, by the formats' descriptions: for the demo's statements and for the tests of the readers.

A statement is a `domain.bank.Statement` with both balances; what the readers make of a file is what was written.
"""

from decimal import Decimal
from xml.sax.saxutils import escape


def comma(amount: Decimal) -> str:
    return f"{abs(amount):.2f}".replace(".", ",")


def side(amount: Decimal, debit="D", credit="C") -> str:
    return debit if amount < 0 else credit


def wrap(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)] or [""]


def mt940(*several, separator="^", newline="\r\n") -> str:
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


def _details(move, separator: str) -> str:
    parts = [f"{separator}{20 + at}{piece}" for at, piece in enumerate(wrap(move.title, 27)[:7])]
    parts += [f"{separator}{32 + at}{piece}" for at, piece in enumerate(wrap(move.payer, 35)[:2])]
    return "".join([*parts, f"{separator}38PL{move.payer_account}", f"{separator}63{move.account}"])


def camt(*several, version="02") -> bytes:
    """A camt.053 document of version 001.02 or 001.08."""
    body = "".join(_camt_statement(one, version) for one in several)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>\n'
        "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-10-15T18:00:00</CreDtTm></GrpHdr>\n"
        f"{body}</BkToCstmrStmt></Document>\n"
    ).encode()


def _camt_statement(one, version: str) -> str:
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


def _camt_entry(move, currency: str, version: str) -> str:
    status = "BOOK" if version == "02" else "<Cd>BOOK</Cd>"
    other, ours = ("Dbtr", "Cdtr") if move.amount >= 0 else ("Cdtr", "Dbtr")
    name = f"<Nm>{escape(move.payer)}</Nm>"
    party = name if version == "02" else f"<Pty>{name}</Pty>"
    parties = {
        other: (f"<{other}>{party}</{other}>" if move.payer else "")
        + _camt_account(other, move.payer_account),
        ours: _camt_account(ours, move.account),
    }
    return (
        f"<Ntry>{_camt_amount(move.amount, currency)}<Sts>{status}</Sts><BookgDt><Dt>{move.day}</Dt></BookgDt>"
        f"<AcctSvcrRef>{move.reference}</AcctSvcrRef><BkTxCd><Prtry><Cd>020</Cd></Prtry></BkTxCd>"
        f"<NtryDtls><TxDtls>{_camt_parties(parties['Dbtr'] + parties['Cdtr'])}"
        f"<RmtInf><Ustrd>{escape(move.title)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )


def _camt_account(whose: str, number: str) -> str:
    return f"<{whose}Acct><Id><IBAN>PL{number}</IBAN></Id></{whose}Acct>" if number else ""


def _camt_parties(parties: str) -> str:
    return f"<RltdPties>{parties}</RltdPties>" if parties else ""
