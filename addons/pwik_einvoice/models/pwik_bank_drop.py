"""The drop folder of bank files: what the bank's program or a person puts there is taken in and booked."""

import os

from odoo import api, models
from odoo.exceptions import UserError

MAX_SIZE = 20 * 1024 * 1024  # bytes: a month of the largest customer base as MT940 has 15 MB
MIN_AGE = 30  # seconds for which a file must not have changed


class PwikBankImport(models.Model):
    _name = "pwik.bank.import"
    _inherit = ["pwik.bank.import", "pwik.drop.mixin"]

    _drop_option = "pwik_bank_drop_dir"

    @api.model
    def _get_drop_limits(self):
        return MIN_AGE, MAX_SIZE

    @api.model
    def _take_dropped(self, folder, name, data):
        """Kept and booked, committed, and only then out of the folder.

        A process killed in between finds the file again and knows it by its content: nothing is booked twice.
        """
        try:
            with self.env.cr.savepoint():
                taken, known = self._take_in_of_any_company(data, os.fsencode(name).decode(errors="replace"))
                taken._book_now()
        except UserError as error:
            put_away, note = folder.reject, str(error)
        else:
            put_away, note = folder.archive, taken._get_drop_report(known)
        self.env["ir.cron"]._commit_progress()
        self._put_away(put_away, name, note)

    @api.model
    def _take_in_of_any_company(self, data, name):
        """:meth:`_take_in` for the company whose journal has the account number of the file.

        :raise UserError: no company can read it; says why the first one cannot
        """
        failure = None
        for company in self._get_bank_companies():
            try:
                return self.with_company(company)._take_in(data, name)
            except UserError as error:
                failure = failure or error
        raise failure or UserError(self.env._("The company has no bank journal."))

    @api.model
    def _get_bank_companies(self):
        return self.env["account.journal"].search([("type", "=", "bank")], order="sequence, id").company_id

    def _get_drop_report(self, known):
        """Text beside an archived file: what became of its payments."""
        self.ensure_one()
        if known:
            return self._get_known_note()
        return self.env._(
            "New payments: %(new)s; assigned: %(matched)s; to be assigned: %(unmatched)s; held back: %(held)s; waiting: "
            "%(waiting)s; known already: %(known)s.",
            new=self.new_count,
            matched=self.matched_count,
            unmatched=self.unmatched_count,
            held=self.held_count,
            waiting=self.waiting_count,
            known=self.known_count,
        )
