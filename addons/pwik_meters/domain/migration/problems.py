"""What is wrong with a file, a cell or a row: a code and its facts; the models make the sentence."""

from dataclasses import dataclass, field
from typing import Any

from ..errors import DomainError


@dataclass(frozen=True, slots=True)
class Problem:
    """``column`` is the column's name, None where the whole row is meant; ``params`` hold JSON values only."""

    code: str
    column: str | None = None
    params: dict[str, Any] = field(default_factory=dict)

    def pack(self) -> dict[str, Any]:
        """As it is kept with the row."""
        return {"code": self.code, "column": self.column, "params": self.params}


class _CodedError(DomainError):
    def __init__(self, code: str, **params: Any):
        super().__init__(code)
        self.code = code
        self.params = params


class FileError(_CodedError):
    """The file as a whole cannot be read: nothing of it goes in."""


class CellError(_CodedError):
    """A cell does not hold what its column wants."""

    def at(self, column: str) -> Problem:
        return Problem(self.code, column, self.params)
