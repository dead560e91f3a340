"""Errors of the radio domain. ``code`` is what is stored on a dump line and printed by ``./pwik decode``."""


class DomainError(Exception):
    """Base of all errors of this domain."""

    code = "error"

    def __init__(self, message: str = ""):
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])

    @property
    def message(self) -> str:
        return str(self.args[0])


class TelegramError(DomainError):
    """The telegram cannot be decoded."""

    code = "bad_telegram"


class NotHexError(TelegramError):
    """The telegram is not hexadecimal text."""

    code = "bad_hex"


class BadLengthError(TelegramError):
    """The length field does not fit the number of bytes."""

    code = "bad_length"


class TruncatedError(TelegramError):
    """The telegram ends before what it announces."""

    code = "truncated"


class BadCrcError(TelegramError):
    """A checksum of the telegram is wrong."""

    code = "bad_crc"


class NoKeyError(TelegramError):
    """The telegram is encrypted and no key was given."""

    code = "no_key"


class WrongKeyError(TelegramError):
    """The key does not open the telegram."""

    code = "wrong_key"


class InClearError(TelegramError):
    """The key did not open the telegram: it came in clear, or hidden by a key that everybody knows."""

    code = "in_clear"


class UnknownEncodingError(TelegramError):
    """The telegram uses an encoding that is not known."""

    code = "unknown_encoding"


class ImplausibleError(TelegramError):
    """The decoded values cannot be true."""

    code = "implausible"


class BadKeyError(DomainError):
    """A key is not 16 bytes."""

    code = "bad_key"


class DumpError(DomainError):
    """The file cannot be read as a dump."""

    code = "bad_file"


class EmptyFileError(DumpError):
    """The file is empty."""

    code = "empty_file"


class BinaryFileError(DumpError):
    """The file is binary and no known archive."""

    code = "binary_file"


class UnknownFormatError(DumpError):
    """No known dump format fits the file."""

    code = "unknown_format"


class ArchiveError(DumpError):
    """The archive is damaged or encrypted."""

    code = "bad_archive"


class ArchiveLimitError(DumpError):
    """The archive unpacks to more than is allowed."""

    code = "archive_limit"


class LineError(DomainError):
    """The line does not fit the format of the dump."""

    code = "bad_line"


class LineTooLongError(LineError):
    """The line is longer than any telegram can be."""

    code = "line_too_long"


class ReceiverCrcError(LineError):
    """The receiver itself reported a wrong checksum."""

    code = "bad_crc"


class ProfileError(DomainError):
    """The mapping profile is not usable."""

    code = "bad_profile"


class KeyFileError(DomainError):
    """The key file cannot be read."""

    code = "bad_key_file"


class PasswordError(KeyFileError):
    """The key file needs a password, or it is wrong."""

    code = "wrong_password"
