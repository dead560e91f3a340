"""Posting many invoices of one journal at once, and beside others who do the same."""

from odoo import models

FORMATS = "pwik_billing.sequence_formats"  # where the transaction keeps them


class AccountMove(models.Model):
    _inherit = "account.move"

    def _pwik_post_packet(self):
        """Post these drafts, made at once for one date: what the journal's last number looks like is looked up once."""
        data = self.env.cr.precommit.data
        data[FORMATS] = {}
        try:
            self._post(soft=False)
        finally:
            data.pop(FORMATS, None)

    def _get_next_sequence_format(self):
        """Within a packet the form of a number is the same for all; Odoo counts on from the first by itself.

        Without it, it would look up the last number before each invoice, and store the one before for this.
        """
        formats = self.env.cr.precommit.data.get(FORMATS)
        if formats is None or not self.pwik_settlement_id:
            return super()._get_next_sequence_format()
        key = self.journal_id, self.move_type, self.date
        if key not in formats:
            formats[key] = super()._get_next_sequence_format()
        form, values = formats[key]
        return form, dict(values)  # whoever asks changes them


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _compute_analytic_distribution(self):
        """Where the company has no rules of distribution, none is searched for, line by line."""
        if self.env.context.get("pwik_no_distribution"):
            self.analytic_distribution = False
            return
        super()._compute_analytic_distribution()
