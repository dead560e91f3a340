"""A file of the file store, which may lie on a share of the network that is away for a while."""

import errno

from odoo.addons.pwik_meters.tools.packets import StoreOutage


class StoredFile:
    """A file opened to be read: where the store fails, that is no damage of what it holds."""

    def __init__(self, path):
        """:raises StoreOutage: it is not there, or cannot be opened"""
        try:
            self._file = open(path, "rb")
        except OSError as error:
            raise StoreOutage(f"{path}: {error.strerror}") from error

    def read(self, size=-1):
        """:raises StoreOutage:"""
        return self._tell(self._file.read, size)

    def seek(self, place, whence=0):
        """:raises StoreOutage:"""
        return self._tell(self._file.seek, place, whence)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self._file.close()

    def __getattr__(self, name):
        return getattr(self._file, name)

    @staticmethod
    def _tell(work, *args):
        try:
            return work(*args)
        except OSError as error:
            if error.errno == errno.EINVAL:
                raise  # a place before the file's beginning: the archive's own mistake
            raise StoreOutage(f"the file store: {error.strerror}") from error
