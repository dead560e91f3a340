"""Each water invoice names an individual account: given when the invoice is made, if it was not given with the contract."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        """The payer's account, once for all invoices of a packet. It lies on the customer, not among the company's bank
        accounts, which Odoo reads one by one for every invoice that it makes."""
        waiting = self.filtered(
            lambda move: (
                move.pwik_settlement_id
                and move.company_id.pwik_account_branch
                and not move.partner_id.pwik_payment_account
            )
        )
        for company, moves in waiting.grouped("company_id").items():
            # sudo: who may bill may not edit customers
            moves.partner_id.sudo()._pwik_assign_payment_account(company)
        return super()._post(soft=soft)
