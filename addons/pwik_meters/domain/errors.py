"""Errors of the register's domain."""


class DomainError(Exception):
    """Base of all errors raised in this package; models turn it into a message to the user."""
