"""The ledger's debts as the interest engine wants them."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from odoo.tools import SQL

from ...domain import Paid, end_of_term, interest_on_debt, late_before, moved_terms
from ..numbers import MONEY, to_decimal


@dataclass(slots=True)
class Debt:
    """A receivable line: what was owed, what lowered it, until when interest was charged.

    ``due``: the day that the document names; delay begins after the day on which that term ends (Civil Code art. 115).
    """

    line: object  # account.move.line
    principal: Decimal
    due: date
    charged_until: date | None = None
    payments: list = field(default_factory=list)

    def interest(self, until, rates):
        ends = end_of_term(self.due)
        return interest_on_debt(self.principal, ends, self.payments, until, rates, self.charged_until)


def _own_journals(company):
    """What stands in these journals bears no interest."""
    return company.pwik_interest_journal_id | company.pwik_fee_journal_id


def late_partners(company, due_from, until):
    """Customers who owe after the due date up to ``until``, or paid late, and were not charged up to then.

    One query over the receivable lines of the time; interest itself bears no interest (Civil Code art. 482). Who paid on the
    Monday what was due on the Saturday was in time: the query gets the terms that end later than they are named.
    """
    env = company.env
    moved = moved_terms(due_from, until)
    env["account.move.line"].flush_model()
    env["account.partial.reconcile"].flush_model()
    env["pwik.interest.note.line"].flush_model()
    rows = env.execute_query(
        SQL(
            """
        SELECT DISTINCT l.partner_id
          FROM account_move_line l JOIN account_account a ON a.id = l.account_id
          LEFT JOIN unnest(%s::date[], %s::date[]) AS term(named, ends) ON term.named = l.date_maturity
         WHERE l.company_id = %s AND l.parent_state = 'posted' AND a.account_type = 'asset_receivable'
           AND l.partner_id IS NOT NULL AND l.balance > 0 AND l.journal_id <> ALL(%s)
           AND l.date_maturity >= %s AND l.date_maturity < %s
           AND (l.reconciled IS NOT TRUE OR EXISTS (
                   SELECT FROM account_partial_reconcile p
                    WHERE p.debit_move_id = l.id AND p.max_date > COALESCE(term.ends, l.date_maturity)))
           AND NOT EXISTS (
                   SELECT FROM pwik_interest_note_line n
                    WHERE n.move_line_id = l.id AND n.date_to >= %s AND n.cancelled IS NOT TRUE)
        """,
            list(moved),
            list(moved.values()),
            company.id,
            _own_journals(company).ids,
            due_from,
            late_before(until),
            until,
        )
    )
    return env["res.partner"].browse(row[0] for row in rows)


def debts_of(company, partners, due_from, until):
    """``{partner: [Debt]}`` of these customers, the oldest first; five queries for all of them."""
    env = company.env
    lines = env["account.move.line"].search(
        [
            ("partner_id", "in", partners.ids),
            ("company_id", "=", company.id),
            ("parent_state", "=", "posted"),
            ("account_type", "=", "asset_receivable"),
            ("balance", ">", 0),
            ("journal_id", "not in", _own_journals(company).ids),
            ("date_maturity", ">=", due_from),
            ("date_maturity", "<", late_before(until)),
        ],
        order="date_maturity, id",
    )
    charged = dict(
        env["pwik.interest.note.line"]._read_group(
            [("move_line_id", "in", lines.ids), ("cancelled", "=", False)], ["move_line_id"], ["date_to:max"]
        )
    )
    debts = {
        line: Debt(line, to_decimal(line.balance, MONEY), line.date_maturity, charged.get(line))
        for line in lines
    }
    for partial in env["account.partial.reconcile"].search([("debit_move_id", "in", lines.ids)]):
        debt, credit = debts[partial.debit_move_id], partial.credit_move_id
        # What a correction takes back was never owed; a payment counts from its day.
        day = debt.due if credit.move_type == "out_refund" else credit.date
        debt.payments.append(Paid(day, to_decimal(partial.amount, MONEY)))
    found = defaultdict(list)
    for debt in debts.values():
        found[debt.line.partner_id].append(debt)
    return found


def open_credits(company, partners):
    """``{partner: amount}`` of payments and corrections that nobody matched yet; the amounts are above zero."""
    lines = company.env["account.move.line"]
    domain = [
        ("partner_id", "in", partners.ids),
        ("company_id", "=", company.id),
        ("parent_state", "=", "posted"),
        ("account_type", "=", "asset_receivable"),
        ("reconciled", "=", False),
        ("amount_residual", "<", 0),
    ]
    rows = lines._read_group(domain, ["partner_id"], ["amount_residual:sum"])
    return {partner: to_decimal(-amount, MONEY) for partner, amount in rows}
