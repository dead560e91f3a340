"""Errors of the cases' domain: a code and parameters, never a sentence; the models find the words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field of what a person sent in.

    ``params`` are plain values (numbers, dates, texts) that the sentence will name.
    """

    field: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


class DomainError(Exception):
    """Base of all errors raised in this package; models turn it into a message to the user."""


class InputRefused(DomainError):
    """What a person sent in cannot be taken; ``problems`` says why, field by field."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__(", ".join(f"{p.field}: {p.code}" for p in self.problems))


class FileRefused(DomainError):
    """A file cannot be taken: ``code`` and ``params`` say why."""

    def __init__(self, code: str, **params: object):
        self.code = code
        self.params = params
        super().__init__(code)
