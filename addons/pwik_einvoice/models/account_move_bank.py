from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    # Titles name documents without the zeros of their numbers: found by the figure, among all entries there are.
    _pwik_sequence_number = models.Index("(sequence_number) WHERE state = 'posted'")


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # Who owes just this sum: a suggestion for payments that name nobody.
    _pwik_open_sum = models.Index("(amount_residual) WHERE reconciled IS NOT TRUE AND amount_residual > 0")
