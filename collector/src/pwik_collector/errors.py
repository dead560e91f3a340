"""What can go wrong, as exceptions whose text may be shown to the person at the computer."""


class CollectorError(Exception):
    """Base of all: the text is already in the user's language and names what to do."""


class TourError(CollectorError):
    """The tour file cannot be used."""


class DumpError(CollectorError):
    """The dump file cannot be written, repaired or exported."""


class TelegramError(CollectorError):
    """Bytes that are no wireless M-Bus telegram."""


class UploadError(CollectorError):
    """A dump was not taken by the server. ``permanent``: asking again would not help."""

    def __init__(self, message: str, *, permanent: bool = True, retry_after: float | None = None):
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
