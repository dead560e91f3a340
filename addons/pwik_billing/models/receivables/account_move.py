"""Entries behind interest notes and fees follow their document: they are not edited past it."""

from odoo import fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    pwik_interest_note_ids = fields.One2many(
        "pwik.interest.note", "move_id", "Interest notes", groups="pwik_meters.pwik_meters_group_user"
    )

    def _pwik_refuse_if_note(self):
        if self.env.context.get("pwik_claim_cancel"):
            return
        notes = self.sudo().pwik_interest_note_ids.filtered(lambda note: note.state != "cancelled")
        if notes:
            raise UserError(
                self.env._(
                    "The entry belongs to interest note %s: cancel the note.",
                    ", ".join(notes.mapped("number")),
                )
            )

    def button_draft(self):
        self._pwik_refuse_if_note()
        return super().button_draft()

    def button_cancel(self):
        self._pwik_refuse_if_note()
        return super().button_cancel()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._pwik_refuse_if_note()
        return super()._reverse_moves(default_values_list=default_values_list, cancel=cancel)

    def _get_starting_sequence(self):
        """Interest notes are numbered by the year: NO/2026/00001."""
        if self.journal_id and self.journal_id == self.company_id.pwik_interest_journal_id:
            day = self.date or fields.Date.context_today(self)
            return f"{self.journal_id.code}/{day.year:04d}/00000"
        return super()._get_starting_sequence()
