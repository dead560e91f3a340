"""Overpayments that a customer wants carried to his next invoice are matched with it when it is posted."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _pwik_carry_overpayments(self):
        """Match these posted invoices with open credits of their customers, the oldest first, by Odoo's reconciliation.

        Only for customers whose wish it is (``pwik_overpayment``). One query for all; what is left of a credit stays open.
        """
        moves = self.filtered(
            lambda move: (
                move.state == "posted"
                and move.move_type == "out_invoice"
                and move.commercial_partner_id._pwik_carries_overpayment(move.company_id)
            )
        )
        if not moves:
            return
        # sudo: billing matches what it posted, whether or not the clerk may reconcile by hand
        lines = moves.sudo().line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        credits = (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", lines.partner_id.ids),
                    ("company_id", "in", moves.company_id.ids),
                    ("account_id", "in", lines.account_id.ids),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("amount_residual", "<", 0),
                ],
                order="date, id",
            )
        )
        for key, own in lines.grouped(self._pwik_matching_key).items():
            free = credits.filtered(lambda line, key=key: self._pwik_matching_key(line) == key)
            if free:
                (own | free).reconcile()

    @staticmethod
    def _pwik_matching_key(line):
        return line.partner_id, line.account_id, line.company_id

    def _get_pwik_to_pay(self):
        """What document, code and e-mails ask for, zł: the total less what was set against it when it was issued."""
        return self.currency_id.round(self.amount_total - self._get_pwik_carried())

    def _get_pwik_carried(self):
        """What was set against this invoice when it was issued, zł: overpayments and corrections of that day or before.

        A correction of this very invoice is none: it comes after it, and says itself what it lowers.
        """
        self.ensure_one()
        partials = self.sudo().line_ids.matched_credit_ids
        return sum(
            partial.amount
            for partial in partials
            if partial.credit_move_id.date <= self.invoice_date
            and partial.credit_move_id.move_id.reversed_entry_id != self
        )
