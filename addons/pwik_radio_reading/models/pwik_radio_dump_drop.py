import logging
import os
from pathlib import Path

from odoo import api, fields, models
from odoo.addons.pwik_meters.tools.drop_folder import DropFolder, NotFinished, Refused
from odoo.tools import config

_logger = logging.getLogger(__name__)


class PwikRadioDump(models.Model):
    """The drop folder: a file that appears there becomes a dump."""

    _inherit = "pwik.radio.dump"

    @api.model
    def _get_drop_dir(self):
        """The folder; a matter of the server's administrator, so it is no record that a user might change."""
        return config.get("pwik_drop_dir") or os.environ.get("PWIK_DROP_DIR") or False

    @api.model
    def _cron_drop_folder(self):
        """Take in what lies finished in the drop folder. Never fails because of a file."""
        path = self._get_drop_dir()
        if not path:
            return
        if not Path(path).is_dir():
            _logger.error("The drop folder %s is no folder", path)
            return
        with DropFolder(path, self._get_parameter("drop_min_age"), self._get_max_size()) as folder:
            names = folder.names()
            self.env["ir.cron"]._commit_progress(remaining=len(names))
            for name in names:
                self._take_dropped(folder, name)
                if not self.env["ir.cron"]._commit_progress(1):
                    break

    @api.model
    def _take_dropped(self, folder, name):
        """One entry of the folder: into a dump and readings, then out of the folder."""
        try:
            data = folder.fetch(name)
        except NotFinished:
            return
        except Refused as refusal:
            self._refuse_dropped(folder, name, refusal.code)
            return
        except OSError as error:
            _logger.warning("Drop folder: %r cannot be read: %s", name, error)
            return
        dump, duplicate = self._run_isolated(
            lambda: self._take_in(data, name, "drop", dropped_as=self._prepare_name(name))
        )
        if self._in_cron():
            # from here on a killed job finds the file again and knows that it is its own
            self.env["ir.cron"]._commit_progress()
        resumed = duplicate and dump.dropped_as == self._prepare_name(name)
        if (not duplicate or resumed) and not dump._process():
            return
        self._put_away(folder, name, dump, duplicate and not resumed)

    def _put_away(self, folder, name, dump, duplicate):
        dump = dump.with_context(lang=self._get_report_lang())
        note = dump.message
        if duplicate:
            note = dump.env._(
                "This file was imported already on %(day)s as “%(name)s”.",
                day=fields.Datetime.context_timestamp(dump, dump.create_date).strftime("%Y-%m-%d %H:%M"),
                name=dump.name,
            )
        try:
            if dump.state == "error":
                folder.reject(name, "\n".join(filter(None, (note, dump.error_detail))))
            else:
                folder.archive(name, note)
        except OSError as error:
            _logger.warning("Drop folder: %r cannot be moved: %s", name, error)
            return
        if dump.dropped_as:
            dump.dropped_as = False

    @api.model
    def _refuse_dropped(self, folder, name, code):
        env = self.with_context(lang=self._get_report_lang()).env
        reasons = {
            "link": env._("Links are not followed: put the file itself here."),
            "special": env._("This is no regular file."),
            "directory": env._("Folders are not read: put the files themselves here."),
            "too_large": env._("The file is larger than %s MB.", folder.max_size // 1024 // 1024),
        }
        _logger.warning("Drop folder: %r refused: %s", name, code)
        try:
            # A folder may still be copied into: it stays where it is, only the note is written
            (folder.report if code == "directory" else folder.reject)(name, reasons[code])
        except OSError as error:
            _logger.warning("Drop folder: %r cannot be moved: %s", name, error)

    @api.model
    def _get_report_lang(self):
        return self.env.company.partner_id.lang or self.env.lang
