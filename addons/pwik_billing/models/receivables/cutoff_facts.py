"""What the ledger says about the arrears of a contract, for the law's conditions of a cut-off."""

from dataclasses import dataclass
from decimal import Decimal

from ...domain import late_before
from ...domain.cutoff import Charge
from ..numbers import MONEY, to_decimal
from .dunning_blocks import DunningBlocks
from .interest_source import open_credits


@dataclass(frozen=True, slots=True)
class Arrears:
    """What is owed for a contract, zł: by settled period, ``overdue`` of it less ``credit``, which nobody matched yet."""

    charges: tuple[Charge, ...] = ()
    overdue: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)


def arrears_of(order, today):
    """The :class:`Arrears` of the order's contract.

    What is disputed or deferred is owed all the same (a complaint suspends no payment) and is marked: it is no ground for a
    cut-off. A correction lowers what a period costs, a payment what is open of it.
    """
    if not order.contract_id:
        return Arrears()
    env, company = order.env, order.company_id
    moves = env["account.move"].search(
        [
            ("pwik_contract_id", "=", order.contract_id.id),
            ("pwik_settlement_id", "!=", False),
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
        ],
        order="pwik_period_from, id",
    )
    lines = moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
    blocks = DunningBlocks(env, company, today, lines.partner_id, lines)
    charges = tuple(_charge(line, bool(blocks.reason(line))) for line in lines)
    payers = lines.partner_id | order.contract_id.invoice_partner_id.commercial_partner_id
    credit = sum(open_credits(company, payers).values(), Decimal(0))
    late = late_before(today)
    overdue = sum((charge.open for charge in charges if charge.due < late), Decimal(0))
    return Arrears(charges, max(overdue - credit, Decimal(0)), credit)


def _charge(line, disputed):
    move = line.move_id
    paid = sum(
        partial.amount
        for partial in line.matched_credit_ids
        if partial.credit_move_id.move_type != "out_refund"
    )
    left = to_decimal(line.amount_residual, MONEY)
    return Charge(
        move.pwik_period_from,
        move.pwik_period_to,
        line.date_maturity,
        left + to_decimal(paid, MONEY),
        left,
        disputed,
    )
