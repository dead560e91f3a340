"""The drop folder of bank files: what the bank's program or a person puts there is taken in and booked."""

import logging
import os
from pathlib import Path

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.drop_folder import DropFolder, NotFinished, Refused
from odoo.exceptions import UserError
from odoo.tools import config

_logger = logging.getLogger(__name__)
MAX_SIZE = 20 * 1024 * 1024  # bytes: a month of the largest customer base as MT940 has 15 MB
MIN_AGE = 30  # seconds for which a file must not have changed


class PwikBankImport(models.Model):
    _inherit = "pwik.bank.import"

    @api.model
    def _get_drop_dir(self):
        """The folder; a matter of the server's administrator, so it is no record that a user might change."""
        return config.get("pwik_bank_drop_dir") or os.environ.get("PWIK_BANK_DROP_DIR") or False

    @api.model
    def _cron_drop_folder(self, min_age=MIN_AGE):
        """Take in what lies finished in the folder. Never fails because of a file."""
        path = self._get_drop_dir()
        if not path:
            return
        if not Path(path).is_dir():
            _logger.error("The drop folder of bank files %s is no folder", path)
            return
        with DropFolder(path, min_age, MAX_SIZE) as folder:
            names = folder.names()
            self.env["ir.cron"]._commit_progress(remaining=len(names))
            for name in names:
                self._take_dropped(folder, name)
                if not self.env["ir.cron"]._commit_progress(1):
                    break

    @api.model
    def _take_dropped(self, folder, name):
        """One entry of the folder: kept and booked, committed, and only then out of the folder.

        A process killed in between finds the file again and knows it by its content: nothing is booked twice.
        """
        imports = self.with_context(lang=self.env.company.partner_id.lang or self.env.lang)
        try:
            data = folder.fetch(name)
            with self.env.cr.savepoint():
                taken, known = imports._take_in_of_any_company(
                    data, os.fsencode(name).decode(errors="replace")
                )
                taken._book_now()
        except NotFinished:
            return
        except Refused as refusal:
            put_away, note = folder.reject, imports._get_refusal(refusal.code)
            if refusal.code == "directory":  # it may still be copied into: it stays, only the note is written
                put_away = folder.report
        except UserError as error:
            put_away, note = folder.reject, str(error)
        except OSError as error:
            _logger.warning("Drop folder: %r cannot be read: %s", name, error)
            return
        else:
            put_away, note = folder.archive, taken._get_drop_report(known)
        self.env["ir.cron"]._commit_progress()
        try:
            put_away(name, note)
        except OSError as error:
            _logger.warning("Drop folder: %r cannot be moved: %s", name, error)

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
            return self.env._(
                "This file was imported already on %(day)s as “%(name)s”.",
                day=fields.Datetime.context_timestamp(self, self.create_date).strftime("%Y-%m-%d %H:%M"),
                name=self.name,
            )
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

    @api.model
    def _get_refusal(self, code):
        return {
            "link": self.env._("Links are not followed: put the file itself here."),
            "special": self.env._("This is no regular file."),
            "directory": self.env._("Folders are not read: put the files themselves here."),
            "too_large": self.env._("The file is larger than %s MB.", MAX_SIZE // 1024 // 1024),
        }[code]
