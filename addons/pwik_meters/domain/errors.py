"""Errors of the register's domain."""


class DomainError(Exception):
    """Base of all errors raised in this package; models turn it into a message to the user."""


class UnknownLimitError(DomainError):
    """A rule asks for a threshold which neither the data nor the defaults hold."""


class NoHistoryError(DomainError):
    """There is nothing to estimate a reading from."""


class RegisterError(DomainError):
    """A value that a register of this size cannot show."""
