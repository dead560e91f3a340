import contextlib
import os
import pathlib
import resource

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..tools.packets import OUTAGES, NoRoomError

CONTENT = os.urandom(300_000)


@tagged("post_install", "-at_install")
class TestAttachment(TransactionCase):
    """A file that finds no room leaves nothing behind that would be taken for it."""

    @contextlib.contextmanager
    def no_room(self, limit=100_000):
        """The system itself refuses to let a file grow beyond `limit` bytes."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    def keep(self):
        return self.env["ir.attachment"].create({"name": "plik.bin", "raw": CONTENT})

    def stored(self):
        """What lies in the file store under this content's name, or beside it."""
        checksum = self.env["ir.attachment"]._compute_checksum(CONTENT)
        folder = pathlib.Path(self.env["ir.attachment"]._filestore()) / checksum[:2]
        return sorted(path.name for path in folder.glob(f"{checksum}*"))

    @mute_logger("odoo.addons.base.models.ir_attachment")
    def test_the_same_file_is_taken_once_there_is_room(self):
        with self.no_room(), self.assertRaises(NoRoomError), self.env.cr.savepoint():
            self.keep()
        self.assertEqual(self.stored(), [], "nothing is left of the one that found no room")
        attachment = self.keep()
        self.assertEqual(attachment.raw, CONTENT)
        self.assertEqual(len(self.stored()), 1)

    def test_it_is_no_fault_of_a_record(self):
        self.assertTrue(issubclass(NoRoomError, OUTAGES))
