"""What the ledger says about the arrears of a contract, for the law's conditions of a cut-off."""

from ...domain.cutoff import Charge
from ..numbers import MONEY, to_decimal
from .dunning_blocks import DunningBlocks


def charges_of(order, today):
    """``(charges, overdue)``: the settled periods of the order's contract, and what is overdue of them in zł.

    What is disputed or deferred is no ground for a cut-off and is left out. A correction lowers what a period costs, a
    payment what is open of it: a period counts as unpaid while no payment was matched with it.
    """
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
    charges, overdue = [], 0.0
    for line in lines:
        if blocks.reason(line):
            continue
        move = line.move_id
        paid = sum(
            partial.amount
            for partial in line.matched_credit_ids
            if partial.credit_move_id.move_type != "out_refund"
        )
        left = to_decimal(line.amount_residual, MONEY)
        charges.append(
            Charge(
                move.pwik_period_from,
                move.pwik_period_to,
                line.date_maturity,
                left + to_decimal(paid, MONEY),
                left,
            )
        )
        if line.date_maturity < today:
            overdue += line.amount_residual
    return tuple(charges), overdue
