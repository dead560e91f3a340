from odoo import models
from odoo.fields import Command


class AccountBankStatementLine(models.Model):
    """Settling a bank entry with customers' open items. Odoo Community brings the entry and its suspense account, not this."""

    _inherit = "account.bank.statement.line"

    def _pwik_settle(self, partner, allocation, rest):
        """Replace the suspense line by one line for each open item that is paid (or paid back), and reconcile the pairs.

        :param partner: the customer (commercial partner)
        :param allocation: pairs (id of the open receivable line, Decimal amount above 0)
        :param rest: what is overpaid, above 0 (or paid back without a credit); stays open on his account
        """
        self.ensure_one()
        if self.amount < 0:
            allocation, rest = [(key, -amount) for key, amount in allocation], -rest
        claims = self.env["account.move.line"].browse([key for key, _amount in allocation])
        lines = [
            self._pwik_prepare_line(claim.account_id, amount, partner)
            for claim, (_key, amount) in zip(claims, allocation, strict=True)
        ]
        if rest:
            receivable = partner.with_company(self.company_id).property_account_receivable_id
            lines.append(self._pwik_prepare_line(receivable, rest, partner))
        made = self._pwik_replace_suspense(lines, partner)
        for claim, line in zip(claims, made, strict=False):
            (claim | line).reconcile()

    def _pwik_book_on(self, account):
        """Replace the suspense line by one on this account; reconcile it there with what it offsets, the oldest first."""
        self.ensure_one()
        line = self._pwik_replace_suspense([self._pwik_prepare_line(account, self.amount)])
        if account.reconcile:
            side = ">" if line.balance < 0 else "<"
            others = self.env["account.move.line"].search(
                [
                    ("account_id", "=", account.id),
                    ("company_id", "=", self.company_id.id),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("amount_residual", side, 0),
                ],
                order="date, id",
            )
            (line | others).reconcile()

    def _pwik_release(self):
        """Back on the suspense account, whatever it was settled with: Odoo's own undo, and no customer any more."""
        self.action_undo_reconciliation()
        self.partner_id = False

    def _pwik_prepare_line(self, account, amount, partner=None):
        return {
            "name": self.payment_ref,
            "account_id": account.id,
            "partner_id": partner.id if partner else False,
            "currency_id": self.currency_id.id,
            "amount_currency": -float(amount),
            "balance": -float(amount),
        }

    def _pwik_replace_suspense(self, lines, partner=None):
        """:return: the new journal items, in the order of ``lines``"""
        liquidity, suspense, others = self._seek_for_lines()
        kept = liquidity | others
        # the liquidity line carries the partner: Odoo takes the entry's from there
        commands = [Command.update(one.id, {"partner_id": partner.id}) for one in liquidity if partner]
        commands += [Command.delete(one.id) for one in suspense]
        commands += [Command.create(values) for values in lines]
        self.move_id.with_context(force_delete=True, skip_readonly_check=True).write({"line_ids": commands})
        return (self.move_id.line_ids - kept).sorted("id")
