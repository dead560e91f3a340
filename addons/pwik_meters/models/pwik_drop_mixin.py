import logging
import os
from pathlib import Path

from odoo import api, fields, models
from odoo.tools import config

from ..tools.drop_folder import DropFolder, NotFinished, Refused

_logger = logging.getLogger(__name__)


class PwikDropMixin(models.AbstractModel):
    """A model whose files also come through a folder of the server, by a scheduled action.

    What a finished file becomes says :meth:`_take_dropped`; the folder itself is ``tools/drop_folder.py``.
    """

    _name = "pwik.drop.mixin"
    _description = "Files come through a drop folder"

    # Option of the server's configuration that names the folder; in capitals, the environment variable.
    _drop_option = None

    @api.model
    def _get_drop_dir(self):
        """The folder; a matter of the server's administrator, so it is no record that a user might change."""
        return config.get(self._drop_option) or os.environ.get(self._drop_option.upper()) or False

    @api.model
    def _get_drop_limits(self):
        """Seconds for which a file must not have changed, and the most bytes that it may have."""
        raise NotImplementedError

    @api.model
    def _take_dropped(self, folder, name, data):
        """Make of a file what it is, and put it away; where it stays, it comes again at the next run.

        :param folder: the DropFolder, open
        :param bytes data: content of the file
        """
        raise NotImplementedError

    @api.model
    def _cron_drop_folder(self):
        """Take in what lies finished in the drop folder. Never fails because of a file."""
        path = self._get_drop_dir()
        if not path:
            return
        if not Path(path).is_dir():
            _logger.error("The drop folder %s (%s) is no folder", path, self._drop_option)
            return
        files = self.with_context(lang=self.env.company.partner_id.lang or self.env.lang)
        with DropFolder(path, *self._get_drop_limits()) as folder:
            names = folder.names()
            self.env["ir.cron"]._commit_progress(remaining=len(names))
            for name in names:
                files._take_entry(folder, name)
                if not self.env["ir.cron"]._commit_progress(1):
                    break

    @api.model
    def _take_entry(self, folder, name):
        try:
            data = folder.fetch(name)
        except NotFinished:
            return
        except Refused as refusal:
            _logger.warning("Drop folder: %r refused: %s", name, refusal.code)
            # A folder may still be copied into: it stays where it is, only the note is written
            put_away = folder.report if refusal.code == "directory" else folder.reject
            self._put_away(put_away, name, self._get_drop_refusal(refusal.code, folder.max_size))
        except OSError as error:
            _logger.warning("Drop folder: %r cannot be read: %s", name, error)
        else:
            self._take_dropped(folder, name, data)

    @api.model
    def _put_away(self, put_away, name, note):
        """:param put_away: a method of the DropFolder. :return: whether the file could be moved"""
        try:
            put_away(name, note)
        except OSError as error:
            _logger.warning("Drop folder: %r cannot be moved: %s", name, error)
            return False
        return True

    @api.model
    def _get_drop_refusal(self, code, max_size):
        return {
            "link": self.env._("Links are not followed: put the file itself here."),
            "special": self.env._("This is no regular file."),
            "directory": self.env._("Folders are not read: put the files themselves here."),
            "too_large": self.env._("The file is larger than %s MB.", max_size // 1024 // 1024),
        }[code]

    def _get_known_note(self):
        """What stands beside a file whose content came before, as this record."""
        self.ensure_one()
        return self.env._(
            "This file was imported already on %(day)s as “%(name)s”.",
            day=fields.Datetime.context_timestamp(self, self.create_date).strftime("%Y-%m-%d %H:%M"),
            name=self.display_name,
        )
