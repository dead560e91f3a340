import contextlib
import os
import uuid

from odoo import api, models

from ..tools.packets import NoRoomError


class IrAttachment(models.Model):
    """Files that are stored whole or not at all."""

    _inherit = "ir.attachment"

    @api.model
    def _file_write(self, bin_value, checksum):
        """Write beside the final name first.

        Odoo writes under it: what a full disk or a killed process left of a file would make the same file "collide with an
        existing one" ever after, so that a dump could never be sent again.
        """
        name, path = self._get_path(bin_value, checksum)
        if not os.path.exists(path):
            draft = f"{path}-{uuid.uuid4().hex}"
            try:
                with open(draft, "xb") as file:
                    file.write(bin_value)
                self._mark_for_gc(name)  # in case the transaction is given up
                os.replace(draft, path)
            except OSError as error:
                with contextlib.suppress(OSError):
                    os.unlink(draft)
                raise NoRoomError(error.errno, error.strerror) from error
        return super()._file_write(bin_value, checksum)
