"""The bank of the demo: the company's account, and statements in which the customers pay the last quarter."""

import datetime
import os
import pathlib
from decimal import Decimal

#: The payments of households are in the first file, all others in the second; no payment is booked by the demo itself.
STATEMENTS = (
    ("wyciag-2026-10-16.sta", datetime.date(2026, 10, 16), "16"),
    ("wyciag-2026-10-19.xml", datetime.date(2026, 10, 19), "17"),
)
#: These pay online or not at all: the customers of the demo's logins, and the one whose cut-off is announced.
OTHERWISE = ("customer_01", "customer_02", "customer_10", "customer_33", "customer_34")
BRANCH, COMPANY, PAYERS = "99990000", "0000000000000001", "00001000PPPPPPPP"
OPENING = Decimal("184210.55")
#: What a household of the first file pays too much, and is paid back in the second.
TOO_MUCH = Decimal("30.00")


def set_up(env):
    """The company's account on its bank journal, by which a file finds it; the bank tells the individual account apart."""
    from odoo.addons.pwik_billing.domain.account_number import check_digits

    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    number = BRANCH + COMPANY
    journal.write(
        {
            "bank_acc_number": f"PL{check_digits(number)}{number}",
            "pwik_bank_profile_id": env.ref("pwik_einvoice.pwik_bank_profile_individual").id,
        }
    )
    return journal


def write_statements(env, journal, moves, folder):
    """Both files into `folder`: what is left to pay of `moves`, a fee, a payment of nobody, an overpayment paid back."""
    from odoo.addons.pwik_einvoice.demo.bank_files import camt, mt940

    otherwise = [env.ref(f"pwik_meters.{name}") for name in OTHERWISE]
    paid = moves.filtered(lambda move: move.amount_residual > 0 and move.partner_id not in otherwise).sorted(
        "id"
    )
    first = paid.filtered(lambda move: not move.partner_id.is_company)[::2]
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    opening = OPENING
    # one who owes nothing else, which it would pay
    payer = first.filtered(lambda move: move.partner_id.pwik_balance == move.amount_residual)[:1].partner_id
    back = (
        f"Zwrot nadpłaty nr klienta {payer.pwik_customer_number}",
        payer.name.upper(),
        _account_of(payer.id),
    )
    extras = (
        [(TOO_MUCH, "Woda, wpłata podwójna", *back[1:], payer.pwik_payment_account)],
        [(-TOO_MUCH, *back)],
    )
    for (name, day, number), part, extra in zip(STATEMENTS, (first, paid - first), extras, strict=True):
        statement = _make_statement(journal, part, extra, day, number, opening)
        content = camt(statement) if name.endswith(".xml") else mt940(statement).encode("cp1250")
        draft = folder / f".{name}.part"
        draft.write_bytes(content)
        os.replace(draft, folder / name)
        opening = statement.closing


def _make_statement(journal, moves, extra, day, number, opening):
    from odoo.addons.pwik_einvoice.domain.bank import Statement, Transaction

    def make(at, amount, title, payer="", payer_account="", account=""):
        return Transaction(day, Decimal(amount), title, payer, payer_account, account, f"{day:%y%m%d}{at:04}")

    payments = [make(at, *_pay(move, at)) for at, move in enumerate(moves, 1)]
    payments += [make(8000 + at, *values) for at, values in enumerate(extra, 1)]
    payments.append(make(9001, "50.00", "wpłata", "KOWALSKI JAN", _account_of(9001)))
    payments.append(make(9002, "-12.00", "OPŁATA ZA PROWADZENIE RACHUNKU"))
    return Statement(
        journal.bank_account_id.sanitized_acc_number.removeprefix("PL"),
        day,
        "PLN",
        tuple(payments),
        number,
        opening,
        opening + sum(one.amount for one in payments),
    )


def _pay(move, at):
    """Sum, title, payer, his account and that to which he pays: most use the individual one, each fourth names the invoice."""
    by_title = at % 4 == 0
    return (
        f"{move.amount_residual:.2f}",
        f"Zapłata za fakturę {move.name}" if by_title else "Woda i ścieki, trzeci kwartał 2026",
        move.partner_id.name.upper(),
        _account_of(move.partner_id.id),
        "" if by_title else move.partner_id.pwik_payment_account,
    )


def _account_of(number):
    """A made-up account of a payer, with right check digits."""
    from odoo.addons.pwik_billing.domain.account_number import AccountLayout

    return AccountLayout(BRANCH, PAYERS).number(number)
