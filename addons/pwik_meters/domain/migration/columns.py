"""What a kind of data consists of: columns with their parsers, and checks over a row."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from .parsers import TEXT
from .problems import Problem


def mark(text: str) -> str:
    """Mark ``text`` for translation where it stands; the models translate it for whoever looks."""
    return text


@dataclass(frozen=True, slots=True)
class Column:
    """``label`` heads the column in the template; ``name`` and the label's translations are accepted in files too.

    ``parser`` turns a stripped, non-empty text into a JSON value or raises CellError. ``reference`` names the kind (or
    another list of the register) that the text is a key of, or the texts where ``several``. ``past``: no day after today.
    ``example`` fills the template's example row.
    """

    name: str
    label: str
    parser: Callable[[str], Any] = TEXT
    required: bool = False
    help: str = ""
    example: str = ""
    reference: str | None = None
    several: bool = False
    past: bool = False


class Kind:
    """One kind of migrated data; subclasses lie one a file in ``kinds`` and are found there.

    ``code`` also names the methods of the models (``_create_<code>``), ``model`` what they make; ``natural`` are the
    columns that together may occur once in a file, besides the key.
    """

    code: ClassVar[str] = ""
    sequence: ClassVar[int] = 0
    label: ClassVar[str] = ""
    help: ClassVar[str] = ""
    model: ClassVar[str] = ""
    columns: ClassVar[tuple[Column, ...]] = ()
    natural: ClassVar[tuple[str, ...]] = ()
    key_columns: ClassVar[tuple[str, ...]] = ()
    takes_archive: ClassVar[bool] = False

    def get_column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def get_key(self, values: Mapping[str, Any]) -> str | None:
        """The predecessor's key of a row; where files have none, ``key_columns`` take its place."""
        if values.get("key"):
            return str(values["key"])
        parts = [str(values[name]) for name in self.key_columns if values.get(name) is not None]
        return "/".join(parts) if parts and len(parts) == len(self.key_columns) else None

    def get_natural(self, values: Mapping[str, Any]) -> str | None:
        parts = [str(values[name]) for name in self.natural if values.get(name) is not None]
        return "\x1f".join(parts) if parts and len(parts) == len(self.natural) else None

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        """Problems between the cells of one row, whose cells were parsed without any."""
        return ()


def check_order(values: Mapping[str, Any], first: str, second: str) -> Iterable[Problem]:
    """``second`` must not lie before ``first`` (ISO days)."""
    if values.get(first) and values.get(second) and values[second] < values[first]:
        yield Problem("order", second, {"first": {"day": values[first]}, "second": {"day": values[second]}})
